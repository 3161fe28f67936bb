package erpc.tools;

import erpc.call.Names;
import erpc.call.Printable;
import erpc.call.Target;
import erpc.discovery.wire.Instance;
import erpc.server.wire.MethodDescription;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a person asks about: a server, or a service or method, of one server or by name.
 *
 * @param server who is asked, by its scheme and place; null for whom the center names
 * @param name a service or a method, or empty for all of the server
 */
record Subject(@Nullable Target server, String name) {
  /** How many names a message has at most. */
  private static final int MAX_NAMED = 50;

  private static final String OWN = "erpc.";

  /**
   * Reads an argument.
   *
   * @throws IllegalArgumentException saying what is wrong and what to write
   */
  static Subject parse(String text) {
    int mark = text.indexOf("://");
    if (mark < 0) {
      if (text.indexOf(':') >= 0 || text.indexOf('/') >= 0) {
        throw malformed(text);
      }
      return new Subject(null, Names.checkService(text));
    }
    String scheme = text.substring(0, mark);
    String rest = text.substring(mark + 3);
    int slash = rest.lastIndexOf('/');
    boolean alone = slash < 0 || (slash < rest.length() - 1 && isFile(scheme, rest));
    String where = alone ? rest : rest.substring(0, slash);
    String name = alone ? "" : rest.substring(slash + 1);
    if (scheme.isEmpty() || where.isEmpty()) {
      throw malformed(text);
    }
    Target server = new Target(scheme, where, Descriptions.DESCRIBE.name());
    return new Subject(server, name.isEmpty() ? "" : Names.checkService(name));
  }

  /** Where places are paths, the last word of one may look like a name. */
  private static boolean isFile(String scheme, String path) {
    try {
      return (scheme.equals("unix") || scheme.equals("file"))
          && Files.exists(Path.of(path))
          && !Files.isDirectory(Path.of(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'"
            + Printable.of(text)
            + "' is neither a name, as demo or demo.echo, nor an address: write ip://IP:PORT for all"
            + " methods of a server, ip://IP:PORT/NAME for one or those of a service");
  }

  /**
   * Those of a server's methods that are asked for, by service and name.
   *
   * @param own whether erpc's own methods are asked for, where all are
   * @throws CallFailure if it has none, or the name says two things
   */
  List<MethodDescription> chosen(List<MethodDescription> all, boolean own) throws CallFailure {
    List<MethodDescription> sorted =
        all.stream()
            .sorted(
                Comparator.comparing(Descriptions::service)
                    .thenComparing(MethodDescription::getName))
            .toList();
    if (name.isEmpty()) {
      List<MethodDescription> shown =
          sorted.stream().filter(each -> own || !each.getName().startsWith(OWN)).toList();
      if (shown.isEmpty()) {
        throw new CallFailure("the server has no methods but erpc's own; --all shows those");
      }
      return shown;
    }
    List<MethodDescription> service =
        sorted.stream().filter(each -> Descriptions.service(each).equals(name)).toList();
    List<MethodDescription> method =
        sorted.stream().filter(each -> each.getName().equals(name)).toList();
    if (!service.isEmpty() && !method.isEmpty()) {
      throw both(name, named(service.stream().map(MethodDescription::getName)));
    }
    if (service.isEmpty() && method.isEmpty()) {
      throw neither(sorted);
    }
    return service.isEmpty() ? method : service;
  }

  /** Who says a name that a service and a method have is told how to say one of them. */
  static CallFailure both(String name, String methods) {
    int dot = name.lastIndexOf('.');
    return new CallFailure(
        name
            + " is a method, and a service too, which has "
            + methods
            + "; ask for one of these, or for the method's service "
            + name.substring(0, Math.max(0, dot)));
  }

  private CallFailure neither(List<MethodDescription> all) {
    return new CallFailure(
        "the server has no service and no method "
            + name
            + "; it has "
            + named(
                all.stream()
                    .map(MethodDescription::getName)
                    .filter(each -> !each.startsWith(OWN))));
  }

  /** The names of all methods that these have. */
  static String methods(Collection<Instance> instances) {
    return named(instances.stream().flatMap(each -> each.getMethodsList().stream()));
  }

  private static String named(Stream<String> names) {
    TreeSet<String> sorted =
        names.map(Printable::of).collect(Collectors.toCollection(TreeSet::new));
    if (sorted.isEmpty()) {
      return "none";
    }
    String first = sorted.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
    int more = sorted.size() - MAX_NAMED;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
