package erpc.codegen;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How classes are called in one generated file: by their simple names where these mean only one,
 * else by the whole ones. The same uses in the same order give the same names.
 */
final class Imports {
  /** What generated code needs besides messages; these names always mean that. */
  private static final Set<String> OURS =
      Set.of(
          "CallOptions",
          "Caller",
          "CompletableFuture",
          "Deprecated",
          "Handlers",
          "Incoming",
          "List",
          "Method",
          "Override",
          "Service",
          "SuppressWarnings");

  private final String ownPackage;

  /** Simple names of the file's own types. */
  private final Set<String> reserved;

  /** Simple names of classes of the same package. */
  private final Set<String> neighbours;

  private final Map<String, String> known = new HashMap<>(); // simple name to whole name
  private final TreeSet<String> imported = new TreeSet<>();

  Imports(String ownPackage, Collection<String> reserved, Collection<String> neighbours) {
    this.ownPackage = ownPackage;
    this.reserved = Set.copyOf(reserved);
    this.neighbours = Set.copyOf(neighbours);
  }

  /** What to write for a class that generated code needs. */
  String ours(String itsPackage, String simple) {
    String whole = itsPackage + "." + simple;
    // Without a package the messages have no other names than their simple ones.
    boolean free = !ownPackage.isEmpty() || !neighbours.contains(simple);
    if (reserved.contains(simple) || !free) {
      return whole;
    }
    if (!itsPackage.equals("java.lang") || neighbours.contains(simple)) {
      imported.add(whole);
    }
    return simple;
  }

  /**
   * What to write for a message.
   *
   * @param itsPackage empty for none
   * @param path the outermost class and what is nested in it
   */
  String message(String itsPackage, String path) {
    int dot = path.indexOf('.');
    String simple = dot < 0 ? path : path.substring(0, dot);
    return itsPackage.isEmpty() || isSimple(simple, itsPackage) ? path : itsPackage + "." + path;
  }

  private boolean isSimple(String simple, String itsPackage) {
    boolean own = itsPackage.equals(ownPackage);
    if (OURS.contains(simple)
        || reserved.contains(simple)
        || (!own && neighbours.contains(simple))) {
      return false;
    }
    String whole = itsPackage + "." + simple;
    if (!known.computeIfAbsent(simple, unused -> whole).equals(whole)) {
      return false;
    }
    if (!own) {
      imported.add(whole);
    }
    return true;
  }

  /** The lines to write at the top. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    imported.forEach(each -> lines.add("import " + each + ";"));
    return lines;
  }
}
