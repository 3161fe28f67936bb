package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whenever a call is cancelled, its handler doesn't begin or is told. */
@Timeout(60)
class CancelledHandlersTest {
  private static final int CALLS = 1_000;

  private final Rig rig = new Rig();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** Goes on until it is told of the cancellation, and not for ever. */
  private EchoReply untilCancelled(Context context, EchoRequest request) throws Exception {
    begun.incrementAndGet();
    CountDownLatch cancelled = new CountDownLatch(1);
    context.onCancel(cancelled::countDown);
    if (cancelled.await(20, TimeUnit.SECONDS) && context.isCancelled()) {
      told.incrementAndGet();
    }
    return reply("");
  }

  @Test
  void oneThatStillWaitsForAThreadNeverBegins() throws Exception {
    List<Runnable> queued = new CopyOnWriteArrayList<>();
    Server server = rig.serve(Rig.servers(), this::untilCancelled, Execution.on(queued::add));
    Client client = rig.client();
    CompletableFuture<?> call = client.sendAsync(Rig.to(server));
    await().until(() -> queued.size() == 1);
    call.cancel(true);
    // Comes over the same connection behind the cancellation, and is answered on the event loop.
    Method<EchoRequest, EchoReply> other =
        Method.unary("demo.none", EchoRequest.class, EchoReply.class);
    Request<EchoRequest, EchoReply> behind =
        Request.of(other, Rig.request("")).at("list://" + server.address());
    assertThat(failure(() -> client.send(behind)).code()).isEqualTo(Code.UNIMPLEMENTED);
    queued.forEach(Runnable::run);
    assertThat(begun).hasValue(0);
    await().until(() -> server.inFlight() == 0);
  }

  @Test
  void oneThatIsStillInAFilterNeverBegins() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    AtomicReference<@Nullable Context> seen = new AtomicReference<>();
    Filter waiting =
        (request, next) -> {
          Context context = Objects.requireNonNull(Context.current());
          CountDownLatch cancelled = new CountDownLatch(1);
          context.onCancel(cancelled::countDown);
          seen.set(context);
          inside.countDown();
          assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
          return next.call(request);
        };
    Server server = rig.serve(Rig.servers().filter(waiting), this::untilCancelled);
    CompletableFuture<?> call = rig.client().sendAsync(Rig.to(server));
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    await().until(() -> server.inFlight() == 0);
    assertThat(begun).hasValue(0);
    assertThat(Objects.requireNonNull(seen.get()).isCancelled()).isTrue();
  }

  @Test
  void thoseThatBeginJustThenAreTold() throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    Semaphore done = new Semaphore(0);
    Execution meeting =
        Execution.on(task -> {
          Thread unused =
              Thread.startVirtualThread(() -> {
                try {
                  together.await(20, TimeUnit.SECONDS);
                  task.run();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                } finally {
                  done.release();
                }
              });
        });
    Server server = rig.serve(Rig.servers(), this::untilCancelled, meeting);
    Client client = rig.client();
    for (int i = 0; i < CALLS; i++) {
      CompletableFuture<?> call = client.sendAsync(Rig.to(server));
      together.await(20, TimeUnit.SECONDS);
      for (int spin = 0; spin < i % 100; spin++) {
        Thread.onSpinWait();
      }
      call.cancel(true);
      assertThat(done.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(told).hasValue(begun.get());
  }
}
