package erpc.server;

import erpc.breaker.GradientLimit;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.settings.Mode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How many calls of one method a server works at, and takes per second. Thread-safe. */
final class MethodLimit {
  /** So much of a second's calls may come at once, or else one. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String method;
  private final GradientLimit gradient;
  private final Told told;

  /** When a call would come that comes in time. */
  private final AtomicLong dueNanos;

  // Set by whoever has the method table's lock; calls may see one sooner than the other.
  private volatile int maxInFlight = Integer.MAX_VALUE;
  private volatile int perSecond = Integer.MAX_VALUE;

  MethodLimit(String method, Ticker ticker) {
    long now = ticker.nanos();
    this.method = method;
    this.gradient = new GradientLimit(now);
    this.told = new Told(method + " ", ticker);
    this.dueNanos = new AtomicLong(now - BURST_NANOS);
  }

  void fix(int most, int each) {
    maxInFlight = most;
    perSecond = each;
  }

  /** Lets a call in, which then {@linkplain #leave leaves}; or says why not. */
  @Nullable Status enter(Mode mode, long nowNanos) {
    int most = maxInFlight;
    if (!gradient.enters(mode, most)) {
      return tooMany(most);
    }
    int rate = perSecond;
    if (rate < Integer.MAX_VALUE && !isInTime(rate, nowNanos)) {
      leave(false, 0, mode, nowNanos);
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          method + " takes " + rate + " calls per second (limit of its server)");
    }
    return null;
  }

  private Status tooMany(int fixed) {
    int limit = gradient.limit();
    return Status.of(
        Status.Code.RESOURCE_EXHAUSTED,
        fixed <= limit
            ? method + " takes " + fixed + " calls at a time (limit of its server)"
            : method
                + " takes "
                + limit
                + " calls at a time while they take twice as long as usual (concurrencyLimit)");
  }

  /** Whether a call is in time, one after the other at this rate, but for a burst. */
  private boolean isInTime(int rate, long nowNanos) {
    long gapNanos = TimeUnit.SECONDS.toNanos(1) / rate;
    long due = dueNanos.get();
    while (due - nowNanos <= 0) {
      long from = Math.max(due - nowNanos, gapNanos - Math.max(BURST_NANOS, gapNanos)) + nowNanos;
      long seen = dueNanos.compareAndExchange(due, from + gapNanos);
      if (seen == due) {
        return true;
      }
      due = seen;
    }
    return false;
  }

  /** A call is over that was let in. */
  void leave(boolean counts, long nanos, Mode mode, long nowNanos) {
    gradient.leave(counts, nanos, mode, nowNanos);
    String news = gradient.news();
    if (news != null) {
      told.tell(news, gradient.limit() < Integer.MAX_VALUE);
    }
  }
}
