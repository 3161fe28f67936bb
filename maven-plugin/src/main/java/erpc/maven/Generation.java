package erpc.maven;

import erpc.codegen.CodegenException;
import erpc.codegen.Outputs;
import erpc.codegen.Protoc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/**
 * What one execution generates, and whether it has to: a file beside the build's other results says
 * what the last run read and wrote.
 */
final class Generation {
  private final String version;
  private final Path binary;
  private final Protoc protoc;
  private final Protoc.Input input;
  private final Path output;
  private final Path state;

  Generation(
      String version, Path binary, Protoc protoc, Protoc.Input input, Path output, Path state) {
    this.version = version;
    this.binary = binary;
    this.protoc = protoc;
    this.input = input;
    this.output = output;
    this.state = state;
  }

  /** Generates if anything has changed since the last time; returns what was done, in a line. */
  String writeIfChanged() throws CodegenException, IOException, InterruptedException {
    Outputs outputs = new Outputs(output);
    String read = read();
    if (Files.isRegularFile(state)
        && Files.readString(state).equals(read + written(outputs.current()))) {
      return "Nothing has changed: " + output + " is up to date.";
    }
    SortedMap<String, String> files = protoc.generate(input);
    Outputs.Changes changes = outputs.write(files);
    Path folder = state.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(state, read + written(files));
    return changes.in(files.size(), output);
  }

  /** What differs between the output folder and the files; always looks. */
  List<String> differences() throws CodegenException, IOException, InterruptedException {
    return new Outputs(output).differences(protoc.generate(input));
  }

  // ---- what the last run read and wrote

  private String read() throws IOException {
    Fingerprint print = new Fingerprint().add(version).add(Boolean.toString(input.messages()));
    print.addFile(Path.of("codegen"), Fingerprint.jarOf(Protoc.class));
    print.add(binary.toString());
    if (Files.isRegularFile(binary)) {
      print.add(Files.size(binary) + " " + Files.getLastModifiedTime(binary));
    }
    for (Path folder : input.imports()) {
      print.addProtos(folder);
    }
    input.files().forEach(each -> print.add(each.toString()));
    return "read " + print.text() + "\n";
  }

  private static String written(SortedMap<String, String> files) {
    Fingerprint print = new Fingerprint();
    files.forEach((name, content) -> print.add(name).add(content));
    return "written " + print.text() + "\n";
  }
}
