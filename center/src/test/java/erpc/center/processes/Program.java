package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A test program that runs as a process of its own. */
final class Program implements AutoCloseable {
  private final Process process;
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private Program(Process process) {
    this.process = process;
    Thread.ofVirtual().start(this::read);
  }

  static Program server(String address, String center, String... jvmFlags) throws IOException {
    List<String> flags = new ArrayList<>(List.of(jvmFlags));
    flags.add("-Derpc.center=" + center);
    return start(ServerProgram.class, "", flags, address);
  }

  static Program center(String address, String... journal) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(address));
    arguments.addAll(List.of(journal));
    return start(CenterProgram.class, "", List.of(), arguments.toArray(String[]::new));
  }

  /** Starts a main class of the test class path, by a shell that first sets its limits. */
  static Program start(Class<?> main, String limits, List<String> jvmFlags, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", "-c", limits + "exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(jvmFlags);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new Program(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
        if (line.startsWith("ready ")) {
          ready.complete(line.substring("ready ".length()));
        }
      }
    } catch (IOException e) {
      // It was killed.
    }
    ready.completeExceptionally(new IOException("ended before it was ready: " + lines));
  }

  /** Where it listens; waits until it does. */
  String address() throws Exception {
    return ready.get(30, TimeUnit.SECONDS);
  }

  String pid() {
    return Long.toString(process.pid());
  }

  boolean hasEnded() {
    return !process.isAlive();
  }

  /** What it has printed, its log among it. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  /** SIGSTOP; returns once every thread of it stands still. */
  void stop() throws Exception {
    signal("STOP");
    org.awaitility.Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(10))
        .until(this::isStopped);
  }

  private boolean isStopped() throws IOException {
    try (var threads = Files.list(Path.of("/proc", pid(), "task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
    }
    return true;
  }

  /** SIGCONT. */
  void resume() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, pid()).start().waitFor()).isZero();
  }

  /** SIGKILL; returns once it is gone. */
  void kill() throws Exception {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM; returns once it has ended by itself. */
  void terminate() throws Exception {
    process.destroy();
    awaitEnd();
  }

  private void awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("end of " + lines).isTrue();
  }

  /** Processor time it has taken so far. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /** Memory it has in RAM, in KiB. */
  long residentKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", pid(), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS");
  }

  int descriptors() throws IOException {
    try (var open = Files.list(Path.of("/proc", pid(), "fd"))) {
      return (int) open.count();
    }
  }

  @Override
  public void close() throws Exception {
    kill();
  }
}
