package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final List<Endpoint> ONE = List.of(Endpoint.of("a:1"));
  private static final List<Endpoint> TWO = List.of(Endpoint.of("b:2"));
  private static final Status GONE = Status.of(Status.Code.UNAVAILABLE, "gone");

  private final Heard heard = new Heard();
  private final Delivery delivery = new Delivery("test://", heard);

  @Test
  void newsThatAnErrorKeptFromTheListenerIsToldAgain() {
    AtomicInteger times = new AtomicInteger();
    Delivery failing =
        new Delivery(
            "test://",
            new Resolver.Listener() {
              @Override
              public void endpoints(List<Endpoint> endpoints) {
                if (times.incrementAndGet() == 1) {
                  throw new OutOfMemoryError("made by this test");
                }
              }

              @Override
              public void failed(Status why) {}
            });
    assertThatThrownBy(() -> failing.endpoints(ONE)).isInstanceOf(OutOfMemoryError.class);
    failing.endpoints(ONE);
    failing.endpoints(ONE);
    assertThat(times).hasValue(2);
  }

  @Test
  void doesNotRepeatItself() {
    delivery.endpoints(ONE);
    delivery.endpoints(new ArrayList<>(ONE));
    delivery.failed(GONE);
    delivery.failed(Status.of(Status.Code.UNAVAILABLE, "gone"));
    delivery.endpoints(ONE);
    assertThat(heard.all).containsExactly(List.of("a:1"), "gone", List.of("a:1"));
  }

  @Test
  void tellsNothingOnceClosed() {
    delivery.close();
    delivery.close();
    delivery.endpoints(ONE);
    delivery.failed(GONE);
    assertThat(heard.all).isEmpty();
  }

  @Test
  void aListenerThatThrowsIsToldTheNextNews() {
    List<List<Endpoint>> told = new ArrayList<>();
    Delivery throwing =
        new Delivery(
            "test://",
            new Resolver.Listener() {
              @Override
              public void endpoints(List<Endpoint> endpoints) {
                told.add(endpoints);
                throw new IllegalStateException("a listener's fault, made by this test");
              }

              @Override
              public void failed(Status why) {}
            });
    throwing.endpoints(ONE);
    throwing.endpoints(TWO);
    assertThat(told).containsExactly(ONE, TWO);
  }

  @Test
  void aListenerMayCloseItsOwnWatch() {
    Delivery[] own = new Delivery[1];
    AtomicInteger calls = new AtomicInteger();
    own[0] =
        new Delivery(
            "test://",
            new Resolver.Listener() {
              @Override
              public void endpoints(List<Endpoint> endpoints) {
                calls.incrementAndGet();
                own[0].close();
              }

              @Override
              public void failed(Status why) {
                calls.incrementAndGet();
              }
            });
    own[0].endpoints(ONE);
    own[0].endpoints(TWO);
    own[0].failed(GONE);
    assertThat(calls).hasValue(1);
  }

  @Test
  void closingWaitsForACallThatIsGoingOn() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Delivery slow = new Delivery("test://", blocking(inside, leave));
    Thread teller = Thread.ofPlatform().start(() -> slow.endpoints(ONE));
    inside.await();
    Thread closer = Thread.ofPlatform().start(slow::close);
    await().until(() -> closer.getState() == Thread.State.WAITING);
    leave.countDown();
    closer.join();
    // The call has ended, as otherwise the lock would not have been free.
    teller.join();
  }

  private static Resolver.Listener blocking(CountDownLatch inside, CountDownLatch leave) {
    return new Resolver.Listener() {
      @Override
      public void endpoints(List<Endpoint> endpoints) {
        inside.countDown();
        try {
          leave.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }

      @Override
      public void failed(Status why) {}
    };
  }

  @Test
  void tellsOneAtATime() throws InterruptedException {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    Delivery shared =
        new Delivery(
            "test://",
            new Resolver.Listener() {
              @Override
              public void endpoints(List<Endpoint> endpoints) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                calls.incrementAndGet();
                for (int i = 0; i < 200; i++) {
                  Thread.onSpinWait();
                }
                inside.decrementAndGet();
              }

              @Override
              public void failed(Status why) {}
            });
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      String host = "h" + t;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 1; i <= 500; i++) {
                  shared.endpoints(List.of(Endpoint.of(host + ":" + i)));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(calls).hasValue(2_000);
    assertThat(most).hasValue(1);
  }
}
