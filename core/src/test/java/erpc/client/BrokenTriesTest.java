package erpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.transport.EndpointPool;
import erpc.transport.PoolSettings;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.Security;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a try has taken is given back, whatever throws in its way. */
@Timeout(60)
class BrokenTriesTest {
  private static final Method<EchoRequest, EchoReply> ECHO =
      Method.unary("demo.echo", EchoRequest.class, EchoReply.class);

  private static final Method<EchoRequest, EchoReply> MANY =
      Method.serverStreaming("demo.many", EchoRequest.class, EchoReply.class);

  private static final PoolSettings ONE = PoolSettings.pooled(1);

  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile String breaksIn = "";

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    reactor.close();
  }

  private String serve() throws Exception {
    Server server = Server.builder().reactor(reactor).build();
    open.add(server);
    server.handle(ECHO, (context, request) -> EchoReply.newBuilder().setMsg("hi").build());
    return server.listen("127.0.0.1:0").address();
  }

  private Client client(ClientBuilder builder, ClientSettings settings) {
    Client client = builder.reactor(reactor).settings(settings.withMaxAttempts(1)).build();
    open.add(client);
    return client;
  }

  private static Thread noThread(Runnable task) {
    throw new OutOfMemoryError("a test, so not for " + task);
  }

  private static <R> Request<EchoRequest, R> to(Method<EchoRequest, R> method, String address) {
    return Request.of(method, EchoRequest.getDefaultInstance())
        .at("ip://" + address)
        .withTimeout(Duration.ofSeconds(20));
  }

  /** A clock that throws while the calling thread is in this method. */
  private Ticker ticker() {
    return () -> {
      String where = breaksIn;
      if (!where.isEmpty()
          && StackWalker.getInstance()
              .walk(all -> all.anyMatch(frame -> frame.getMethodName().equals(where)))) {
        throw new IllegalStateException("a test");
      }
      return System.nanoTime();
    };
  }

  private static Status failure(Future<?> future) {
    Throwable thrown = catchThrowable(() -> future.get(20, TimeUnit.SECONDS));
    Throwable cause = thrown instanceof CompletionException ? thrown : thrown.getCause();
    return ((RpcException) cause).status();
  }

  @Test
  void callsThatFindNoThreadForTheirFiltersTellTheirFuture() throws Exception {
    ClientBuilder builder = Client.builder().filter((request, next) -> next.call(request));
    builder.threads = BrokenTriesTest::noThread;
    Client client = client(builder, ClientSettings.DEFAULTS);
    Status status = failure(client.sendAsync(to(ECHO, serve())));
    assertThat(status.code()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.message()).contains("a test");
  }

  @Test
  void placeWhoseTryFoundNoThreadIsLetGo() throws Exception {
    ClientBuilder builder = Client.builder().attemptFilter((request, next) -> next.call(request));
    builder.threads = BrokenTriesTest::noThread;
    Client client = client(builder, ClientSettings.DEFAULTS.withMaxDestinations(1));
    assertThat(failure(client.sendAsync(to(ECHO, serve()))).code()).isEqualTo(Status.Code.INTERNAL);
    assertThat(client.send(to(ECHO, serve())).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void tryThatBreaksGivesItsConnectionAndItsPlaceBack() throws Exception {
    String address = serve();
    Client client =
        client(
            Client.builder().ticker(ticker()),
            ClientSettings.DEFAULTS.withMaxDestinations(1).withPool(ONE));
    breaksIn = "prepare";
    try (var replies = client.open(to(MANY, address))) {
      assertThatThrownBy(replies::next)
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.status().code()).isEqualTo(Status.Code.INTERNAL));
    }
    breaksIn = "";
    assertThat(client.send(to(ECHO, address)).body().getMsg()).isEqualTo("hi");
    assertThat(client.send(to(ECHO, serve())).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void connectionWhoseReleaseBrokeIsNotTakenForGood() throws Exception {
    EndpointPool pool =
        new EndpointPool(
            reactor,
            serve(),
            ONE,
            ConnectionSettings.DEFAULTS,
            Duration.ofSeconds(20),
            new EndpointPool.Context(
                ticker(), new Random(7), Protocols.erpc(), new Security(null, null)));
    EndpointPool.Lease lease = Objects.requireNonNull(pool.lease());
    breaksIn = "release";
    assertThatThrownBy(lease::release).isInstanceOf(IllegalStateException.class);
    breaksIn = "";
    assertThat(pool.lease()).isNotNull();
    pool.retire();
  }
}
