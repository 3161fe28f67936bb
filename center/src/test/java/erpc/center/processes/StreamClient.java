package erpc.center.processes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.center.processes.StreamMethods.Meter;
import erpc.client.Client;
import erpc.client.Exchange;
import java.nio.file.Path;
import java.time.Duration;

/** A client of streams as a process: does what it is told, says what came of it, and ends. */
final class StreamClient {
  private static final int MESSAGE_BYTES = 64 * 1024;

  private final Client client = Client.builder().center("127.0.0.1:1").build();
  private final String server;
  private final Meter meter;
  private final long readNanos;

  private StreamClient(String server, Meter meter, long readNanos) {
    this.server = server;
    this.meter = meter;
    this.readNanos = readNanos;
  }

  /**
   * Takes what to do, the server's address, the meter's file, microseconds that reading a message
   * takes, and how many messages there are.
   */
  public static void main(String[] args) throws Exception {
    StreamClient program =
        new StreamClient(args[1], new Meter(Path.of(args[2])), Long.parseLong(args[3]) * 1_000);
    int count = Integer.parseInt(args[4]);
    switch (args[0]) {
      case "all" -> program.all(count);
      case "leave" -> program.leave(count);
      case "pause" -> program.pause();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private <Q, R> Request<Q, R> to(Request<Q, R> request) {
    return request.at("ip://" + server);
  }

  /** Asks until there is an answer: a server whose memory is used up refuses for a while. */
  private String ask(erpc.call.Method<byte[], byte[]> method, String what) {
    Request<byte[], byte[]> request =
        to(Request.of(method, what.getBytes(US_ASCII))).withTimeout(Duration.ofSeconds(20));
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      try {
        return new String(client.send(request).body(), US_ASCII);
      } catch (RpcException e) {
        if (!isExhausted(e) || System.nanoTime() - end > 0) {
          throw e;
        }
        StreamMethods.idle(Duration.ofMillis(10).toNanos());
      }
    }
  }

  private static boolean isExhausted(RpcException e) {
    return e.status().code() == erpc.call.Status.Code.RESOURCE_EXHAUSTED;
  }

  private Exchange<byte[], byte[]> giving(int messageBytes, long count) {
    byte[] request = (messageBytes + " " + count).getBytes(US_ASCII);
    return client.open(to(Request.of(StreamMethods.GIVE, request)));
  }

  // ---- a slow reader for each shape

  private void all(int count) throws Exception {
    System.out.println("ready to stream");
    say("client-streaming", clientStreaming(count));
    say("server-streaming", serverStreaming(count));
    say("bidirectional", bidirectional(count));
    System.out.println("memory of the client: " + StreamMethods.memory());
    System.out.println("memory of the server: " + ask(StreamMethods.STATE, ""));
    System.out.println("done");
  }

  private static void say(String shape, String bytesAndMost) {
    System.out.println("shape " + shape + " " + bytesAndMost);
  }

  private String clientStreaming(int count) {
    meter.reset();
    byte[] message = new byte[MESSAGE_BYTES];
    try (var call = client.open(to(Request.opening(StreamMethods.TAKE)))) {
      for (int i = 0; i < count; i++) {
        call.send(message);
        meter.sent(message.length);
      }
      return new String(call.reply(), US_ASCII);
    }
  }

  private String serverStreaming(int count) {
    meter.reset();
    try (var call = giving(MESSAGE_BYTES, count)) {
      return drained(call);
    }
  }

  private String drained(Exchange<byte[], byte[]> call) {
    long bytes = 0;
    long most = 0;
    for (byte[] each : call) {
      bytes += each.length;
      most = Math.max(most, meter.taken(each.length));
      StreamMethods.idle(readNanos);
    }
    return bytes + " " + most;
  }

  private String bidirectional(int count) throws InterruptedException {
    meter.reset();
    byte[] message = new byte[MESSAGE_BYTES];
    try (var call = client.open(to(Request.opening(StreamMethods.BOTH)))) {
      Thread sender =
          Thread.startVirtualThread(() -> {
            for (int i = 0; i < count; i++) {
              call.send(message);
              meter.sent(message.length);
            }
            call.finish();
          });
      String seen = drained(call);
      sender.join();
      return seen;
    }
  }

  // ---- streams that nobody reads to their end

  private void leave(int count) throws Exception {
    System.out.println("ready to leave");
    for (int i = 0; i < count; i++) {
      try {
        closeHalfWay();
        abandon();
      } catch (RpcException e) {
        // With as little memory as this the server cannot hold what so many leave.
        if (!isExhausted(e)) {
          throw e;
        }
      }
    }
    // Whatever was abandoned ends by the progress timeout.
    String state = ask(StreamMethods.STATE, "");
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!state.startsWith("0 ") && System.nanoTime() - end < 0) {
      StreamMethods.idle(Duration.ofMillis(100).toNanos());
      state = ask(StreamMethods.STATE, "");
    }
    System.out.println("server in flight: " + state);
    // Asking is a call too: its own stream is there while it is served.
    System.out.println(
        "server streams: " + ask(StreamMethods.OBJECTS, "erpc.protocol.own.ServerStream"));
    System.out.println("server inboxes: " + ask(StreamMethods.OBJECTS, "erpc.protocol.own.Inbox"));
    System.out.println("client streams: " + StreamMethods.objects("erpc.client.Attempt"));
    System.out.println("client inboxes: " + StreamMethods.objects("erpc.protocol.own.Inbox"));
    churn();
    System.out.println("done");
  }

