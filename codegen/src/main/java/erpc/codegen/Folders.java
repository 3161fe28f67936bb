package erpc.codegen;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Files below a folder, by their paths with slashes. */
final class Folders {
  private Folders() {}

  /** The path of a file below a folder, the same on every system. */
  static String name(Path folder, Path file) {
    StringBuilder name = new StringBuilder();
    for (Path part : folder.relativize(file)) {
      name.append(name.isEmpty() ? "" : "/").append(part);
    }
    return name.toString();
  }

  /** The texts of all files below a folder. */
  static SortedMap<String, String> texts(Path folder) throws IOException {
    SortedMap<String, String> texts = new TreeMap<>();
    for (Path file : below(folder)) {
      if (Files.isRegularFile(file)) {
        texts.put(name(folder, file), Files.readString(file));
      }
    }
    return texts;
  }

  /** The {@code .proto} files below a folder, sorted by their paths. */
  static List<Path> protos(Path folder) throws IOException {
    return below(folder, FileVisitOption.FOLLOW_LINKS).stream()
        .filter(each -> each.toString().endsWith(".proto") && Files.isRegularFile(each))
        .sorted(Comparator.comparing(each -> name(folder, each)))
        .toList();
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    for (Path each : below(folder).stream().sorted(Comparator.reverseOrder()).toList()) {
      Files.deleteIfExists(each);
    }
  }

  private static List<Path> below(Path folder, FileVisitOption... how) throws IOException {
    try (Stream<Path> all = Files.walk(folder, how)) {
      return all.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
