package erpc.bench;

import com.google.protobuf.ByteString;
import erpc.bench.wire.Echo;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.time.Duration;

/** erpc as it is, with every limit and deadline on; inline handler and callbacks. */
final class ErpcSubject implements Subject {
  private static final Method<Echo, Echo> ECHO = Method.unary("bench.echo", Echo.class, Echo.class);

  /** Sends what it was asked with, until it is cancelled. */
  static final Method<Echo, Echo> SOURCE =
      Method.serverStreaming("bench.source", Echo.class, Echo.class);

  /** Counts what it is sent. */
  static final Method<Echo, Echo> SINK =
      Method.clientStreaming("bench.sink", Echo.class, Echo.class);

  @Override
  public int serve() throws IOException {
    Server server =
        Server.builder()
            .reactor(Reactor.open(TransportKind.AUTO, 1))
            .build()
            .handle(ECHO, (context, request) -> request, Execution.inline())
            .handleServerStream(
                SOURCE,
                (context, request, replies) -> {
                  while (!context.isCancelled()) {
                    replies.send(request);
                  }
                })
            .handleClientStream(SINK, (context, requests) -> counted(requests))
            .listen("127.0.0.1:0");
    return Integer.parseInt(server.address().substring(server.address().lastIndexOf(':') + 1));
  }

  private static Echo counted(Incoming<Echo> requests) {
    long count = 0;
    while (requests.next() != null) {
      count++;
    }
    return Echo.newBuilder().setId(count).build();
  }

  @Override
  public Caller connect(int port, int payloadBytes) {
    Client client =
        Client.builder().reactor(Reactor.open(TransportKind.AUTO, 1)).inlineCallbacks().build();
    Echo message =
        Echo.newBuilder()
            .setId(42)
            .setMsg("bench")
            .setPayload(ByteString.copyFrom(new byte[payloadBytes]))
            .build();
    Request<Echo, Echo> request =
        Request.of(ECHO, message).at("ip://127.0.0.1:" + port).withTimeout(Duration.ofSeconds(10));
    return done ->
        client
            .sendAsync(request)
            .whenComplete((reply, thrown) -> {
              if (thrown != null) {
                throw new IllegalStateException("a measured call failed", thrown);
              }
              done.run();
            });
  }
}
