package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Context;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Unary calls from a client to a server, over every transport, by every protocol. */
@ParameterizedClass
@EnumSource
class UnaryCallTest {
  private static final Method<EchoRequest, EchoReply> ECHO =
      Method.unary("demo.echo", EchoRequest.class, EchoReply.class);

  @Parameter Way way;

  private Reactor reactor;
  private Server server;
  private Client client;

  private void start(ServerBuilder servers, java.util.function.Consumer<Server> handlers)
      throws Exception {
    reactor = Reactor.open(way.kind, 2);
    server = way.on(servers).reactor(reactor).build();
    handlers.accept(server);
    server.listen("127.0.0.1:0");
    client = way.on(Client.builder()).reactor(reactor).build();
  }

  private void startEcho() throws Exception {
    start(Server.builder(), s -> s.handle(ECHO, UnaryCallTest::echo));
  }

  private static EchoReply echo(Context context, EchoRequest request) {
    return EchoReply.newBuilder().setMsg(request.getMsg()).build();
  }

  private static EchoRequest request(String msg) {
    return EchoRequest.newBuilder().setMsg(msg).build();
  }

  private String at(String method) {
    return "ip://" + server.address() + "/" + method;
  }

  @AfterEach
  void stop() {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
    if (reactor != null) {
      reactor.close();
    }
  }

  @Test
  void answersACall() throws Exception {
    startEcho();
    EchoReply reply = client.call(at("demo.echo"), request("hi"), EchoReply.class);
    assertThat(reply.getMsg()).isEqualTo("hi");
    assertThat(client.call(at("demo.echo"), request("again"), EchoReply.class).getMsg())
        .isEqualTo("again");
  }

