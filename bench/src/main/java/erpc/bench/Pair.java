package erpc.bench;

import erpc.bench.driver.Figures;
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
final class Pair implements Ends {
  // By name: they may be those of another commit.
  private static final String SERVER = "erpc.bench.driver.ServerProcess";
  private static final String CLIENT = "erpc.bench.driver.ClientProcess";

  private static final List<String> OWN = List.of("netty", "netty-pb", "erpc");
  private static final int JDK_THAT_WARNS_OF_UNSAFE = 24;

  /** The same for all: some frameworks switch Netty's leak detection off themselves. */
  private static final List<String> JVM =
      List.of(
          "-Xmx512m",
          "-Xms512m",
          "--enable-native-access=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "-XX:+EnableDynamicAgentLoading",
          "-Dio.netty.leakDetection.level=disabled",
          "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled",
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
   * @param peers the folder in which each peer has one
   * @param more further options for both JVMs
   */
  static Pair start(Path peers, String subject, Setup setup, List<String> more) throws IOException {
    return start(subject, classPath(peers, subject), subject, setup, more);
  }

  /**
   * Starts both.
   *
   * @param who whose processes they are, for messages
   * @param more further options for both JVMs
   */
  static Pair start(String who, String classPath, String subject, Setup setup, List<String> more)
      throws IOException {
    List<String> words = new ArrayList<>(List.of(subject));
    words.addAll(setup.words());
    Child server = new Child("the server of " + who, jvm(classPath, SERVER, words, more));
    try {
      words.add(1, server.answer());
      Child client = new Child("the client of " + who, jvm(classPath, CLIENT, words, more));
      Pair pair = new Pair(subject, server, client);
      String unused = client.answer();
      return pair;
    } catch (IOException | RuntimeException e) {
      server.process.destroyForcibly();
      throw e;
    }
  }

  private static Process jvm(String classPath, String main, List<String> words, List<String> more)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(JVM);
    if (Runtime.version().feature() >= JDK_THAT_WARNS_OF_UNSAFE) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(more);
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(words);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  static String ownClassPath() {
    return System.getProperty("java.class.path");
  }

  /** A peer's own jars, built by Maven or gathered in one folder; else what this process has. */
  private static String classPath(Path peers, String subject) throws IOException {
    Path peer = peers.resolve(subject);
    if (OWN.contains(subject)) {
      return ownClassPath();
    }
    if (!Files.isDirectory(peer)) {
      throw new IOException(
          subject
              + " has not been built: there is no folder "
              + peer.toAbsolutePath()
              + "; --subjects leaves it out");
    }
    return peer
        + "/*"
        + File.pathSeparator
        + peer
        + "/target/*"
        + File.pathSeparator
        + peer
        + "/target/lib/*";
  }

  String subject() {
    return subject;
  }

  @Override
  public Figures run(Work work, int seconds) throws IOException {
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
    for (Child each : List.of(client, server)) {
      each.process.destroyForcibly();
    }
    for (Child each : List.of(client, server)) {
      // What is measured next is not to share processors with its end.
      var unused = each.process.onExit().join();
    }
  }
}
