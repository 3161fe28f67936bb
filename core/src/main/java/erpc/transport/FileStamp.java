package erpc.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What tells one version of a file from another without reading it.
 *
 * @param what time of the last change, size and number
 * @param changed when anything of the file last changed, which nobody can set back; null where the
 *     system doesn't say
 */
record FileStamp(String what, @Nullable Object changed) {
  private static final FileStamp MISSING = new FileStamp("missing", null);

  static FileStamp of(Path file) {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(
          is.lastModifiedTime() + "," + is.size() + "," + is.fileKey(), changed(file));
    } catch (IOException e) {
      return MISSING;
    }
  }

  private static @Nullable Object changed(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:ctime", new LinkOption[0]);
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return null;
    }
  }
}