  @Test
  void carriesMessagesOfManyFramesBothWays() throws Exception {
    startEcho();
    String large = "x".repeat(3_900_000);
    Request<EchoRequest, EchoReply> request =
        Request.of(ECHO, request(large))
            .at("ip://" + server.address())
            .withTimeout(Duration.ofSeconds(20));
    assertThat(client.send(request).body().getMsg()).isEqualTo(large);
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> many = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        // Together more than may wait to be sent: callers that block wait for room.
        many.add(callers.submit(() -> client.send(request).body().getMsg().length()));
      }
      for (Future<Integer> each : many) {
        assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(3_900_000);
      }
    }
  }

  @Test
  void refusesAsynchronousCallsThatThereIsNoRoomFor() throws Exception {
    startEcho();
    Request<EchoRequest, EchoReply> request =
        Request.of(ECHO, request("x".repeat(3_900_000)))
            .at("ip://" + server.address())
            .withTimeout(Duration.ofSeconds(20));
    List<CompletableFuture<Reply<EchoReply>>> many = new ArrayList<>();
    CountDownLatch queued = new CountDownLatch(1);
    occupyEventLoops(queued);
    for (int i = 0; i < 16; i++) {
      many.add(client.sendAsync(request));
    }
    queued.countDown();
    int refused = 0;
    for (CompletableFuture<Reply<EchoReply>> each : many) {
      try {
        assertThat(each.get(30, TimeUnit.SECONDS).body().getMsg()).hasSize(3_900_000);
      } catch (ExecutionException e) {
        Status status = ((RpcException) e.getCause()).status();
        assertThat(status.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.started()).isEqualTo(Status.Started.NO);
        refused++;
      }
    }
    // The third one finds 7.8 MB waiting, which is still below the 8 MiB that may.
    assertThat(refused).isEqualTo(13);
  }

  /** Nothing leaves before the latch opens. */
  private void occupyEventLoops(CountDownLatch until) throws Exception {
    CountDownLatch occupied = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      reactor
          .next()
          .execute(() -> {
            occupied.countDown();
            try {
              until.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    assertThat(occupied.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void refusesMessagesOverTheLimit() throws Exception {
    startEcho();
    assertThatThrownBy(
            () -> client.call(at("demo.echo"), request("x".repeat(5 << 20)), EchoReply.class))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
  }

  @Test
  void carriesMetadataBothWays() throws Exception {
    start(
        Server.builder(),
        s ->
            s.handle(
                ECHO,
                (context, request) -> {
                  context.addHeader("h", "1");
                  context.addTrailer("t", "2");
                  return EchoReply.newBuilder().setMsg(context.metadata().text("who")).build();
                }));
    Reply<EchoReply> reply =
        client.send(
            Request.of(ECHO, request(""))
                .at("ip://" + server.address())
                .withMetadata(Metadata.of("who", "me")));
    assertThat(reply.body().getMsg()).isEqualTo("me");
    assertThat(reply.headers().text("h")).isEqualTo("1");
    assertThat(reply.trailers().text("t")).isEqualTo("2");
    assertThat(reply.endpoint()).isEqualTo(server.address());
  }

  @Test
  void endsACallAtItsDeadline() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    start(
        Server.builder(),
        s ->
            s.handle(
                ECHO,
                (context, request) -> {
                  context.onCancel(cancelled::countDown);
                  hold.await();
                  return EchoReply.getDefaultInstance();
                }));
    long start = System.nanoTime();
    assertThatThrownBy(() ->
            client.call(at("demo.echo"), request(""), EchoReply.class, Duration.ofMillis(200)))
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
    assertThat(cancelled.await(5, TimeUnit.SECONDS)).isTrue();
    hold.countDown();
  }

  @Test
  void cancellingReachesTheHandler() throws Exception {
    CountDownLatch running = new CountDownLatch(2);
    CountDownLatch cancelled = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    start(
        Server.builder(),
        s ->
            s.handle(
                ECHO,
                (context, request) -> {
                  context.onCancel(cancelled::countDown);
                  running.countDown();
                  hold.await();
                  return EchoReply.getDefaultInstance();
                }));
    CompletableFuture<EchoReply> call =
        client
            .sendAsync(
                Request.of(ECHO, request(""))
                    .at("ip://" + server.address())
                    .withTimeout(Duration.ofMinutes(1)))
            .thenApply(Reply::body);
    CompletableFuture<Reply<EchoReply>> direct =
        client.sendAsync(
            Request.of(ECHO, request(""))
                .at("ip://" + server.address())
                .withTimeout(Duration.ofMinutes(1)));
    assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(direct.cancel(true)).isTrue();
    assertThat(cancelled.await(5, TimeUnit.SECONDS)).isTrue();
    hold.countDown();
    assertThat(call.get(5, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void answersUnimplementedWhereThereIsNoMethod() throws Exception {
    startEcho();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> client.call(at("demo.nothing"), request(""), EchoReply.class))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> {
                assertThat(e.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
                assertThat(e.status().isRemote()).isTrue();
                assertThat(e.status().started()).isEqualTo(Status.Started.NO);
                assertThat(e.status().endpoint()).isEqualTo(server.address());
              });
    }
  }

  @Test
  void answersInternalWhenTheHandlerThrowsAndGoesOn() throws Exception {
    start(
        Server.builder(),
        s ->
            s.handle(
                ECHO,
                (context, request) -> {
                  switch (request.getMsg()) {
                    case "error" -> throw new AssertionError("boom");
                    case "overflow" -> overflow(1);
                    case "status" ->
                        throw Status.of(Status.Code.NOT_FOUND, "no such thing")
                            .withDetails(new byte[] {1, 2})
                            .toException();
                    default -> {}
                  }
                  return EchoReply.newBuilder().setMsg("fine").build();
                }));
    assertCode("error", Status.Code.INTERNAL);
    assertCode("overflow", Status.Code.INTERNAL);
    assertThatThrownBy(() -> client.call(at("demo.echo"), request("status"), EchoReply.class))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Status.Code.NOT_FOUND);
              assertThat(e.status().message()).isEqualTo("no such thing");
              assertThat(e.status().details()).containsExactly(1, 2);
            });
    assertThat(client.call(at("demo.echo"), request(""), EchoReply.class).getMsg())
        .isEqualTo("fine");
  }

  @SuppressWarnings("InfiniteRecursion") // On purpose.
  private static int overflow(int depth) {
    return depth < 0 ? depth : overflow(depth + 1) + 1; // it never gets there
  }

  private void assertCode(String msg, Status.Code code) {
    assertThatThrownBy(() -> client.call(at("demo.echo"), request(msg), EchoReply.class))
        .isInstanceOfSatisfying(RpcException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void runsHandlersInlineAndOnExecutors() throws Exception {
    try (var pool = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"))) {
      start(
          Server.builder(),
          s -> {
            s.handle(
                Method.unary("demo.inline", EchoRequest.class, EchoReply.class),
                UnaryCallTest::thread,
                Execution.inline());
            s.handle(
                Method.unary("demo.pool", EchoRequest.class, EchoReply.class),
                UnaryCallTest::thread,
                Execution.on(pool));
            s.handle(
                Method.unary("demo.virtual", EchoRequest.class, EchoReply.class),
                UnaryCallTest::thread);
          });
      assertThat(client.call(at("demo.inline"), request(""), EchoReply.class).getMsg())
          .startsWith("erpc-loop");
      assertThat(client.call(at("demo.pool"), request(""), EchoReply.class).getMsg())
          .isEqualTo("mine");
      assertThat(client.call(at("demo.virtual"), request(""), EchoReply.class).getMsg())
          .isEqualTo("virtual");
    }
  }

  private static EchoReply thread(Context context, EchoRequest request) {
    Thread thread = Thread.currentThread();
    return EchoReply.newBuilder().setMsg(thread.isVirtual() ? "virtual" : thread.getName()).build();
  }

  @Test
  void sendsOneWay() throws Exception {
    CountDownLatch arrived = new CountDownLatch(2);
    start(
        Server.builder(),
        s ->
            s.handle(
                ECHO,
                (context, request) -> {
                  arrived.countDown();
                  return EchoReply.getDefaultInstance();
                }));
    client.oneway(at("demo.echo"), request("small"));
    client.oneway(at("demo.echo"), request("x".repeat(1_000_000)));
    assertThat(arrived.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void refusesABlockingCallOnAnEventLoop() throws Exception {
    start(
        Server.builder(),
        s ->
            s.handle(
                ECHO,
                (context, request) -> client.call(at("demo.echo"), request, EchoReply.class),
                Execution.inline()));
    assertThatThrownBy(() -> client.call(at("demo.echo"), request(""), EchoReply.class))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e.status().message()).contains("event loop");
            });
  }

  @Test
  void failsAsNotStartedWhereNobodyListens() throws Exception {
    reactor = Reactor.open(way.kind, 1);
    client =
        Client.builder()
            .reactor(reactor)
            .settings(ClientSettings.DEFAULTS.withMaxAttempts(1))
            .build();
    assertThatThrownBy(
            () -> client.call("ip://127.0.0.1:1/demo.echo", request(""), EchoReply.class))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(e.status().started()).isEqualTo(Status.Started.NO);
              assertThat(e.status().message()).contains("127.0.0.1:1").doesNotContain("(..)");
            });
  }
}
