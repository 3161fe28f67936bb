package erpc.codegen;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** What protoc, generated code and the compiler make of {@code .proto} files in a folder. */
final class Corpus {
  final Path sources;
  final Path messages;
  final Path services;
  final Path classes;

  /** What a command or a compiler has said, and how it ended. */
  record Said(int exit, String text) {}

  Corpus(Path sources, Path work) throws IOException {
    this.sources = sources;
    this.messages = Files.createDirectories(work.resolve("messages"));
    this.services = Files.createDirectories(work.resolve("services"));
    this.classes = Files.createDirectories(work.resolve("classes"));
  }

  /** The protoc that this build has used for erpc's own messages. */
  static Path protoc() {
    Path folder = Path.of(System.getProperty("protoc.folder"));
    try (Stream<Path> files = Files.list(folder)) {
      Path found = files.filter(each -> each.toString().endsWith(".exe")).findFirst().orElseThrow();
      if (!Files.isExecutable(found)) {
        boolean unused = found.toFile().setExecutable(true);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException("no protoc in " + folder, e);
    }
  }

  /** A folder with the files that come with protobuf: in its jar, but not beside its protoc. */
  static Path known(Path work) throws IOException {
    Path folder = Files.createDirectories(work.resolve("known/google/protobuf"));
    for (String each :
        List.of("any", "descriptor", "empty", "java_features", "struct", "timestamp", "wrappers")) {
      try (InputStream in = resource("google/protobuf/" + each + ".proto")) {
        Files.copy(in, folder.resolve(each + ".proto"), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return work.resolve("known");
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(Corpus.class.getClassLoader().getResourceAsStream(name), name);
  }

  static Said run(Path in, List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), said);
  }

  /** The names of all files, relative to their folder. */
  List<String> names() throws IOException {
    try (Stream<Path> all = Files.walk(sources)) {
      return all.filter(each -> each.toString().endsWith(".proto"))
          .map(each -> sources.relativize(each).toString())
          .sorted()
          .toList();
    }
  }

  /** Has protoc write the messages, and say what it has read. */
  FileDescriptorSet read(List<String> names) throws Exception {
    Path set = messages.resolveSibling("set.bin");
    List<String> command =
        new ArrayList<>(
            List.of(
                protoc().toString(),
                "-I.",
                "-I" + known(messages.getParent()),
                "--include_imports",
                "--include_source_info",
                "--descriptor_set_out=" + set,
                "--java_out=" + messages));
    command.addAll(names);
    Said said = run(sources, command);
    if (said.exit() != 0) {
      throw new IllegalStateException(said.text());
    }
    return FileDescriptorSet.parseFrom(Files.readAllBytes(set));
  }

  void write(Map<String, String> generated) throws IOException {
    for (Map.Entry<String, String> each : generated.entrySet()) {
      Path file = services.resolve(each.getKey());
      Files.createDirectories(file.getParent());
      Files.writeString(file, each.getValue());
    }
  }

  /** Compiles the messages, whatever the compiler thinks of them, then the services, strictly. */
  Said compile() throws IOException {
    Said first = javac(messages, List.of("-nowarn", "-Xlint:none"));
    return first.exit() != 0 ? first : javac(services, List.of("-Xlint:all", "-Werror"));
  }

  private Said javac(Path folder, List<String> options) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(each -> each.toString().endsWith(".java")).sorted().toList();
    }
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("-proc:none", "-encoding", "UTF-8", "-d", classes.toString()));
    all.addAll(List.of("-cp", classes + ":" + System.getProperty("java.class.path")));
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      boolean good =
          compiler
              .getTask(said, manager, null, all, null, manager.getJavaFileObjectsFromPaths(files))
              .call();
      return new Said(good ? 0 : 1, said.toString());
    }
  }

  URLClassLoader loader() throws IOException {
    return new URLClassLoader(new URL[] {classes.toUri().toURL()}, Corpus.class.getClassLoader());
  }

  /** The interfaces that were generated, by name. */
  List<String> generatedClasses() throws IOException {
    try (Stream<Path> all = Files.walk(services)) {
      return all.filter(each -> each.toString().endsWith(".java"))
          .map(each -> services.relativize(each).toString())
          .map(each -> each.substring(0, each.length() - ".java".length()).replace('/', '.'))
          .sorted()
          .toList();
    }
  }
}
