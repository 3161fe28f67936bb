package erpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status.Code;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ManualTicker;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is known of tries that filters are around. */
@Timeout(60)
class FilteredTriesTest {
  private static final Method<EchoRequest, EchoReply> ECHO =
      Method.unary("demo.echo", EchoRequest.class, EchoReply.class).idempotent();

  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private final ManualTicker ticker = new ManualTicker();
  private final AtomicBoolean fails = new AtomicBoolean();
  private final AtomicInteger handled = new AtomicInteger();

  @AfterEach
  void stop() {
    reactor.close();
  }

  private Server server() throws Exception {
    Server server = Server.builder().reactor(reactor).build();
    server.handle(
        ECHO,
        (context, request) -> {
          handled.incrementAndGet();
          if (fails.getAndSet(false)) {
            throw new RpcException(Code.UNAVAILABLE, "a test");
          }
          return EchoReply.getDefaultInstance();
        });
    return server.listen("127.0.0.1:0");
  }

  @Test
  void theTimeOfFiltersIsNoneOfTheMethods() throws Exception {
    AtomicBoolean slow = new AtomicBoolean(true);
    ClientBuilder builder =
        Client.builder()
            .attemptFilter((request, next) -> {
              if (slow.get()) {
                ticker.advance(Duration.ofSeconds(1));
              }
              return next.call(request);
            });
    builder.ticker = ticker;
    try (Server one = server();
        Server other = server();
        Client client = builder.reactor(reactor).build()) {
      Request<EchoRequest, EchoReply> request =
          Request.of(ECHO, EchoRequest.getDefaultInstance())
              .at("list://" + one.address() + "," + other.address());
      for (int i = 0; i < 40; i++) {
        var unused = client.send(request.withTimeout(Duration.ofSeconds(20)));
      }
      // There is to be another try only if as much time is left as the method mostly takes.
      slow.set(false);
      fails.set(true);
      handled.set(0);
      var unused = client.send(request.withTimeout(Duration.ofMillis(500)));
      assertThat(handled).hasValue(2);
    }
  }
}
