package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls made while handling a call. */
@Timeout(60)
class NestedCallsTest {
  private final Rig rig = new Rig();
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private Server inner() throws Exception {
    return rig.serve((context, request) -> {
      context.onCancel(cancelled::countDown);
      running.countDown();
      hold.await();
      return reply("late");
    });
  }

  @Test
  void inheritWhatIsLeftOfTheDeadline() throws Exception {
    List<Duration> left = new CopyOnWriteArrayList<>();
    Server inner =
        rig.serve((context, request) -> {
          left.add(context.deadline().remaining());
          return reply("");
        });
    Client nested = rig.client();
    Server outer =
        rig.serve((context, request) -> {
          nested.send(Rig.to(inner).withTimeout(Duration.ofHours(1)));
          nested.send(Rig.to(inner).withTimeout(Duration.ofMillis(700)));
          return reply("");
        });
    rig.client().send(Rig.to(outer).withTimeout(Duration.ofSeconds(9)));
    assertThat(left.get(0)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(9));
    assertThat(left.get(1)).isBetween(Duration.ofMillis(1), Duration.ofMillis(700));
  }

  @Test
  void streamsInheritWhatIsLeftOfTheDeadlineAndEndWithTheOuterCall() throws Exception {
    Method<EchoRequest, EchoReply> chat =
        Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);
    CompletableFuture<Duration> left = new CompletableFuture<>();
    CompletableFuture<Duration> ownLeft = new CompletableFuture<>();
    Server inner = rig.serve(Rig::echo);
    inner.handleStream(
        chat,
        (context, requests, replies) -> {
          if (!ownLeft.isDone()) {
            ownLeft.complete(context.deadline().remaining());
            return;
          }
          left.complete(context.deadline().remaining());
          context.onCancel(cancelled::countDown);
          running.countDown();
          hold.await();
        });
    Client nested = rig.client();
    Request<EchoRequest, EchoReply> opening = Request.opening(chat).at("ip://" + inner.address());
    try (var own = nested.open(opening)) {
      assertThat(own.next()).isNull();
    }
    assertThat(ownLeft.get(10, TimeUnit.SECONDS)).isGreaterThan(Duration.ofDays(365));
    CompletableFuture<Status> ended = new CompletableFuture<>();
    Server outer =
        rig.serve((context, request) -> {
          try (var stream = nested.open(opening)) {
            ended.complete(failure(stream::next));
          }
          return reply("");
        });
    var call = rig.client().sendAsync(Rig.to(outer).withTimeout(Duration.ofSeconds(9)));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(left.get()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(9));
    call.cancel(true);
    assertThat(ended.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.CANCELLED);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void endWhenTheOuterCallIsCancelled() throws Exception {
    Server inner = inner();
    Client nested = rig.client();
    CompletableFuture<Status> ended = new CompletableFuture<>();
    Server outer =
        rig.serve((context, request) -> {
          ended.complete(failure(() -> nested.send(Rig.to(inner))));
          return reply("");
        });
    var call = rig.client().sendAsync(Rig.to(outer));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    assertThat(ended.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.CANCELLED);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void endWhenTheConnectionOfTheOuterCallIsLost() throws Exception {
    Server inner = inner();
    Client nested = rig.client();
    CompletableFuture<Status> ended = new CompletableFuture<>();
    Server outer =
        rig.serve((context, request) -> {
          ended.complete(failure(() -> nested.send(Rig.to(inner))));
          return reply("");
        });
    Client client = rig.client();
    var unused = client.sendAsync(Rig.to(outer));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    client.close();
    assertThat(ended.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.CANCELLED);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void onOtherThreadsBelongToTheCallOnlyWhenWrapped() throws Exception {
    Server inner =
        rig.serve((context, request) ->
            reply(context.deadline().remaining().toMinutes() > 5 ? "own" : "inherited"));
    Client nested = rig.client();
    try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
      Server outer =
          rig.serve((context, request) -> {
            var own = Rig.to(inner).withTimeout(Duration.ofHours(1));
            String wrapped =
                pool.submit(context.wrap(() -> nested.send(own).body().getMsg())).get();
            String bare = pool.submit(() -> nested.send(own).body().getMsg()).get();
            CompletableFuture<Boolean> left = new CompletableFuture<>();
            Runnable task = () -> left.complete(Context.current() == context);
            pool.execute(context.wrap(task));
            assertThat(left.get()).isTrue();
            assertThat(pool.submit(Context::current).get()).isNull();
            return reply(wrapped + " " + bare);
          });
      assertThat(rig.client().send(Rig.to(outer)).body().getMsg()).isEqualTo("inherited own");
    }
  }

  @Test
  void asynchronousOnesWithFiltersBelongToTheCallToo() throws Exception {
    Server inner =
        rig.serve((context, request) ->
            reply(context.deadline().remaining().toMinutes() > 5 ? "own" : "inherited"));
    Client nested =
        rig.client(
            Client.builder()
                .filter((request, next) -> next.call(request))
                .attemptFilter((request, next) -> next.call(request)));
    Server outer =
        rig.serve((context, request) ->
            nested.sendAsync(Rig.to(inner).withTimeout(Duration.ofHours(1))).get().body());
    assertThat(rig.client().send(Rig.to(outer)).body().getMsg()).isEqualTo("inherited");
  }

  @Test
  void inACallThatWasCancelledBeforeFailAtOnceAndAreSeenToEnd() throws Exception {
    Server server = rig.serve(Rig::echo);
    AtomicInteger open = new AtomicInteger();
    CallObserver counting =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            open.incrementAndGet();
            return this;
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            open.decrementAndGet();
          }
        };
    for (ClientBuilder builder : List.of(Client.builder(), Client.builder().inlineCallbacks())) {
      Client client = rig.client(builder.observer(counting));
      for (int i = 0; i < 100; i++) {
        Context context = cancelledContext();
        Context before = context.enter();
        CompletableFuture<Reply<EchoReply>> call;
        try {
          call = client.sendAsync(Rig.to(server));
          assertThat(failure(() -> client.send(Rig.to(server))).code()).isEqualTo(Code.CANCELLED);
        } finally {
          Context.exit(before);
        }
        assertThat(failure(call).code()).isEqualTo(Code.CANCELLED);
      }
    }
    await().untilAsserted(() -> assertThat(open).hasValue(0));
  }

  private static Context cancelledContext() {
    Peer peer =
        new Peer() {
          @Override
          public SocketAddress address() {
            return new InetSocketAddress(1);
          }

          @Override
          public boolean isSameMachine() {
            return true;
          }

          @Override
          public void onClose(Runnable action) {}
        };
    Context context =
        new Context(Rig.ECHO, Metadata.EMPTY, peer, Deadline.after(Duration.ofMinutes(1)), null);
    context.cancel(Status.of(Code.CANCELLED, "before"));
    return context;
  }

  @Test
  void actionThatThrowsOnCancelHarmsNobodyElse() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          if (request.getMsg().equals("quick")) {
            return reply("quick");
          }
          context.onCancel(() -> {
            throw new IllegalStateException("a bug in an action (a test)");
          });
          context.onCancel(cancelled::countDown);
          running.countDown();
          hold.await();
          return reply("late");
        });
    Client client = rig.client();
    CompletableFuture<?> neighbour = client.sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    // By the deadline, which the event loop's own wheel tells, and by the caller.
    failure(() -> client.send(Rig.to(server).withTimeout(Duration.ofMillis(50))));
    var call = client.sendAsync(Rig.to(server));
    call.cancel(true);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 5; i++) {
      Status late = failure(() -> client.send(Rig.to(server).withTimeout(Duration.ofMillis(50))));
      assertThat(late.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    }
    assertThat(client.send(Rig.to(server).withBody(Rig.request("quick"))).body().getMsg())
        .isEqualTo("quick");
    assertThat(neighbour).isNotDone();
    assertThat(server.connectionCount()).isEqualTo(1);
  }
}
