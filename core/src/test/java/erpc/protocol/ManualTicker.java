package erpc.protocol;

import erpc.call.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. */
public final class ManualTicker implements Ticker {
  private final AtomicLong nanos;

  public ManualTicker(long start) {
    nanos = new AtomicLong(start);
  }

  public ManualTicker() {
    this(1_000_000_000L);
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
