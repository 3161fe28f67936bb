package erpc.tools;

import com.google.protobuf.RuntimeVersion;
import erpc.codegen.CodegenException;
import erpc.codegen.Outputs;
import erpc.codegen.Protoc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code erpc gen}. */
@Command(
    name = "gen",
    description =
        "Generates the Java of services and messages from .proto files. Only what differs is written;"
            + " what was generated before and is no longer is deleted, and nothing else is.",
    footer = {
      "%nExamples:",
      "  ./erpc gen -o src/main/generated src/main/proto",
      "  ./erpc gen -o generated -I ../shared/proto greeter.proto",
      "  ./erpc gen --check -o src/main/generated src/main/proto",
      "%nThe messages need a protobuf-java that is not older than protoc. Without --protoc, protoc is that",
      "of erpc's own protobuf-java, which building erpc has put into the local Maven repository.",
      "%nExit codes: 0 done, 1 a file is wrong, or with --check the code is stale (stderr says what), 2 wrong",
      "usage."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what the user has to say, and the spec
final class GenCommand implements Callable<Integer> {
  @Parameters(
      index = "0..*",
      arity = "1..*",
      paramLabel = "FILE",
      description = "a .proto file, or a folder: then all .proto files below it")
  private List<Path> sources;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "OUT",
      description = "the folder to write to")
  private Path output;

  @Option(
      names = {"-I", "--import"},
      paramLabel = "DIR",
      description =
          "a folder to look for imports in, besides the FILEs that are folders; a FILE that is in none"
              + " of them brings the working folder, or its own if it is not below that")
  private List<Path> imports = new ArrayList<>();

  @Option(names = "--protoc", paramLabel = "PATH", description = "the protoc to run")
  private @Nullable Path protoc;

  @Option(
      names = "--check",
      description = "writes nothing, and fails if OUT is not what the FILEs say")
  private boolean check;

  @Option(names = "--no-messages", description = "generates only the services")
  private boolean noMessages;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws CallFailure, InterruptedException {
    try {
      Protoc runs = found().warningsTo(words -> spec.commandLine().getErr().println(words));
      SortedMap<String, String> files =
          runs.generate(Protoc.Input.of(imports, sources, !noMessages));
      Outputs outputs = new Outputs(output);
      if (check) {
        return checked(outputs.differences(files));
      }
      spec.commandLine().getOut().println(outputs.write(files).in(files.size(), output));
      return Main.DONE;
    } catch (CodegenException e) {
      spec.commandLine().getErr().println(e.getMessage()); // Protoc's words, as they are.
      return Main.FAILED;
    } catch (IOException e) {
      throw new CallFailure("cannot read or write a file: " + e);
    }
  }

  private int checked(List<String> differences) {
    if (differences.isEmpty()) {
      return Main.DONE;
    }
    differences.forEach(each -> spec.commandLine().getErr().println("erpc: " + each));
    return Main.FAILED;
  }

  // ---- protoc

  private Protoc found() throws CallFailure {
    if (protoc != null) {
      return Protoc.at(protoc);
    }
    Path repository = new LocalRepository(System::getProperty, System::getenv).folder();
    Optional<Path> own = Protoc.in(repository, version());
    if (own.isPresent()) {
      return Protoc.at(own.get());
    }
    if (!LocalRepository.isOnPath("protoc", System.getenv("PATH"))) {
      throw new CallFailure(
          "no protoc: neither version %s in the local Maven repository %s, nor one on PATH; fetch it"
                  .formatted(version(), repository)
              + " with mvn dependency:get -Dartifact=com.google.protobuf:protoc:%s:exe:CLASSIFIER,"
                  .formatted(version())
              + " or name one by --protoc");
    }
    spec.commandLine()
        .getErr()
        .println(
            "erpc: no protoc %s in %s; running the one on PATH".formatted(version(), repository));
    return Protoc.onPath();
  }

  /** That of erpc's protobuf-java. */
  private static String version() {
    return RuntimeVersion.MAJOR + "." + RuntimeVersion.MINOR + "." + RuntimeVersion.PATCH;
  }
}
