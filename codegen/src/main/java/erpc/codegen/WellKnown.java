package erpc.codegen;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Protobuf's own {@code .proto} files, which its jar has and a protoc from Maven's repository
 * lacks.
 */
final class WellKnown {
  private static final String FOLDER = "google/protobuf/";
  private static final List<String> NAMES =
      List.of(
          "any",
          "api",
          "descriptor",
          "duration",
          "empty",
          "field_mask",
          "java_features",
          "source_context",
          "struct",
          "timestamp",
          "type",
          "wrappers");

  private WellKnown() {}

  /** Puts those that the class path has into a new folder; returns the folder. */
  static Path unpack(Path folder) throws IOException {
    Files.createDirectories(folder.resolve(FOLDER));
    for (String name : NAMES) {
      String file = FOLDER + name + ".proto";
      try (InputStream in = WellKnown.class.getClassLoader().getResourceAsStream(file)) {
        if (in != null) {
          Files.copy(in, folder.resolve(file));
        }
      }
    }
    return folder;
  }
}
