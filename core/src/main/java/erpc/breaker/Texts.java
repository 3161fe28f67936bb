package erpc.breaker;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Numbers as lines of the log have them. */
final class Texts {
  private Texts() {}

  /** A share of 1. */
  static String percent(double share) {
    return String.format(
        Locale.ROOT, share > 0 && share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share);
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / (double) TimeUnit.SECONDS.toNanos(1));
  }

  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / (double) TimeUnit.MILLISECONDS.toNanos(1));
  }
}
