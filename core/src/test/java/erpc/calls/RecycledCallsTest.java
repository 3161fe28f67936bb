package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.TraceContext;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server's call with its stream serves one call of a connection after the other, where handlers
 * are inline. Whoever still knows it from its old life changes nothing of the new one.
 */
@Timeout(60)
class RecycledCallsTest {
  private static final Status TOO_LATE = Status.of(Code.ABORTED, "too late");

  private final Rig rig = new Rig(Reactor.open(TransportKind.MEMORY, 1));
  private final List<Context> contexts = new CopyOnWriteArrayList<>();
  private final Views views = new Views();
  private final AtomicInteger actionsRun = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** Keeps what is valid during a callback only. */
  private static final class Views implements CallObserver {
    final List<CallView> all = new CopyOnWriteArrayList<>();

    @Override
    public @Nullable Object begin(CallView call) {
      all.add(call);
      return this;
    }
  }

  private Request<EchoRequest, EchoReply> request(Server server, String msg) {
    return Rig.to(server).withBody(Rig.request(msg));
  }

  @Test
  void nothingKeptOfOneCallReachesTheNext() throws Exception {
    Server server =
        rig.serve(
            Rig.servers().observer(views),
            (context, request) -> {
              contexts.add(context);
              context.onCancel(actionsRun::incrementAndGet);
              if (contexts.size() > 1) {
                useWhatIsLeftOfTheFirst();
              }
              return reply(request.getMsg());
            },
            Execution.inline());
    Client client = rig.client();
    client.send(request(server, "one").withMetadata("k", "1"));
    Reply<EchoReply> second = client.send(request(server, "two"));
    // Else there is nothing to be seen here.
    assertThat(views.all.get(0)).as("one object for both calls").isSameAs(views.all.get(1));
    assertThat(second.body().getMsg()).isEqualTo("two");
    assertThat(second.headers().isEmpty()).isTrue();
    assertThat(second.trailers().isEmpty()).isTrue();
    assertThat(contexts.get(0).metadata().text("k")).isEqualTo("1");
    assertThat(contexts.get(1).metadata()).isEqualTo(Metadata.EMPTY);
    assertThat(contexts.get(1).isCancelled()).isFalse();
    assertThat(contexts.get(1).trace()).isNull();
    assertThat(actionsRun).hasValue(0);
  }

  private void useWhatIsLeftOfTheFirst() {
    Context first = contexts.get(0);
    first.addHeader("late", "h");
    first.addTrailer("late", "t");
    first.onCancel(actionsRun::incrementAndGet);
    first.cancel(TOO_LATE);
    CallView seen = views.all.get(0);
    assertThatIllegalStateException().isThrownBy(seen::method);
    assertThatIllegalStateException().isThrownBy(() -> seen.trace(TraceContext.of(1, 2, 3, 1)));
  }

  @Test
  void answerThatComesLateIsThatOfItsOwnCall() throws Exception {
    Map<String, CompletableFuture<EchoReply>> promised = new ConcurrentHashMap<>();
    Server server = rig.serve((context, request) -> reply("other"));
    Server async = Rig.servers().reactor(rig.reactor).build();
    try (async) {
      async
          .handleAsync(
              Rig.ECHO,
              (context, request) ->
                  request.getMsg().startsWith("late")
                      ? promised.computeIfAbsent(
                          request.getMsg(), unused -> new CompletableFuture<>())
                      : CompletableFuture.completedFuture(reply(request.getMsg())),
              Execution.inline())
          .listen("127.0.0.1:0");
      Client client = rig.clientOfOneTry();
      client.send(request(async, "first"));
      CompletableFuture<Reply<EchoReply>> late = client.sendAsync(request(async, "late"));
      Request<EchoRequest, EchoReply> brief =
          request(async, "late for ever").withTimeout(Duration.ofMillis(30));
      assertThat(failure(client.sendAsync(brief)).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      List<CompletableFuture<Reply<EchoReply>>> more = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        more.add(client.sendAsync(request(async, "more " + i)));
        if (i == 10) {
          promised.get("late for ever").complete(reply("much too late"));
          promised.get("late").complete(reply("late"));
        }
      }
      assertThat(late.get(20, TimeUnit.SECONDS).body().getMsg()).isEqualTo("late");
      for (int i = 0; i < 20; i++) {
        assertThat(more.get(i).get(20, TimeUnit.SECONDS).body().getMsg()).isEqualTo("more " + i);
      }
    }
    assertThat(server.inFlight()).isZero();
  }

  /** A request whose decoding may take a while. */
  record Slow(String text) {
    private static final String LATE_THREAD = "late";

    private static volatile CountDownLatch decoding = new CountDownLatch(1);
    private static volatile CountDownLatch hold = new CountDownLatch(1);

    Slow {
      if (Thread.currentThread().getName().equals(LATE_THREAD)) {
        decoding.countDown();
        awaits(hold);
      }
    }

    static void awaits(CountDownLatch latch) {
      try {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    static Thread late(Runnable task) {
      decoding = new CountDownLatch(1);
      hold = new CountDownLatch(1);
      Thread thread = Thread.ofVirtual().name(LATE_THREAD).start(task);
      awaits(decoding);
      return thread;
    }
  }

  /** Goes on with the first call on a thread of its own, and answers for it; refuses the next. */
  private static final class GoesOnLate implements Filter {
    private @Nullable Thread late;

    @Override
    public boolean mayBlock() {
      return false;
    }

    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      if (late == null) {
        late =
            Slow.late(() -> {
              try {
                var unused = next.call(request);
              } catch (Exception e) {
                // As it is to be, of a call that is over.
              }
            });
        return Reply.of(new Slow("instead"));
      }
      Slow.hold.countDown();
      late.join(); // It has begun a handler by now, if it ever does.
      throw Status.of(Code.UNAVAILABLE, "refused").toException();
    }
  }

  @Test
  void filterThatGoesOnLateBeginsNoHandlerOfTheCallAfterIt() throws Exception {
    Method<Slow, Slow> slow = Method.unary("demo.slow", Slow.class, Slow.class);
    Server server =
        rig.serve(Rig.servers().filter(new GoesOnLate()), Rig::echo)
            .handle(slow, (context, request) -> request, Execution.inline());
    Client client = rig.clientOfOneTry();
    Request<Slow, Slow> request =
        Request.of(slow, new Slow("hi"))
            .at("ip://" + server.address())
            .withCodec("json")
            .withTimeout(Rig.LONG);
    assertThat(client.send(request).body().text()).isEqualTo("instead");
    Status status = failure(() -> client.send(request));
    assertThat(status.message()).contains("refused");
    assertThat(status.started()).isEqualTo(Status.Started.NO);
  }
}
