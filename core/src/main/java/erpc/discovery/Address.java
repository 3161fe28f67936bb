package erpc.discovery;

import erpc.call.Printable;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address taken apart. The host is a name in lower case or an IP address in its usual form; it
 * is empty and the port 0 if there is a path of a Unix socket.
 */
record Address(String host, int port, @Nullable String unixPath) {
  /** The longest path of a Unix socket, in bytes: {@code sun_path} without its terminating zero. */
  static final int MAX_UNIX_PATH_BYTES = 107;

  private static final int MAX_HOST_LENGTH = 253;
  private static final String UNIX = "unix:";
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");
  private static final Pattern LIKE_IPV6 = Pattern.compile("[0-9a-fA-F:.\\[\\]]+");
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_][a-z0-9_-]{0,62})*\\.?");
  private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?[0-9]+\\.?");

  /**
   * Reads {@code host:port}, {@code [IPv6]:port} or {@code unix:/path}.
   *
   * @throws IllegalArgumentException saying what is wrong and how an address looks
   */
  static Address parse(String text) {
    if (text.startsWith(UNIX)) {
      return unix(text.substring(UNIX.length()));
    }
    int scheme = text.indexOf("://");
    if (scheme >= 0) {
      throw malformed(text, "is a URL" + inUrl(text.substring(scheme + 3)));
    }
    int colon = text.lastIndexOf(':');
    if (colon < 0 || text.endsWith("]")) {
      throw malformed(text, "has no port");
    }
    String host = text.substring(0, colon);
    if (host.indexOf(':') >= 0 && isIpv6(text)) {
      throw malformed(
          text, "has an IPv6 address without its brackets" + bracketed(text, host, colon));
    }
    int port = port(text, text.substring(colon + 1));
    if (host.indexOf(':') >= 0 && !isBracketed(host) && LIKE_IPV6.matcher(host).matches()) {
      throw malformed(text, "has an IPv6 address without its brackets, as in [::1]:" + port);
    }
    return new Address(hostOf(text, host), port, null);
  }

  /**
   * Reads a host without a port: a name, an IPv4 address, or an IPv6 address in brackets.
   *
   * @return the host as {@link #parse} has it
   * @throws IllegalArgumentException saying what is wrong and how a host looks
   */
  static String parseHost(String text) {
    if (text.indexOf(':') >= 0 && !isBracketed(text)) {
      throw malformed(
          text,
          isIpv6(text)
              ? "has an IPv6 address without its brackets; write [" + text + "]"
              : "has a host that is none");
    }
    return hostOf(text, text);
  }

  private static String hostOf(String text, String host) {
    return isBracketed(host) ? ipv6(text, host.substring(1, host.length() - 1)) : name(text, host);
  }

  private static boolean isBracketed(String host) {
    return host.startsWith("[") && host.endsWith("]");
  }

  private static boolean isIpv6(String text) {
    try {
      String unused = ipv6(text, text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** What somebody may have meant who wrote an IPv6 address alone, which may end in a port. */
  private static String bracketed(String text, String host, int colon) {
    String whole = "; write [" + text + "]:8877 with its port";
    String last = text.substring(colon + 1);
    return isIpv6(host) && PORT.matcher(last).matches() && last.length() > 2
        ? whole + ", or [" + host + "]:" + last
        : whole;
  }

  private static String inUrl(String rest) {
    int end = rest.indexOf('/');
    try {
      return "; write " + parse(end < 0 ? rest : rest.substring(0, end));
    } catch (IllegalArgumentException e) {
      return "; write host and port of it alone";
    }
  }

  /**
   * The address of a Unix socket at an absolute path of at most {@link #MAX_UNIX_PATH_BYTES}.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  static Address unix(String path) {
    if (!path.startsWith("/") || path.length() == 1 || path.endsWith("/")) {
      throw badPath(path, "must be absolute and name a file, as in /run/demo.sock");
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      throw badPath(path, "has a control character");
    }
    int bytes = path.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_UNIX_PATH_BYTES) {
      throw badPath(path, "has " + bytes + " bytes; the system's limit is " + MAX_UNIX_PATH_BYTES);
    }
    return new Address("", 0, path);
  }

  /** The address of a port at an IP address. */
  static Address of(InetAddress host, int port) {
    return new Address(textOf(host), port, null);
  }

  /** True if nothing needs to be looked up: an IP address or a Unix socket. */
  boolean isLiteral() {
    return unixPath != null || host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    if (unixPath != null) {
      return UNIX + unixPath;
    }
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }

  private static int port(String text, String digits) {
    int port = PORT.matcher(digits).matches() ? Integer.parseInt(digits) : 0;
    if (port < 1 || port > 65535) {
      throw malformed(
          text,
          digits.isEmpty()
              ? "has no port after the colon"
              : "has port '" + Printable.of(digits) + "', which is not a number from 1 to 65535");
    }
    return port;
  }

  private static String name(String text, String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    if (lower.isEmpty()) {
      throw malformed(text, "has no host before the port");
    }
    // What ends in a number was meant as an IP address; as a name it would be looked up in vain, or
    // by some libraries read as an octal or a shortened address.
    if (ENDS_IN_NUMBER.matcher(lower).matches() && !IPV4.matcher(lower).matches()) {
      throw malformed(text, "has '" + Printable.of(host) + "', which is no valid IPv4 address");
    }
    if (lower.length() > MAX_HOST_LENGTH || !NAME.matcher(lower).matches()) {
      throw malformed(text, "has '" + Printable.of(host) + "', which is no valid host name");
    }
    return lower;
  }

  private static String ipv6(String text, String literal) {
    int percent = literal.indexOf('%');
    String plain = percent < 0 ? literal : literal.substring(0, percent);
    String zone = percent < 0 ? "" : literal.substring(percent);
    if (IPV6.matcher(plain).matches()
        && plain.indexOf(':') >= 0
        && (zone.isEmpty() || ZONE.matcher(zone.substring(1)).matches())) {
      try {
        // Nothing is looked up: what has a colon is a literal or an error.
        return textOf(InetAddress.getByName(plain)) + zone;
      } catch (UnknownHostException e) {
        // Falls through to the same complaint.
      }
    }
    throw malformed(text, "has '" + Printable.of(literal) + "', which is no valid IPv6 address");
  }

  /** The address in its usual form; that of IPv6 is RFC 5952's, with its zone if it has one. */
  private static String textOf(InetAddress address) {
    String plain = address.getHostAddress();
    if (!(address instanceof Inet6Address)) {
      return plain;
    }
    int percent = plain.indexOf('%');
    return shortened(address.getAddress()) + (percent < 0 ? "" : plain.substring(percent));
  }

  private static String shortened(byte[] address) {
    int[] groups = new int[8];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
    }
    int gap = 0;
    int gapLength = 0;
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - i > gapLength) {
        gap = i;
        gapLength = end - i;
      }
    }
    if (gapLength < 2) {
      return joined(groups, 0, groups.length);
    }
    return joined(groups, 0, gap) + "::" + joined(groups, gap + gapLength, groups.length);
  }

  private static String joined(int[] groups, int from, int to) {
    StringBuilder out = new StringBuilder();
    for (int i = from; i < to; i++) {
      out.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return out.toString();
  }

  private static IllegalArgumentException malformed(String text, String what) {
    return new IllegalArgumentException(
        "address '"
            + Printable.of(text)
            + "' "
            + what
            + "; an address is host:port, [IPv6]:port or unix:/path, as in 127.0.0.1:8877");
  }

  private static IllegalArgumentException badPath(String path, String what) {
    return new IllegalArgumentException(
        "path of a Unix socket '" + Printable.of(path) + "' " + what);
  }
}
