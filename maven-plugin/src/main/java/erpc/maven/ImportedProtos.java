package erpc.maven;

import erpc.codegen.CodegenException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.maven.artifact.Artifact;

/**
 * The {@code .proto} files in the jars of a project's dependencies, which protoc reads only from
 * folders: each jar's are unpacked once into a folder of their own.
 */
final class ImportedProtos {
  /** A larger one is not a file that people wrote, in bytes. */
  private static final long LARGEST = 16L << 20;

  private final Path folder;

  ImportedProtos(Path folder) {
    this.folder = folder;
  }

  /** The folders to look for imports in, in the order of the class path. */
  List<Path> of(Collection<Artifact> artifacts) throws CodegenException, IOException {
    List<Path> found = new ArrayList<>();
    for (Artifact each : artifacts) {
      if (each.getFile() == null) {
        continue;
      }
      Path file = each.getFile().toPath();
      if (Files.isDirectory(file)) { // a module of the same build that has no jar yet
        found.add(file);
      } else if (file.toString().endsWith(".jar") && Files.isRegularFile(file)) {
        Path unpacked = unpack(file, folder.resolve(name(each)));
        if (Files.isDirectory(unpacked)) {
          found.add(unpacked);
        }
      }
    }
    return found;
  }

  private static String name(Artifact of) {
    String classifier = of.getClassifier() == null ? "" : "-" + of.getClassifier();
    return of.getGroupId() + "." + of.getArtifactId() + "-" + of.getVersion() + classifier;
  }

  /** Unpacks a jar unless it has been before; makes no folder if there is nothing to unpack. */
  static Path unpack(Path jar, Path to) throws CodegenException, IOException {
    Path seen = to.resolveSibling(to.getFileName() + ".jar-seen");
    String stamp = jar + " " + Files.size(jar) + " " + Files.getLastModifiedTime(jar);
    if (Files.isRegularFile(seen) && Files.readString(seen).equals(stamp)) {
      return to;
    }
    delete(to);
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry each = all.nextElement();
        if (each.getName().endsWith(".proto") && !each.isDirectory()) {
          unpack(zip, each, jar, to);
        }
      }
    }
    Files.createDirectories(folderOf(seen));
    Files.writeString(seen, stamp);
    return to;
  }

  private static void unpack(ZipFile zip, ZipEntry entry, Path jar, Path to)
      throws CodegenException, IOException {
    Path file = to.resolve(entry.getName()).normalize();
    if (!file.startsWith(to.normalize()) || entry.getName().startsWith("/")) {
      throw new CodegenException(
          "the jar " + jar + " has an entry that leads out of its folder: " + entry.getName());
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] content = in.readNBytes((int) LARGEST + 1);
      if (content.length > LARGEST) {
        throw new CodegenException(
            "the file %s in %s has more than %d bytes".formatted(entry.getName(), jar, LARGEST));
      }
      Files.createDirectories(folderOf(file));
      Files.write(file, content);
    }
  }

  private static Path folderOf(Path file) {
    Path folder = file.getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " is in no folder");
    }
    return folder;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
