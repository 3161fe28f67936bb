package erpc.bench;

import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import erpc.bench.wire.Echo;
import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.client.Exchange;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.PoolSettings;
import erpc.transport.Reactor;
import erpc.transport.ReactorSettings;
import erpc.transport.TlsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** erpc as it is, with every limit, deadline and check on. */
public final class ErpcSubject implements Subject {
  static final Duration TIMEOUT = Duration.ofSeconds(10);
  static final Method<Echo, Echo> ECHO = Method.unary("bench.echo", Echo.class, Echo.class);

  /** Sends what it was asked with, until it is cancelled. */
  static final Method<Echo, Echo> SOURCE =
      Method.serverStreaming("bench.source", Echo.class, Echo.class);

  @Override
  public String name() {
    return "erpc";
  }

  @Override
  public boolean supports(Setup setup) {
    return true;
  }

  @Override
  public int serve(Setup setup) throws IOException {
    Reactor reactor = reactor();
    Server server = setup.gateway() ? Gateway.serve(setup) : echo(reactor, setup, place(1, 0));
    int port = Integer.parseInt(server.address().substring(server.address().lastIndexOf(':') + 1));
    for (int i = 2; i <= setup.servers(); i++) {
      var unused = echo(reactor, setup, place(i, port));
    }
    return port;
  }

  /** All of 127.0.0.0/8 is loopback, so servers can have one port. */
  private static String place(int server, int port) {
    return "127.0.0." + server + ":" + port;
  }

  private static Server echo(Reactor reactor, Setup setup, String place) throws IOException {
    ServerBuilder builder = Server.builder().reactor(reactor);
    if (!setup.tls().isEmpty()) {
      Path folder = Path.of(setup.tls());
      builder.tls(TlsSettings.server(folder.resolve("cert.pem"), folder.resolve("key.pem")));
    }
    return builder
        .build()
        .handle(
            ECHO,
            (context, request) -> request,
            setup.inlineHandler() ? Execution.inline() : Execution.virtual())
        .handleServerStream(
            SOURCE,
            (context, request, replies) -> {
              while (!context.isCancelled()) {
                replies.send(request);
              }
            })
        .listen(place);
  }

  /** One loop; what else may be set of it is what the process was told, as by {@code --jvm}. */
  static Reactor reactor() {
    return Reactor.open(ReactorSettings.ofProcess().withLoops(1));
  }

  @Override
  public Caller connect(int port, Setup setup) {
    String place =
        IntStream.rangeClosed(1, setup.servers())
            .mapToObj(server -> place(server, port))
            .collect(Collectors.joining(",", setup.servers() == 1 ? "ip://" : "list://", ""));
    if (setup.gateway()) {
      Gateway.aim(place);
    }
    Request<Echo, Echo> request = Request.of(ECHO, setup.message()).at(place).withTimeout(TIMEOUT);
    Request<Echo, Echo> packed =
        setup.compression().isEmpty() ? request : request.withCompression(setup.compression());
    // A client for each connection: what opens further ones by itself is not measured here.
    List<Client> clients = new ArrayList<>();
    Reactor reactor = reactor();
    for (int i = 0; i < setup.connections(); i++) {
      clients.add(client(reactor, setup));
      clients.get(i).send(packed);
    }
    return setup.connections() == 1
        ? new One(clients.get(0), packed, place)
        : new Several(clients, packed, place);
  }

  static Client client(Reactor reactor, Setup setup) {
    ClientSettings settings =
        ClientSettings.DEFAULTS.withPool(PoolSettings.DEFAULTS.withMaxConnections(1));
    ClientBuilder builder = Client.builder().reactor(reactor).settings(settings);
    if (!setup.tls().isEmpty()) {
      builder.tls(TlsSettings.client().withTrust(Path.of(setup.tls()).resolve("cert.pem")));
    }
    return (setup.inlineCallbacks() ? builder.inlineCallbacks() : builder).build();
  }

  private record One(Client client, Request<Echo, Echo> request, String place) implements Caller {
    @Override
    public void call(Runnable done) {
      var unused =
          client
              .sendAsync(request)
              .whenComplete((reply, thrown) -> {
                if (thrown != null) {
                  Subject.failed(thrown);
                }
                done.run();
              });
    }

    @Override
    public void callAndWait() {
      var unused = client.send(request);
    }

    @Override
    public void stream(long nanos, Runnable each) {
      long end = System.nanoTime() + nanos;
      long count = 0;
      Request<Echo, Echo> opening = Request.of(SOURCE, request.body()).at(place);
      try (Exchange<Echo, Echo> stream = client.open(opening)) {
        while ((++count & 0x3ff) != 0 || System.nanoTime() < end) {
          if (stream.next() == null) {
            throw new IllegalStateException("the source has run dry");
          }
          each.run();
        }
      }
    }
  }

  private static final class Several implements Caller {
    private final List<One> all = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    Several(List<Client> clients, Request<Echo, Echo> request, String place) {
      for (Client each : clients) {
        all.add(new One(each, request, place));
      }
    }

    private One next() {
      return all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
    }

    @Override
    public void call(Runnable done) {
      next().call(done);
    }

    @Override
    public void callAndWait() {
      next().callAndWait();
    }
  }
}