  /** Leak reports come when buffers are made after a collection. */
  private void churn() throws Exception {
    for (int i = 0; i < 200; i++) {
      String unused = ask(StreamMethods.STATE, "");
    }
    System.gc();
    String collected = ask(StreamMethods.OBJECTS, "nothing");
    for (int i = 0; i < 200; i++) {
      collected = ask(StreamMethods.STATE, "");
    }
    System.out.println("after churning: " + collected);
  }

  private void closeHalfWay() {
    try (var call = giving(20_000, Integer.MAX_VALUE)) {
      for (int i = 0; i < 50; i++) {
        byte[] unused = call.next();
      }
    }
    try (var call = giving(1_000_000, Integer.MAX_VALUE)) {
      byte[] unused = call.next();
    }
    try (var call = client.open(to(Request.opening(StreamMethods.BOTH)))) {
      call.send(new byte[300_000]);
      call.send(new byte[100]);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // Leaving them open is the point.
  private void abandon() {
    byte[] unused = giving(20_000, Integer.MAX_VALUE).next();
    var unread = giving(1_000_000, Integer.MAX_VALUE);
    assert unread.status() == null;
    var half = client.open(to(Request.opening(StreamMethods.TAKE)));
    half.send(new byte[100_000]);
    var silent = client.open(to(Request.opening(StreamMethods.BOTH)));
    silent.send(new byte[10]);
  }

  // ---- a client that is stopped

  private void pause() {
    String outcome = "OK";
    try (var call = giving(16 * 1024, Integer.MAX_VALUE)) {
      byte[] first = call.next();
      System.out.println("ready " + (first == null ? 0 : first.length));
      while (call.next() != null) {
        StreamMethods.idle(readNanos);
      }
    } catch (RpcException e) {
      outcome = e.status().toString();
    }
    System.out.println("ended " + outcome);
    System.out.println("again " + again());
    System.out.println("done");
  }

  /**
   * Reads a short stream. The server may have given up the connection meanwhile, and a request that
   * was written to it before that is known may have been started: only a caller can repeat it.
   */
  private int again() {
    for (int tries = 1; ; tries++) {
      try (var call = giving(100, 10)) {
        int messages = 0;
        while (call.next() != null) {
          messages++;
        }
        return messages;
      } catch (RpcException e) {
        Status how = e.status();
        if (how.code() != Status.Code.UNAVAILABLE
            || how.started() == Status.Started.NO
            || tries == 3) {
          throw e;
        }
      }
    }
  }
}
