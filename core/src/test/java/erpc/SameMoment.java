package erpc;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Two threads that do something at the same moment, again and again. What happens only if one comes
 * between two steps of the other happens in some of the rounds.
 */
public final class SameMoment {
  private static final int ROUNDS = 200_000;
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private SameMoment() {}

  /** What is done once. */
  public interface Round {
    /** What one thread does. */
    void one();

    /** What another one does meanwhile. */
    void other();

    /** What then must hold. */
    void check();
  }

  /** Runs rounds until one fails, or so many have not. */
  public static void again(Supplier<? extends Round> rounds) throws InterruptedException {
    AtomicReference<@Nullable Round> next = new AtomicReference<>();
    AtomicInteger done = new AtomicInteger();
    // Both spin: a thread that has to be woken comes too late to meet the other.
    Thread other =
        Thread.ofPlatform()
            .daemon(true)
            .start(() -> {
              while (done.get() >= 0) {
                Round round = next.getAndSet(null);
                if (round != null) {
                  round.other();
                  done.compareAndSet(0, 1);
                }
                Thread.onSpinWait();
              }
            });
    try {
      long end = System.nanoTime() + MOST_NANOS;
      for (int i = 0; i < ROUNDS && System.nanoTime() - end < 0; i++) {
        Round round = rounds.get();
        done.set(0);
        next.set(round);
        while (next.get() != null) {
          Thread.onSpinWait();
        }
        round.one();
        while (done.get() == 0) {
          Thread.onSpinWait();
        }
        round.check();
      }
    } finally {
      done.set(-1);
      other.join();
    }
  }
}
