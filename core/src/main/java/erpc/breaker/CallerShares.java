package erpc.breaker;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What each caller gets while a server refuses: as much as any other, and what one does not use is
 * the others'. It is asked only then, and counts only then. Thread-safe.
 *
 * <p>It knows what callers have asked for in the last second, at most 1,000 of them; all others are
 * one. A caller that is new gets what it asks for until it has asked for more than its share.
 */
public final class CallerShares {
  /** As many are told apart; what strangers call themselves must not fill the memory. */
  public static final int MOST_CALLERS = 1_000;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final double LAST_PLACE = Math.nextDown(1.0);

  private final Map<Object, Caller> callers = new ConcurrentHashMap<>();

  /** As many as are in the map or about to be: its own count takes long. */
  private final AtomicInteger known = new AtomicInteger();

  private final Caller others = new Caller();

  // Written by whoever has the lock; calls read them without.
  private volatile Demand demand = new Demand(new int[0], new long[0]);
  private volatile long windowEndNanos;

  private static final class Caller {
    final AtomicInteger now = new AtomicInteger();

    /** Written by whoever ends a window, with the lock held. */
    volatile int before;
  }

  /**
   * What was asked for in the last window.
   *
   * @param calls of each caller, the fewest first
   * @param sums of those and all before them
   */
  private record Demand(int[] calls, long[] sums) {
    /** What each may have at most, if this part of all is to pass. */
    double level(double passing) {
      int size = calls.length;
      if (size == 0) {
        return 0;
      }
      double pass = passing * sums[size - 1];
      int low = 0; // The first that does not get all it asked for.
      int high = size;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (sums[middle] + (double) calls[middle] * (size - 1 - middle) <= pass) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      long below = low == 0 ? 0 : sums[low - 1];
      return low == size ? Double.POSITIVE_INFINITY : (pass - below) / (size - low);
    }
  }

  /** Nobody has asked for anything yet. */
  public CallerShares(long nowNanos) {
    windowEndNanos = nowNanos + WINDOW_NANOS;
  }

  /**
   * A call's place among those as critical as it, as {@link Shedding#admits} wants to know it:
   * below the part that passes if the caller is to be served.
   *
   * @param caller who calls: a principal, or else an address
   * @param passing which part of calls like it passes, from 0 to 1
   * @param chance of this call, from 0 up to 1
   */
  public double place(Object caller, double passing, double chance, long nowNanos) {
    if (nowNanos - windowEndNanos >= 0) {
      endWindow(nowNanos);
    }
    Caller of = caller(caller);
    int asked = Math.max(of.now.incrementAndGet(), of.before);
    double level = demand.level(passing);
    if (level <= 0) {
      return chance; // Nothing is known yet, or nothing passes.
    }
    // Of the caller's calls this part passes, and so this call if chance is below.
    double share = Math.min(1, level / asked);
    return Math.min(LAST_PLACE, chance * passing / share);
  }

  private Caller caller(Object name) {
    Caller found = callers.get(name);
    if (found != null) {
      return found;
    }
    if (known.getAndIncrement() >= MOST_CALLERS) {
      known.decrementAndGet();
      return others;
    }
    Caller added = new Caller();
    Caller before = callers.putIfAbsent(name, added);
    if (before == null) {
      return added;
    }
    known.decrementAndGet();
    return before;
  }

  private synchronized void endWindow(long nowNanos) {
    long late = nowNanos - windowEndNanos;
    if (late < 0) {
      return; // Another thread has.
    }
    windowEndNanos = nowNanos + WINDOW_NANOS;
    boolean old = late >= WINDOW_NANOS; // Nothing was refused meanwhile.
    int[] calls = new int[callers.size() + 1];
    int size = 0;
    for (var each = callers.values().iterator(); each.hasNext(); ) {
      Caller caller = each.next();
      caller.before = old ? 0 : caller.now.getAndSet(0);
      if (caller.before == 0) {
        each.remove();
        known.decrementAndGet();
      } else if (size < calls.length) { // Some may have come meanwhile.
        calls[size++] = caller.before;
      }
    }
    others.before = old ? 0 : others.now.getAndSet(0);
    if (others.before > 0 && size < calls.length) {
      calls[size++] = others.before;
    }
    int[] sorted = Arrays.copyOf(calls, size);
    Arrays.sort(sorted);
    long[] sums = new long[size];
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum += sorted[i];
      sums[i] = sum;
    }
    demand = new Demand(sorted, sums);
  }

  /** Callers that are told apart now. */
  int known() {
    return known.get();
  }
}
