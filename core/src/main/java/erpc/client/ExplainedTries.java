package erpc.client;

import erpc.breaker.Hedging;
import erpc.breaker.MethodLatency;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.FailureMode;
import erpc.call.Method;
import erpc.call.Request;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What holds for the tries of a call that begins now, of all that its options say. */
final class ExplainedTries {
  /** A call's try is given so long at least, however quick others are. */
  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final CallOptions options;
  private final MethodLatency latency;
  private final boolean isUnary;
  private final boolean mayRunTwice;
  private final boolean forRetry;

  ExplainedTries(Request<?, ?> request, @Nullable Context madeIn, MethodLatency latency) {
    this.options = request.options();
    this.latency = latency;
    this.isUnary = request.method().kind() == Method.Kind.UNARY;
    this.mayRunTwice = isUnary && request.method().isIdempotent();
    this.forRetry = madeIn != null && madeIn.isRetried();
  }

  @Nullable Duration timeout() {
    return isUnary ? options.tryTimeout() : null;
  }

  @Nullable Double percentile() {
    return mayRunTwice ? options.tryTimeoutPercentile() : null;
  }

  /** How long a try may take that begins now; null if there is no limit of its own. */
  @Nullable Duration limit() {
    Duration said = timeout();
    Double share = percentile();
    if (share == null || latency.samples() < Hedging.LEAST_SAMPLES) {
      return said;
    }
    long nanos = Math.max(LEAST_NANOS, latency.percentileNanos(share));
    return Duration.ofNanos(said == null ? nanos : Math.min(nanos, Deadline.saturatedNanos(said)));
  }

  FailureMode mode() {
    FailureMode said = options.failureMode();
    return said == null || (said == FailureMode.FORK && forks() == 1) ? FailureMode.FAILOVER : said;
  }

  int forks() {
    boolean forks = options.failureMode() == FailureMode.FORK && mayRunTwice && !forRetry;
    return forks ? options.forks() : 1;
  }

  double hedging() {
    Double share = options.hedging();
    return share == null || !mayRunTwice || forRetry || forks() > 1 ? 0 : share;
  }

  @Nullable Duration hedgeDelay() {
    long nanos = Hedging.delayNanos(hedging(), latency);
    return nanos == Hedging.NEVER ? null : Duration.ofNanos(nanos);
  }

  boolean isForRetry() {
    return forRetry;
  }
}
