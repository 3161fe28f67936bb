package erpc.protocol;

import erpc.call.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. */
final class ManualTicker implements Ticker {
  private final AtomicLong nanos;

  ManualTicker(long start) {
    nanos = new AtomicLong(start);
  }

  ManualTicker() {
    this(1_000_000_000L);
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
