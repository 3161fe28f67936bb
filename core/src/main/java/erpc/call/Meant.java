package erpc.call;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What somebody may have meant whose address of a method is none. Only for error messages. */
final class Meant {
  private static final Pattern SCHEME = Pattern.compile("(ip|list|dns|unix|file):/{0,2}");

  /** Host and port, several with commas, and what follows the slash. */
  private static final Pattern PLACE =
      Pattern.compile("(\\[[^]/]*]|[^/:]*)(:[0-9]{1,5})((?:,[^/]*)?)(?:/(.*))?");

  private static final Pattern LITERAL = Pattern.compile("[0-9]+(\\.[0-9]+){3}|\\[.*]");
  private static final Pattern SEPARATOR = Pattern.compile("::|[/#:]");
  private static final Set<String> URL_SCHEMES = Set.of("http", "https", "grpc", "tcp", "erpc");
  private static final String ANY_METHOD = "SERVICE.METHOD";

  private Meant() {}

  /** The address that was meant, or null if nobody can tell. */
  static @Nullable String address(String typed) {
    if (typed.length() > Printable.MAX_LENGTH) {
      return null;
    }
    int mark = typed.indexOf("://");
    Matcher known = SCHEME.matcher(typed);
    if (mark < 0 && known.lookingAt()) {
      String rest = typed.substring(known.end());
      return known.group(1).equals("unix") || known.group(1).equals("file")
          ? known.group(1) + ":///" + rest
          : place(known.group(1), rest);
    }
    if (mark >= 0) {
      // A scheme of users' own goes as it is; those of URLs are none here.
      String scheme = typed.substring(0, mark);
      return place(URL_SCHEMES.contains(scheme) ? "" : scheme, typed.substring(mark + 3));
    }
    String place = place("", typed);
    if (place != null) {
      return place;
    }
    int slash = typed.indexOf('/');
    // A dot after the slash is that of a method, so a host stands before it, and lacks its port.
    return slash > 0 && typed.indexOf('.', slash) > 0
        ? scheme(typed.substring(0, slash), false)
            + "://"
            + typed.substring(0, slash)
            + ":PORT/"
            + method(typed.substring(slash + 1))
        : methodName(typed);
  }

  private static @Nullable String place(String scheme, String rest) {
    Matcher found = PLACE.matcher(rest);
    if (!found.matches()) {
      return null;
    }
    String host = found.group(1).isEmpty() ? "127.0.0.1" : found.group(1);
    String chosen = scheme.isEmpty() ? scheme(host, !found.group(3).isEmpty()) : scheme;
    String after = found.group(4) == null ? "" : found.group(4);
    return chosen + "://" + host + found.group(2) + found.group(3) + "/" + method(after);
  }

  private static String scheme(String host, boolean several) {
    return several ? "list" : LITERAL.matcher(host).matches() ? "ip" : "dns";
  }

  private static String method(String typed) {
    String name = methodName(typed);
    return name == null ? ANY_METHOD : name;
  }

  /** The name with dots where others write slashes, or null if it is none all the same. */
  private static @Nullable String methodName(String typed) {
    String bare = typed.replaceAll("^/+|/+$", "");
    String name = SEPARATOR.matcher(bare).replaceAll(".");
    int dot = name.lastIndexOf('.');
    return dot > 0 && dot < name.length() - 1 && name.chars().allMatch(Names::isNameCharacter)
        ? name
        : null;
  }
}
