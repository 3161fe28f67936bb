package erpc.demo;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the demo as its user starts it: a process, with what it prints kept in a file. */
final class Started implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path output;

  private Started(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static Started demo(Path folder, int centerPort, String... arguments) throws IOException {
    return program(Main.class, folder, centerPort, List.of(arguments));
  }

  static Started program(Class<?> main, Path folder, int centerPort, List<String> arguments)
      throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(quiet());
    command.add("-cp");
    command.addAll(List.of(System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ERPC_CENTER", "127.0.0.1:" + centerPort);
    // With these the JVM says a line of its own.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    return new Started(builder.redirectOutput(output.toFile()).start(), output);
  }

  /** What ./erpc says too, against the JVM's warnings about what Netty and protobuf do. */
  private static List<String> quiet() {
    String netty = "--enable-native-access=ALL-UNNAMED";
    return Runtime.version().feature() < 24
        ? List.of(netty)
        : List.of(netty, "--sun-misc-unsafe-memory-access=allow");
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String output() {
    try {
      return Files.readString(output, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  void awaitOutput(String text) {
    await(text).atMost(PATIENCE).until(this::output, said -> said.contains(text));
  }

  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("still running, having said\n" + output());
    }
    return process.exitValue();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  @Override
  public void close() {
    process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
