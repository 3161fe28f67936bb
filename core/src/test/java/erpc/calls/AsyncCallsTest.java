package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where asynchronous calls complete, and what is dropped because nobody waits for it. */
@Timeout(60)
class AsyncCallsTest {
  private final Rig rig = new Rig();
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private static String kind(Thread thread) {
    return thread.isVirtual()
        ? "virtual"
        : thread.getName().startsWith("erpc-loop") ? "loop" : thread.getName();
  }

  private String completes(Client client, Server server, Duration timeout) throws Exception {
    CompletableFuture<String> thread = new CompletableFuture<>();
    var unused =
        client
            .sendAsync(Rig.to(server).withTimeout(timeout))
            .whenComplete((reply, thrown) -> thread.complete(kind(Thread.currentThread())));
    return thread.get(10, TimeUnit.SECONDS);
  }

  @Test
  void completeOnVirtualThreadsByDefault() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          await().until(() -> true);
          return reply("");
        });
    Server stuck =
        rig.serve((context, request) -> {
          hold.await();
          return reply("");
        });
    Client client = rig.client();
    assertThat(completes(client, stuck, Duration.ofMillis(50))).isEqualTo("virtual");
    assertThat(completes(client, server, Rig.LONG)).isEqualTo("virtual");
  }

  @Test
  void completeOnTheEventLoopWithInlineCallbacks() throws Exception {
    CountDownLatch registered = new CountDownLatch(1);
    Server server =
        rig.serve((context, request) -> {
          registered.await();
          return reply("");
        });
    Client client = rig.client(Client.builder().inlineCallbacks());
    CompletableFuture<String> thread = new CompletableFuture<>();
    var unused =
        client
            .sendAsync(Rig.to(server))
            .thenAccept(reply -> thread.complete(kind(Thread.currentThread())));
    registered.countDown();
    assertThat(thread.get(10, TimeUnit.SECONDS)).isEqualTo("loop");
    Server stuck =
        rig.serve((context, request) -> {
          hold.await();
          return reply("");
        });
    assertThat(completes(client, stuck, Duration.ofMillis(50))).isEqualTo("loop");
  }

  @Test
  void cancellingTheFutureEndsTheCall() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(2);
    CountDownLatch running = new CountDownLatch(2);
    Server server =
        rig.serve((context, request) -> {
          context.onCancel(cancelled::countDown);
          running.countDown();
          hold.await();
          return reply("");
        });
    var plain = rig.client().sendAsync(Rig.to(server));
    var filtered =
        rig.client(Client.builder().filter((request, next) -> next.call(request)))
            .sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    plain.cancel(true);
    filtered.cancel(true);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void observersThatThrowHarmNobody() throws Exception {
    CallObserver broken =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            throw new IllegalStateException("a bug in an observer (a test)");
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            throw new IllegalStateException("a bug in an observer (a test)");
          }
        };
    Server server =
        rig.serve(
            Rig.servers().observer(broken),
            (context, request) -> {
              if (request.getMsg().equals("stuck")) {
                hold.await();
              }
              return reply("");
            });
    Client client = rig.client(Client.builder().observer(broken));
    var stuck = Rig.to(server).withBody(Rig.request("stuck")).withTimeout(Duration.ofMillis(50));
    for (int i = 0; i < 3; i++) {
      assertThat(client.send(Rig.to(server))).isNotNull();
      assertThat(client.sendAsync(Rig.to(server)).get(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(failure(() -> client.send(stuck)).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(failure(client.sendAsync(stuck)).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void callsThatExpireBeforeTheirHandlerRunsDoNotRun() throws Exception {
    ManualClock clock = new ManualClock();
    AtomicInteger runs = new AtomicInteger();
    List<Runnable> queued = new CopyOnWriteArrayList<>();
    try (Rig timed = new Rig(Reactor.inMemory(clock))) {
      Server server =
          timed.serve(
              Rig.servers(),
              (context, request) -> {
                runs.incrementAndGet();
                return reply("");
              },
              Execution.on(queued::add));
      Client client = timed.client();
      var late = client.sendAsync(Rig.to(server).withTimeout(Duration.ofSeconds(1)));
      var intime = client.sendAsync(Rig.to(server).withTimeout(Duration.ofSeconds(10)));
      await().until(() -> queued.size() == 2);
      clock.advance(Duration.ofMillis(999));
      assertThat(late).isNotDone();
      clock.advance(Duration.ofMillis(50));
      queued.forEach(Runnable::run);
      assertThat(failure(late).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(intime.get(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(runs).hasValue(1);
      await().until(() -> server.inFlight() == 0);
    }
  }

  @Test
  void cancellingTheFutureCancelsTheCallHoweverItWasMade() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    Server server =
        rig.serve((context, request) -> {
          context.onCancel(() -> told.add("cancelled"));
          told.add("began");
          hold.await();
          return reply("");
        });
    String place = "ip://" + server.address();
    for (ClientBuilder builder :
        List.of(Client.builder(), Client.builder().filter((request, next) -> next.call(request)))) {
      Client client = rig.client(builder);
      List<Supplier<CompletableFuture<?>>> ways =
          List.of(
              () -> client.sendAsync(Rig.to(server)),
              () -> client.callAsync(place + "/demo.echo", Rig.request(""), EchoReply.class));
      for (Supplier<CompletableFuture<?>> way : ways) {
        CompletableFuture<?> call = way.get();
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("began");
        assertThat(call.cancel(true)).isTrue();
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
      }
    }
  }

  @Test
  void failTheirFutureWithARpcExceptionWhateverIsWrong() throws Exception {
    Server server = rig.serve(Rig::echo);
    Method<EchoRequest, EchoReply> many =
        Method.serverStreaming("demo.many", EchoRequest.class, EchoReply.class);
    Filter refusing =
        (request, next) -> {
          throw Status.of(Code.PERMISSION_DENIED, "no").toException();
        };
    Client plain = rig.client();
    Client filtered = rig.client(Client.builder().filter((request, next) -> next.call(request)));
    Client refused = rig.client(Client.builder().filter(refusing));
    for (Client client : List.of(plain, filtered)) {
      List<CompletableFuture<?>> bad =
          List.of(
              client.callAsync("nothing like an address", Rig.request(""), EchoReply.class),
              client.callAsync("what://ever/demo.echo", Rig.request(""), EchoReply.class),
              client.callAsync(many, Rig.request("")),
              client.onewayAsync("nothing like an address", Rig.request("")),
              client.onewayAsync("what://ever/demo.echo", Rig.request("")),
              client.onewayAsync(many, Rig.request("")),
              client.onewayAsync(Rig.to("ip://not an address")),
              client.sendAsync(Request.of(many, Rig.request(""))),
              client.sendAsync(Rig.to("ip://not an address")));
      for (CompletableFuture<?> each : bad) {
        assertThat(failure(each).code()).isEqualTo(Code.INVALID_ARGUMENT);
      }
    }
    List<CompletableFuture<?>> all =
        List.of(
            plain.callAsync(many, Rig.request("")),
            plain.sendAsync(Rig.to(server).withTimeout(Duration.ZERO)),
            plain.onewayAsync(Rig.to(server).withTimeout(Duration.ofSeconds(-1))),
            plain.onewayAsync("ip://127.0.0.1:1/demo.echo", Rig.request("")),
            refused.onewayAsync(Rig.to(server)),
            refused.sendAsync(Rig.to(server)),
            refused.callAsync("ip://" + server.address() + "/demo.echo", "x", EchoReply.class));
    for (CompletableFuture<?> each : all) {
      CompletableFuture<Throwable> seen = new CompletableFuture<>();
      var unused = each.whenComplete((reply, thrown) -> seen.complete(thrown));
      assertThat(seen.get(10, TimeUnit.SECONDS)).isInstanceOf(RpcException.class);
      assertThatThrownBy(each::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(RpcException.class);
      assertThatThrownBy(each::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RpcException.class);
    }
  }

  @Test
  void nullIsNamedInTheFailureOfTheirFuture() throws Exception {
    Client client = rig.client();
    assertThat(failure(client.onewayAsync(null)).message()).contains("needs a request, not null");
    assertThat(failure(client.sendAsync(null)).message()).contains("needs a request, not null");
    assertThat(failure(client.onewayAsync((String) null, Rig.request(""))).message())
        .contains("needs an address, not null");
    assertThat(failure(client.callAsync(null, Rig.request(""), EchoReply.class)).message())
        .contains("needs an address, not null");
    assertThat(failure(client.onewayAsync("demo.echo", null)).message())
        .contains("demo.echo needs a message, not null");
    assertThat(failure(client.onewayAsync(Rig.ECHO, null)).message())
        .contains("demo.echo needs a message, not null");
  }

  private record Here() implements Peer {
    @Override
    public SocketAddress address() {
      return new InetSocketAddress(0);
    }

    @Override
    public boolean isSameMachine() {
      return true;
    }

    @Override
    public void onClose(Runnable action) {}
  }

  @Test
  void callbacksRunInTheContextInWhichTheCallWasMade() throws Exception {
    Server server = rig.serve(Rig::echo);
    Context outer =
        new Context(
            Rig.ECHO, Metadata.EMPTY, new Here(), Deadline.after(Duration.ofMinutes(1)), null);
    for (ClientBuilder builder :
        List.of(
            Client.builder(),
            Client.builder().inlineCallbacks(),
            Client.builder().filter((request, next) -> next.call(request)),
            Client.builder().attemptFilter((request, next) -> next.call(request)))) {
      Client client = rig.client(builder);
      for (Duration timeout : List.of(Rig.LONG, Duration.ZERO)) {
        CompletableFuture<Context> inside = new CompletableFuture<>();
        outer
            .wrap(() -> {
              var unused =
                  client
                      .sendAsync(Rig.to(server).withTimeout(timeout))
                      .whenComplete((reply, thrown) -> inside.complete(Context.current()));
            })
            .run();
        assertThat(inside.get(10, TimeUnit.SECONDS)).isSameAs(outer);
        CompletableFuture<Context> afterSending = new CompletableFuture<>();
        outer
            .wrap(() -> {
              var unused =
                  client
                      .onewayAsync(Rig.to(server).withTimeout(timeout))
                      .whenComplete((none, thrown) -> afterSending.complete(Context.current()));
            })
            .run();
        assertThat(afterSending.get(10, TimeUnit.SECONDS)).isSameAs(outer);
      }
      CompletableFuture<Boolean> none = new CompletableFuture<>();
      var unused =
          client
              .sendAsync(Rig.to(server))
              .whenComplete((reply, thrown) -> none.complete(Context.current() == null));
      assertThat(none.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void neverThrowButFailTheirFutureOnceTheClientIsClosed() throws Exception {
    Server server = rig.serve(Rig::echo);
    String address = "ip://" + server.address() + "/demo.echo";
    for (ClientBuilder builder :
        List.of(Client.builder(), Client.builder().filter((request, next) -> next.call(request)))) {
      Client client = rig.client(builder);
      assertThat(client.callAsync(address, Rig.request("hi"), EchoReply.class).get()).isNotNull();
      client.close();
      List<CompletableFuture<?>> calls =
          List.of(
              client.sendAsync(Rig.to(server)),
              client.sendAsync(Request.of(address, Rig.request(""), EchoReply.class)),
              client.callAsync(address, Rig.request(""), EchoReply.class),
              client.callAsync(Rig.ECHO, Rig.request("")),
              client.onewayAsync(Rig.to(server)),
              client.onewayAsync(address, Rig.request("")),
              client.onewayAsync(Rig.ECHO, Rig.request("")));
      for (CompletableFuture<?> call : calls) {
        assertThat(failure(call).message()).isEqualTo("the client was closed");
      }
    }
  }
}
