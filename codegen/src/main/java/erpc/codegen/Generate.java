package erpc.codegen;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Generates Java from {@code .proto} files, for builds that have no plugin of erpc's: what Gradle,
 * or a script, runs. {@code ./erpc gen} takes the same arguments.
 */
public final class Generate {
  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private static final String HELP =
      """
      Usage: erpc.codegen.Generate [--protoc FILE] [-I DIR]... [--no-messages] [--check] -o OUT SOURCE...
      Generates the Java of services and messages from SOURCEs: .proto files, or folders of them.
        -o OUT         the folder to write to
        -I DIR         a folder to look for imports in
        --protoc FILE  the protoc to run; else the one on PATH
        --no-messages  only the services
        --check        writes nothing, and fails if OUT is not what the SOURCEs say
      Exit codes: 0 done, 1 it failed, 2 wrong usage.
      """;

  private final List<Path> imports = new ArrayList<>();
  private final List<Path> sources = new ArrayList<>();
  private boolean messages = true;
  private boolean check;
  private @Nullable Path output;
  private Protoc protoc = Protoc.onPath();

  private Generate() {}

  /** Runs it and ends the process with its exit code. */
  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(System.out, System.err, arguments));
  }

  static int run(PrintStream out, PrintStream err, String... arguments)
      throws InterruptedException {
    if (List.of(arguments).contains("--help")) {
      out.print(HELP);
      return DONE;
    }
    Generate asked = new Generate();
    try {
      Path folder = asked.read(arguments);
      return asked.generate(folder, out, err) ? DONE : FAILED;
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.print(HELP);
      return USAGE;
    } catch (CodegenException e) {
      err.println(e.getMessage());
      return FAILED;
    } catch (IOException e) {
      err.println("cannot read or write a file: " + e);
      return FAILED;
    }
  }

  /** Takes the arguments; returns the output folder. */
  private Path read(String... arguments) {
    Deque<String> left = new ArrayDeque<>(List.of(arguments));
    while (!left.isEmpty()) {
      String word = left.remove();
      switch (word) {
        case "-o" -> output = Path.of(value(word, left));
        case "-I" -> imports.add(Path.of(value(word, left)));
        case "--protoc" -> protoc = Protoc.at(Path.of(value(word, left)));
        case "--no-messages" -> messages = false;
        case "--check" -> check = true;
        default -> {
          if (word.startsWith("-")) {
            throw new IllegalArgumentException("unknown option " + word);
          }
          sources.add(Path.of(word));
        }
      }
    }
    if (output == null) {
      throw new IllegalArgumentException("say by -o OUT where to write to");
    }
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("say which .proto files, or folders of them, to read");
    }
    return output;
  }

  private static String value(String option, Deque<String> left) {
    if (left.isEmpty()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return left.remove();
  }

  private boolean generate(Path folder, PrintStream out, PrintStream err)
      throws CodegenException, IOException, InterruptedException {
    Protoc.Input input = Protoc.Input.of(imports, sources, messages);
    SortedMap<String, String> files = protoc.warningsTo(err::println).generate(input);
    Outputs outputs = new Outputs(folder);
    if (check) {
      List<String> differences = outputs.differences(files);
      differences.forEach(err::println);
      return differences.isEmpty();
    }
    Outputs.Changes changes = outputs.write(files);
    out.println(changes.in(files.size(), folder));
    return true;
  }
}
