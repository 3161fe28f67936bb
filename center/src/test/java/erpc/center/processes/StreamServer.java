package erpc.center.processes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Outgoing;
import erpc.center.processes.StreamMethods.Meter;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A server of streams as a process; says on its first line where it listens. */
final class StreamServer {
  private static final long HELD_NANOS = Duration.ofMillis(50).toNanos();

  private final Meter meter;
  private final long readNanos;

  private StreamServer(Meter meter, long readNanos) {
    this.meter = meter;
    this.readNanos = readNanos;
  }

  /**
   * Takes the meter's file, microseconds that reading a message takes, and milliseconds that a
   * stream may make no progress and that a peer may say nothing.
   */
  public static void main(String[] args) throws Exception {
    StreamServer program =
        new StreamServer(new Meter(Path.of(args[0])), Long.parseLong(args[1]) * 1_000);
    Duration progress = Duration.ofMillis(Long.parseLong(args[2]));
    Duration keepalive = Duration.ofMillis(Long.parseLong(args[3]) / 2);
    ConnectionSettings connection =
        ConnectionSettings.DEFAULTS
            .withProgressTimeout(progress)
            .withKeepalive(keepalive, keepalive);
    Server server =
        Server.builder().settings(ServerSettings.DEFAULTS.withConnection(connection)).build();
    server.handleClientStream(StreamMethods.TAKE, program::take);
    server.handleServerStream(StreamMethods.GIVE, program::give);
    server.handleStream(StreamMethods.BOTH, program::both);
    server.handle(
        StreamMethods.ECHO,
        (context, request) -> {
          StreamMethods.idle(HELD_NANOS);
          return request;
        });
    server.handle(StreamMethods.STATE, (context, request) -> state(server).getBytes(US_ASCII));
    server.handle(
        StreamMethods.OBJECTS,
        (context, request) ->
            Integer.toString(StreamMethods.objects(new String(request, US_ASCII)))
                .getBytes(US_ASCII));
    server.listen("127.0.0.1:0");
    System.out.println("ready " + server.address());
  }

  private static String state(Server server) {
    // The call that asks is not one of them.
    return "%d %d %s"
        .formatted(server.inFlight() - 1, server.connectionCount(), StreamMethods.memory());
  }

  private byte[] take(Context context, Incoming<byte[]> requests) {
    long bytes = 0;
    long most = 0;
    for (byte[] each : requests) {
      bytes += each.length;
      most = Math.max(most, meter.taken(each.length));
      StreamMethods.idle(readNanos);
    }
    return (bytes + " " + most).getBytes(US_ASCII);
  }

  private void give(Context context, byte[] request, Outgoing<byte[]> replies) throws IOException {
    String[] words = new String(request, US_ASCII).split(" ", -1);
    byte[] message = new byte[Integer.parseInt(words[0])];
    for (long left = Long.parseLong(words[1]); left > 0; left--) {
      replies.send(message);
      meter.sent(message.length);
    }
  }

  private void both(Context context, Incoming<byte[]> requests, Outgoing<byte[]> replies) {
    for (byte[] each : requests) {
      replies.send(each);
    }
  }
}
