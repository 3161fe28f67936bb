package erpc.demo;

import erpc.codegen.CodegenException;
import erpc.codegen.Protoc;
import erpc.codegen.Protoc.Input;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What protoc and erpc make of {@code .proto} files: the text of each Java file by its path. */
final class Generated {
  private Generated() {}

  /** The protoc that the build of the messages has used. */
  private static Protoc protoc() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("protoc.folder")))) {
      return Protoc.at(
          files.filter(each -> each.toString().endsWith(".exe")).findFirst().orElseThrow());
    }
  }

  /** The services of files of a folder. */
  static Map<String, String> services(Path folder, List<String> names)
      throws IOException, InterruptedException, CodegenException {
    List<Path> files = names.stream().map(folder::resolve).toList();
    return protoc().generate(new Input(List.of(folder), files, false));
  }

  /** The services and the messages of a file with this text, which is written into a folder. */
  static Map<String, String> sources(Path folder, String text)
      throws IOException, InterruptedException, CodegenException {
    Path file = Files.writeString(folder.resolve("shown.proto"), text);
    return protoc().generate(new Input(List.of(folder), List.of(file), true));
  }
}
