package erpc.maven;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A sum of texts and files by their content: times tell nothing of a checkout. */
final class Fingerprint {
  private final MessageDigest digest;

  Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  Fingerprint add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** With its length, so that no two lists of texts are one. */
  private Fingerprint add(byte[] bytes) {
    digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
    return this;
  }

  /** Adds a file, unless it is a folder or not there. */
  void addFile(Path name, Path file) throws IOException {
    if (Files.isRegularFile(file)) {
      add(name.toString());
      add(Files.readAllBytes(file));
    }
  }

  /** Adds all {@code .proto} files below a folder, with their names. */
  void addProtos(Path folder) throws IOException {
    add(folder.toString());
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> protos = all.filter(each -> each.toString().endsWith(".proto")).sorted().toList();
      for (Path each : protos) {
        addFile(folder.relativize(each), each);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  String text() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Where a class was loaded from: the jar of a version that is still under way changes too. */
  static Path jarOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class that comes from nowhere", e);
    }
  }
}
