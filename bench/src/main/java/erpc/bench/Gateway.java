package erpc.bench;

import erpc.bench.driver.Setup;
import erpc.bench.wire.Echo;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.client.Client;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.transport.Reactor;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * A server that answers by making the same call itself: with blocking handlers on virtual threads,
 * or later, without a thread that waits. What it calls runs in the client's process, so that the
 * server's figures are the gateway's alone.
 */
final class Gateway {
  /** Says by its id at which port the gateway's calls are answered. */
  private static final Method<Echo, Echo> AIM = Method.unary("gateway.aim", Echo.class, Echo.class);

  private Gateway() {}

  /** Serves both its method and the one to aim it. */
  static Server serve(Setup setup) throws IOException {
    Reactor reactor = ErpcSubject.reactor();
    Client client = ErpcSubject.client(reactor, setup);
    CompletableFuture<Request<Echo, Echo>> aim = new CompletableFuture<>();
    Server server =
        Server.builder()
            .reactor(reactor)
            .build()
            .handle(
                AIM,
                (context, request) -> {
                  String place = "ip://127.0.0.1:" + request.getId();
                  aim.complete(
                      Request.of(ErpcSubject.ECHO, request)
                          .at(place)
                          .withTimeout(ErpcSubject.TIMEOUT));
                  return request;
                });
    if (setup.inlineHandler()) {
      server.handleAsync(
          ErpcSubject.ECHO,
          (context, request) ->
              client.sendAsync(aim.join().withBody(request)).thenApply(Reply::body),
          Execution.inline());
    } else {
      server.handle(
          ErpcSubject.ECHO, (context, request) -> client.send(aim.join().withBody(request)).body());
    }
    return server.listen("127.0.0.1:0");
  }

  /** Starts what a gateway calls, and tells it where. */
  static void aim(String gateway) {
    try {
      Reactor reactor = ErpcSubject.reactor();
      Server behind =
          Server.builder()
              .reactor(reactor)
              .build()
              .handle(ErpcSubject.ECHO, (context, request) -> request, Execution.inline())
              .listen("127.0.0.1:0");
      String address = behind.address();
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      try (Client client = Client.builder().reactor(reactor).build()) {
        var unused =
            client.send(Request.of(AIM, Echo.newBuilder().setId(port).build()).at(gateway));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
