package erpc.breaker;

import erpc.races.Interleavings;
import erpc.settings.Mode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** How many calls of a method are let in, by several threads. */
class GradientLimitRaceTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int MOST = 2;

  /** Calls that are in, as those know who have been let in. */
  public abstract static class Calls {
    final GradientLimit limit = new GradientLimit(0);
    final AtomicInteger in = new AtomicInteger();

    /** Whether there are as few in now as there may be. */
    final boolean entered() {
      return in.incrementAndGet() <= MOST;
    }

    @Operation
    public void leave() {
      int before = in.get();
      while (before > 0) {
        if (in.compareAndSet(before, before - 1)) {
          limit.leave(true, MILLI, Mode.ON, 0);
          return;
        }
        before = in.get();
      }
    }

    @Validate
    public void countsAll() {
      if (limit.inFlight() != in.get()) {
        throw new IllegalStateException(limit.inFlight() + " are counted, in are " + in);
      }
    }
  }

  /** Two calls may be in at a time. */
  public static class Fixed extends Calls {
    @Operation
    public boolean enter() {
      return !limit.enters(Mode.ON, MOST) || entered();
    }
  }

  /** As if calls looked how many are in and went in then. */
  public static class Careless extends Calls {
    @Operation
    public boolean enter() {
      return limit.inFlight() >= MOST || (limit.enters(Mode.ON) && entered());
    }
  }

  /** Calls have become slow: the tenth that ends now limits the method. */
  public static class Slow {
    private static final long WINDOW = 100 * MILLI;

    private final GradientLimit limit = new GradientLimit(0);

    public Slow() {
      for (int i = 0; i < 2 * GradientLimit.FLOOR; i++) {
        boolean unused = limit.enters(Mode.ON);
      }
      for (int call = 1; call < 30; call++) {
        // Ten calls end in each window, the last one ends it.
        long nanos = call <= 10 ? MILLI : 10 * MILLI;
        limit.leave(true, nanos, Mode.ON, call * WINDOW / 10);
      }
    }

    @Operation
    public boolean leaveAndTell() {
      limit.leave(true, 10 * MILLI, Mode.ON, 3 * WINDOW);
      return limit.news() != null;
    }

    @Validate
    public void shrinksOnce() {
      int now = limit.limit();
      if (now != Integer.MAX_VALUE && now != GradientLimit.START / 2) {
        throw new IllegalStateException("limited to " + now);
      }
    }
  }

  @Test
  void noMoreAreInThanMayBe() {
    Interleavings.areHarmless(Fixed.class);
  }

  @Test
  void windowThatSeveralCallsEndShrinksTheLimitOnceAndOneTells() {
    Interleavings.areHarmless(Slow.class);
  }

  @Test
  void oneTooManyWouldBeFound() {
    Interleavings.doHarm(Careless.class);
  }
}
