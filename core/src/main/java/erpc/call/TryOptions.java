package erpc.call;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is said about the tries of a call; apart from the other options, since most calls say
 * nothing of it. Null is what is not said. Immutable.
 */
record TryOptions(
    @Nullable Duration timeout,
    @Nullable Double percentile,
    @Nullable FailureMode mode,
    @Nullable Integer forks,
    @Nullable Set<Status.Code> retryOn,
    @Nullable Double hedging) {
  static final TryOptions NONE = new TryOptions(null, null, null, null, null, null);

  static final int USUAL_FORKS = 2;

  private static final int MOST_FORKS = 8;
  private static final double LEAST_PERCENTILE = 0.5;
  private static final double MOST_PERCENTILE = 0.9999;
  private static final double MOST_HEDGING = 0.5;

  /** Other codes say themselves whether another try helps. */
  private static final Set<Status.Code> LISTABLE =
      EnumSet.of(
          Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.DATA_LOSS, Status.Code.ABORTED);

  TryOptions withTimeout(Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException("tryTimeout must be positive, not " + value);
    }
    return new TryOptions(value, percentile, mode, forks, retryOn, hedging);
  }

  TryOptions withPercentile(double value) {
    if (!(value >= LEAST_PERCENTILE && value <= MOST_PERCENTILE)) {
      throw new IllegalArgumentException(
          "tryTimeoutPercentile must be within 0.5 to 0.9999, not " + value);
    }
    return new TryOptions(timeout, value, mode, forks, retryOn, hedging);
  }

  TryOptions withMode(FailureMode value) {
    Objects.requireNonNull(value, "failureMode");
    return new TryOptions(timeout, percentile, value, forks, retryOn, hedging);
  }

  TryOptions withForks(int value) {
    if (value < USUAL_FORKS || value > MOST_FORKS) {
      throw new IllegalArgumentException("forks must be within 2 to 8, not " + value);
    }
    return new TryOptions(timeout, percentile, FailureMode.FORK, value, retryOn, hedging);
  }

  TryOptions withRetryOn(Set<Status.Code> codes) {
    for (Status.Code each : codes) {
      if (!LISTABLE.contains(each)) {
        throw new IllegalArgumentException(
            "retryOn takes UNKNOWN, INTERNAL, DATA_LOSS and ABORTED, not " + each);
      }
    }
    return new TryOptions(timeout, percentile, mode, forks, Set.copyOf(codes), hedging);
  }

  TryOptions withHedging(double value) {
    if (!(value >= 0 && value <= MOST_HEDGING)) {
      throw new IllegalArgumentException("maxExtraLoad must be within 0 to 0.5, not " + value);
    }
    return new TryOptions(timeout, percentile, mode, forks, retryOn, value);
  }

  TryOptions over(TryOptions weaker) {
    if (weaker == NONE || this == NONE) {
      return this == NONE ? weaker : this;
    }
    return new TryOptions(
        first(timeout, weaker.timeout),
        first(percentile, weaker.percentile),
        first(mode, weaker.mode),
        first(forks, weaker.forks),
        first(retryOn, weaker.retryOn),
        first(hedging, weaker.hedging));
  }

  private static <T> @Nullable T first(@Nullable T said, @Nullable T weaker) {
    return said == null ? weaker : said;
  }

  /** As part of a text that goes on after it. */
  @Override
  public String toString() {
    return ", tryTimeout="
        + timeout
        + said(", tryTimeoutPercentile=", percentile)
        + said(", failureMode=", mode)
        + said(", forks=", forks)
        + said(", retryOn=", retryOn)
        + said(", hedging=", hedging);
  }

  private static String said(String name, @Nullable Object value) {
    return value == null ? "" : name + value;
  }
}
