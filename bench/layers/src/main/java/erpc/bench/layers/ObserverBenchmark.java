package erpc.bench.layers;

import erpc.bench.wire.Echo;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The calls of {@link CallBenchmark#callAsync} with nobody who observes them, and with an observer
 * that counts calls, failures, bytes and time, on either side. What the observer adds is the
 * difference: in time of one call, and in bytes, which must be none.
 */
@State(Scope.Benchmark)
public class ObserverBenchmark {
  private static final int BATCH = 64;
  private static final Method<Echo, Echo> ECHO = Method.unary("bench.echo", Echo.class, Echo.class);

  /** Counts what one event loop tells it, so plain fields do: they are not what is measured. */
  @SuppressWarnings("UnusedVariable") // Counting is what is measured.
  private static final class Counting implements CallObserver {
    long calls;
    long failures;
    long bytes;
    long nanos;

    @Override
    public Object begin(CallView call) {
      return this;
    }

    @Override
    public void ended(Object kept, CallView call, Status status) {
      calls++;
      failures += status.isOk() ? 0 : 1;
      bytes += call.requestBytes() + call.replyBytes();
      nanos += call.nowNanos() - call.startNanos();
    }
  }

  /** A client and a server over one event loop. */
  private static final class Line {
    final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
    final Server server;
    final Client client;

    Line(ServerBuilder servers, ClientBuilder clients) {
      server =
          servers
              .reactor(reactor)
              .build()
              .handle(ECHO, (context, message) -> message, Execution.inline());
      client = clients.reactor(reactor).inlineCallbacks().build();
    }

    void close() {
      client.close();
      server.close();
      reactor.close();
    }
  }

  /** Which side has the observer. */
  @Param({"nobody", "client", "server"})
  public String observes = "nobody";

  private final Counting counting = new Counting();
  private final List<CompletableFuture<Reply<Echo>>> inFlight = new ArrayList<>(BATCH);
  private Request<Echo, Echo> request = Request.of(ECHO, erpc.bench.driver.Setup.USUAL.message());
  private @Nullable Line line;

  private Line line() {
    return Objects.requireNonNull(line);
  }

  @Setup
  public void open() throws IOException {
    ServerBuilder servers = Server.builder();
    ClientBuilder clients = Client.builder();
    if (observes.equals("server")) {
      servers.observer(counting);
    } else if (observes.equals("client")) {
      clients.observer(counting);
    }
    Line made = new Line(servers, clients);
    line = made;
    made.server.listen("127.0.0.1:0");
    request = request.at("ip://" + made.server.address()).withTimeout(Duration.ofSeconds(10));
  }

  @TearDown
  public void close() {
    line().close();
    if (counting.failures > 0 || (counting.calls == 0) != observes.equals("nobody")) {
      throw new IllegalStateException(
          counting.failures + " of " + counting.calls + " calls failed, observer: " + observes);
    }
  }

  /** 64 calls in flight from one thread; the time is that of one. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void callAsync() {
    Client client = line().client;
    for (int i = 0; i < BATCH; i++) {
      inFlight.add(client.sendAsync(request));
    }
    for (int i = 0; i < BATCH; i++) {
      var unused = inFlight.get(i).join();
    }
    inFlight.clear();
  }
}
