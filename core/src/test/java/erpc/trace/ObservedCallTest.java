package erpc.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Method;
import erpc.call.Status;
import erpc.call.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which order observers are told of a call that several threads work on. */
@Timeout(30)
class ObservedCallTest {
  private static final Status GONE = Status.of(Status.Code.CANCELLED, "gone");

  /** A call of no client and no server. */
  private static final class Call extends ObservedCall {
    private final Observers observers;
    @Nullable TraceContext set;

    Call(CallObserver... observers) {
      this.observers = new Observers(List.of(observers));
    }

    @Override
    protected Observers observers() {
      return observers;
    }

    @Override
    protected @Nullable Method<?, ?> seenMethod() {
      return null;
    }

    @Override
    protected Side seenSide() {
      return Side.SERVER;
    }

    @Override
    protected long seenNanos() {
      return 5;
    }

    @Override
    protected long seenStartNanos() {
      return 7;
    }

    @Override
    protected String seenEndpoint() {
      return "";
    }

    @Override
    protected int seenAttempts() {
      return 1;
    }

    @Override
    protected @Nullable TraceContext seenTrace() {
      return null;
    }

    @Override
    protected void setTrace(TraceContext value) {
      set = value;
    }

    void begin() {
      tellBegin();
    }

    void send() {
      tellSent();
    }

    void end(Status status) {
      tellEnded(status);
    }
  }

  /** Writes down what it is told. */
  private static class Diary implements CallObserver {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public @Nullable Object begin(CallView call) {
      told.add("begin");
      return this;
    }

    @Override
    public void sent(Object kept, CallView call) {
      told.add("sent");
    }

    @Override
    public void ended(Object kept, CallView call, Status status) {
      told.add("ended " + status.code());
    }
  }

  @Test
  void anEndThatComesWhileAnObserverIsToldIsToldRightAfter() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch telling = new CountDownLatch(1);
    List<Thread> tellers = new CopyOnWriteArrayList<>();
    Diary diary =
        new Diary() {
          @Override
          public void sent(Object kept, CallView call) {
            telling.countDown();
            awaitQuietly(ended);
            super.sent(kept, call);
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            tellers.add(Thread.currentThread());
            super.ended(kept, call, status);
          }
        };
    Call call = new Call(diary);
    call.begin();
    Thread sender = Thread.ofPlatform().start(call::send);
    telling.await();
    call.end(GONE); // Does not wait.
    assertThat(diary.told).containsExactly("begin");
    ended.countDown();
    sender.join();
    assertThat(diary.told).containsExactly("begin", "sent", "ended CANCELLED");
    assertThat(tellers).containsExactly(sender);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theEndIsLastAndToldOnceWhoeverComesFirst() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    for (int i = 0; i < 2_000; i++) {
      List<String> told = new ArrayList<>(); // Not thread-safe: events must not overlap.
      Call call =
          new Call(
              new CallObserver() {
                @Override
                public Object begin(CallView view) {
                  return told;
                }

                @Override
                public void sent(Object kept, CallView view) {
                  enter("sent");
                }

                @Override
                public void ended(Object kept, CallView view, Status status) {
                  enter("ended");
                }

                private void enter(String event) {
                  assertThat(inside.incrementAndGet()).isEqualTo(1);
                  told.add(event);
                  inside.decrementAndGet();
                }
              });
      call.begin();
      CyclicBarrier together = new CyclicBarrier(2);
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                meet(together);
                call.send();
                call.send();
              });
      meet(together);
      call.end(GONE);
      sender.join();
      assertThat(told).isNotEmpty().endsWith("ended").containsOnlyOnce("ended");
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nothingIsToldAfterTheEnd() {
    Diary diary = new Diary();
    Call call = new Call(diary);
    call.begin();
    call.end(GONE);
    call.send();
    call.end(Status.OK);
    assertThat(diary.told).containsExactly("begin", "ended CANCELLED");
  }

  @Test
  void whoKeepsNothingIsToldNothingMore() {
    Diary other = new Diary();
    Diary none =
        new Diary() {
          @Override
          public @Nullable Object begin(CallView call) {
            told.add("begin");
            return null;
          }
        };
    Call call = new Call(none, other);
    call.begin();
    call.send();
    call.end(GONE);
    assertThat(none.told).containsExactly("begin");
    assertThat(other.told).containsExactly("begin", "sent", "ended CANCELLED");
  }

  @Test
  void eachObserverGetsWhatItKeeps() {
    List<Object> got = new ArrayList<>();
    CallObserver first = keeping("first", got);
    CallObserver second = keeping("second", got);
    Call call = new Call(first, second);
    call.begin();
    call.end(GONE);
    assertThat(got).containsExactly("first", "second");
  }

  private static CallObserver keeping(String what, List<Object> got) {
    return new CallObserver() {
      @Override
      public Object begin(CallView call) {
        return what;
      }

      @Override
      public void ended(Object kept, CallView call, Status status) {
        got.add(kept);
      }
    };
  }

  @Test
  void eventsThatNobodyImplementsAreNotWanted() {
    CallObserver counts = keeping("", new ArrayList<>());
    assertThat(new Observers(List.of(counts)).wantSent()).isFalse();
    assertThat(new Observers(List.of(counts, new Diary())).wantSent()).isTrue();
    assertThat(new Observers(List.of(counts, new Diary())).wantFirstByte()).isFalse();
  }

  @Test
  void aViewThatWasKeptRefusesToTell() {
    List<CallView> kept = new ArrayList<>();
    Diary keeper =
        new Diary() {
          @Override
          public @Nullable Object begin(CallView call) {
            kept.add(call);
            assertThat(call.method()).isEqualTo(CallView.OTHER);
            return super.begin(call);
          }
        };
    Call call = new Call(keeper);
    call.begin();
    CallView view = Objects.requireNonNull(kept.get(0));
    assertThatThrownBy(view::method)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only during the callback");
    assertThatThrownBy(() -> view.trace(TraceContext.of(1, 1, 1, 1)))
        .isInstanceOf(IllegalStateException.class);
    call.end(GONE);
    assertThatThrownBy(view::nowNanos).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void traceThatIsSetAtTheEndChangesNothingSinceAnotherThreadMayStillWorkOnTheCall() {
    TraceContext early = TraceContext.of(1, 1, 1, 1);
    Diary late =
        new Diary() {
          @Override
          public void sent(Object kept, CallView call) {
            call.trace(early);
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            call.trace(TraceContext.of(2, 2, 2, 2));
            super.ended(kept, call, status);
          }
        };
    Call call = new Call(late);
    call.begin();
    call.send();
    call.end(GONE);
    assertThat(late.told).containsExactly("begin", "ended CANCELLED");
    assertThat(call.set).isSameAs(early);
  }

  @Test
  void noEventIsBeforeTheBeginning() {
    List<Long> times = new ArrayList<>();
    CallObserver timing =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            times.add(call.nowNanos());
            return this;
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            times.add(call.nowNanos());
          }
        };
    Call call = new Call(timing);
    call.begin();
    call.end(GONE);
    assertThat(times).containsExactly(7L, 7L);
  }
}
