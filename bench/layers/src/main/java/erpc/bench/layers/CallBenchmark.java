package erpc.bench.layers;

import erpc.bench.wire.Echo;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.client.Client;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Whole unary calls, every limit, deadline and check on, over a connection in memory: client and
 * server share one event loop, handler and callbacks run on it. What is left of {@link
 * erpc.protocol.own.FrameBenchmark}'s call, twice the codec and a hand-off is the two stacks and
 * switching threads.
 */
@State(Scope.Benchmark)
public class CallBenchmark {
  private static final int BATCH = 64;
  private static final Method<Echo, Echo> ECHO = Method.unary("bench.echo", Echo.class, Echo.class);

  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private final Server server =
      Server.builder()
          .reactor(reactor)
          .build()
          .handle(ECHO, (context, request) -> request, Execution.inline());
  private final Client client = Client.builder().reactor(reactor).inlineCallbacks().build();
  private final List<CompletableFuture<Reply<Echo>>> inFlight = new ArrayList<>(BATCH);
  private Request<Echo, Echo> request = Request.of(ECHO, erpc.bench.driver.Setup.USUAL.message());

  @Setup
  public void open() throws IOException {
    server.listen("127.0.0.1:0");
    request = request.at("ip://" + server.address()).withTimeout(Duration.ofSeconds(10));
  }

  @TearDown
  public void close() {
    client.close();
    server.close();
    reactor.close();
  }

  /**
   * One call, waited for. Bounded by waking the event loop and by waking the caller, some
   * microseconds each.
   */
  @Benchmark
  public Reply<Echo> callAndWait() {
    return client.send(request);
  }

  /**
   * 64 calls in flight from one thread; the time is that of one. Bounded by the layers' sum, as far
   * as caller and event loop don't work side by side.
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void callAsync() {
    for (int i = 0; i < BATCH; i++) {
      inFlight.add(client.sendAsync(request));
    }
    for (int i = 0; i < BATCH; i++) {
      var unused = inFlight.get(i).join();
    }
    inFlight.clear();
  }
}
