package erpc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A server's process, which prints its port first, then answers each line that it reads by one, and
 * ends with its input. Of one thread at a time.
 */
final class Child implements AutoCloseable {
  /** Ports from here on are none that a system gives to connections. */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 12_000;
  private static final int TRIALS = 1_000;

  /** Longer than a server may take to close. */
  private static final int END_SECONDS = 30;

  private final Process process;
  private final BufferedReader from;
  private final Writer to;
  private final String port;

  /**
   * Starts it; returns once it has said its port.
   *
   * @throws IOException if it has ended before
   */
  Child(Class<?> main, String... args) throws IOException {
    process = Jvm.start(List.of(), main, args);
    from = process.inputReader(StandardCharsets.UTF_8);
    to = process.outputWriter(StandardCharsets.UTF_8);
    String first = from.readLine();
    if (first == null) {
      throw new IOException(main.getSimpleName() + " ended before it listened; it has said why");
    }
    port = first;
  }

  /** Where it listens, as a list of places names it. */
  String address() {
    return "127.0.0.1:" + port;
  }

  /** Its answer to this line. */
  String ask(String word) throws IOException {
    to.write(word + "\n");
    to.flush();
    String answer = from.readLine();
    if (answer == null) {
      throw new IOException("the process at " + address() + " has ended");
    }
    return answer;
  }

  /** Its answer, which is a number. */
  long number(String word) throws IOException {
    return Long.parseLong(ask(word));
  }

  /** Sends it a signal, {@code STOP} for instance. */
  void signal(String name) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("kill -" + name + " failed with " + code);
    }
  }

  /** SIGTERM; returns once it has ended by itself. */
  void terminate() throws IOException, InterruptedException {
    signal("TERM"); // Not Process.destroy, which closes its input too.
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(
          "the process at " + address() + " lives on " + END_SECONDS + " s after SIGTERM");
    }
  }

  /** SIGKILL; returns once it is gone. */
  void kill() throws InterruptedException {
    int unused = process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /**
   * A port that nothing listens on, and that no connection of this machine gets by chance: a server
   * that is started again needs the one it had.
   */
  static String freePort(RandomGenerator random) throws IOException {
    IOException last = new IOException("no port is free");
    for (int i = 0; i < TRIALS; i++) {
      int port = FIRST_PORT + random.nextInt(PORTS);
      try (ServerSocket unused = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return Integer.toString(port);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }
}
