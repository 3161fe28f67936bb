package erpc.bench;

import com.google.protobuf.ByteString;
import erpc.bench.driver.ServerProcess;
import erpc.bench.driver.Setup;
import erpc.bench.driver.Usage;
import erpc.bench.wire.Echo;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Messages one way on one stream, between two processes, read and sent by a virtual thread each:
 * {@code StreamBench [--seconds N] [--warm N] [--payload N]}.
 */
final class StreamBench {
  private int seconds = 5;
  private int warmSeconds = 8;
  private int payload = 32;

  private StreamBench() {}

  public static void main(String[] args) throws Exception {
    StreamBench bench = new StreamBench();
    for (int i = 0; i + 1 < args.length; i += 2) {
      int value = Integer.parseInt(args[i + 1]);
      switch (args[i]) {
        case "--seconds" -> bench.seconds = value;
        case "--warm" -> bench.warmSeconds = value;
        case "--payload" -> bench.payload = value;
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
    bench.run();
    System.exit(0);
  }

  private void run() throws Exception {
    Process server = startServer();
    try (BufferedReader from = server.inputReader(StandardCharsets.UTF_8);
        Writer to = server.outputWriter(StandardCharsets.UTF_8);
        Client client = Client.builder().reactor(Reactor.open(TransportKind.AUTO, 1)).build()) {
      String place = "ip://127.0.0.1:" + from.readLine();
      var unused = onVirtualThread(() -> receive(client, place, warmSeconds));
      report("from the server", () -> receive(client, place, seconds), from, to);
      unused = onVirtualThread(() -> send(client, place, warmSeconds));
      report("to the server", () -> send(client, place, seconds), from, to);
    } finally {
      server.destroyForcibly();
    }
  }

  private interface Run {
    long messages() throws Exception;
  }

  private static Usage usage(BufferedReader in, Writer out) throws IOException {
    out.write("usage\n");
    out.flush();
    return Usage.parse(in.readLine());
  }

  private static long onVirtualThread(Run run) throws Exception {
    CompletableFuture<Long> messages = new CompletableFuture<>();
    var unused =
        Thread.startVirtualThread(() -> {
          try {
            messages.complete(run.messages());
          } catch (Exception e) {
            messages.completeExceptionally(e);
          }
        });
    return messages.get();
  }

  /** Runs it and prints what it took. */
  private void report(String what, Run run, BufferedReader from, Writer to) throws Exception {
    Usage server = usage(from, to);
    Usage client = Usage.now();
    long start = System.nanoTime();
    double count = onVirtualThread(run);
    long nanos = System.nanoTime() - start;
    Usage ours = Usage.now().since(client);
    Usage theirs = usage(from, to).since(server);
    System.out.printf(
        Locale.ROOT,
        "%-16s %,12.0f messages/s of %d B; CPU %.2f + %.2f µs a message, client + server; allocated %.0f + %.0f B%n",
        what,
        count / nanos * 1e9,
        payload,
        ours.cpuNanos() / count / 1e3,
        theirs.cpuNanos() / count / 1e3,
        ours.allocatedBytes() / count,
        theirs.allocatedBytes() / count);
  }

  private Echo message() {
    return Echo.newBuilder()
        .setId(42)
        .setMsg("bench")
        .setPayload(ByteString.copyFrom(new byte[payload]))
        .build();
  }

  private long receive(Client client, String place, int lasting) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(lasting);
    long count = 0;
    try (Exchange<Echo, Echo> stream =
        client.open(Request.of(ErpcSubject.SOURCE, message()).at(place))) {
      while ((count & 0x3ff) != 0 || System.nanoTime() < end) {
        if (stream.next() == null) {
          throw new IllegalStateException("the source has run dry");
        }
        count++;
      }
    }
    return count;
  }

  private long send(Client client, String place, int lasting) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(lasting);
    long count = 0;
    Echo message = message();
    try (Exchange<Echo, Echo> stream = client.open(Request.opening(ErpcSubject.SINK).at(place))) {
      while ((count & 0x3ff) != 0 || System.nanoTime() < end) {
        stream.send(message);
        count++;
      }
      if (stream.reply().getId() != count) {
        throw new IllegalStateException("the sink has not got all messages");
      }
    }
    return count;
  }

  static Process startServer() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(
        List.of(
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            ServerProcess.class.getName(),
            "erpc"));
    command.addAll(Setup.USUAL.words());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
