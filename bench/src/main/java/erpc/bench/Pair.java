package erpc.bench;

import erpc.bench.driver.ClientProcess;
import erpc.bench.driver.Figures;
import erpc.bench.driver.ServerProcess;
import erpc.bench.driver.Setup;
import erpc.bench.driver.Usage;
import erpc.bench.driver.Work;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server and a client of one subject, each in a JVM of its own. They idle between runs. */
final class Pair implements AutoCloseable {
  private static final List<String> JVM =
      List.of(
          "-Xmx512m",
          "-Xms512m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "-XX:+EnableDynamicAgentLoading",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  private final String subject;
  private final Child server;
  private final Child client;

  /** One process that is told lines and answers lines. */
  private static final class Child {
    private final String name;
    private final Process process;
    private final BufferedReader from;
    private final Writer to;

    Child(String name, Process process) {
      this.name = name;
      this.process = process;
      from = process.inputReader(StandardCharsets.UTF_8);
      to = process.outputWriter(StandardCharsets.UTF_8);
    }

    String ask(List<String> words) throws IOException {
      to.write(String.join(" ", words) + "\n");
      to.flush();
      return answer();
    }

    String answer() throws IOException {
      String line = from.readLine();
      if (line == null) {
        throw new IOException("the process of " + name + " has ended; what it printed is above");
      }
      return line;
    }
  }

  private Pair(String subject, Child server, Child client) {
    this.subject = subject;
    this.server = server;
    this.client = client;
  }

  /**
   * Starts both.
   *
   * @param home the folder of the benchmarks, in which the subjects have been built
   * @param more further options for both JVMs
   */
  static Pair start(Path home, String subject, Setup setup, List<String> more) throws IOException {
    List<String> words = new ArrayList<>(List.of(subject));
    words.addAll(setup.words());
    Child server =
        new Child("the server of " + subject, jvm(home, ServerProcess.class, words, more));
    try {
      words.add(1, server.answer());
      Child client =
          new Child("the client of " + subject, jvm(home, ClientProcess.class, words, more));
      Pair pair = new Pair(subject, server, client);
      String unused = client.answer();
      return pair;
    } catch (IOException | RuntimeException e) {
      server.process.destroyForcibly();
      throw e;
    }
  }

  private static Process jvm(Path home, Class<?> main, List<String> words, List<String> more)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(JVM);
    command.addAll(more);
    command.addAll(List.of("-cp", classPath(home, words.get(0)), main.getName()));
    command.addAll(words);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String classPath(Path home, String subject) throws IOException {
    Path peer = home.resolve("peers").resolve(subject);
    Path target = (Files.isDirectory(peer) ? peer : home).resolve("target");
    if (!Files.isDirectory(target.resolve("lib"))) {
      throw new IOException(subject + " has not been built: there is no " + target + "/lib");
    }
    return target + File.separator + "*" + File.pathSeparator + target.resolve("lib/*");
  }

  String subject() {
    return subject;
  }

  /** Some work for some time. */
  Figures run(Work work, int seconds) throws IOException {
    List<String> words = new ArrayList<>(List.of("run", Integer.toString(seconds)));
    words.addAll(work.words());
    Usage before = Usage.parse(server.ask(List.of("usage")));
    Figures figures = Figures.parse(client.ask(words));
    return figures.withServer(Usage.parse(server.ask(List.of("usage"))).since(before));
  }

  /** Begins to sample both; the file's name gets the subject and the end put in. */
  void profile(String eventAndFile) throws IOException {
    String file = eventAndFile.replace("%s", subject);
    String unused = server.ask(List.of("profile", file.replace("%r", "server")));
    unused = client.ask(List.of("profile", file.replace("%r", "client")));
  }

  void stopProfile() throws IOException {
    String unused = server.ask(List.of("stop"));
    unused = client.ask(List.of("stop"));
  }

  @Override
  public void close() {
    client.process.destroyForcibly();
    server.process.destroyForcibly();
  }
}
