package erpc.client;

import erpc.breaker.Hedging;
import erpc.breaker.MethodLatency;
import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.FailureMode;
import erpc.call.Method;
import erpc.call.Request;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What holds for the tries of a call that begins now, of all that its options say. */
final class ExplainedTries {
  private final Request<?, ?> request;
  private final @Nullable Context madeIn;
  private final MethodLatency latency;

  ExplainedTries(Request<?, ?> request, @Nullable Context madeIn, MethodLatency latency) {
    this.request = request;
    this.madeIn = madeIn;
    this.latency = latency;
  }

  @Nullable Duration timeout() {
    boolean isUnary = request.method().kind() == Method.Kind.UNARY;
    return isUnary ? request.options().tryTimeout() : null;
  }

  @Nullable Double percentile() {
    return Race.mayRunTwice(request.method()) ? request.options().tryTimeoutPercentile() : null;
  }

  /** How long a try may take that begins now; null if there is no limit of its own. */
  @Nullable Duration limit() {
    Duration said = timeout();
    Double share = percentile();
    long nanos = share == null ? 0 : latency.limitNanos(share);
    if (nanos == 0) {
      return said;
    }
    return Duration.ofNanos(said == null ? nanos : Math.min(nanos, Deadline.saturatedNanos(said)));
  }

  FailureMode mode() {
    FailureMode said = request.options().failureMode();
    return said == null || (said == FailureMode.FORK && forks() == 1) ? FailureMode.FAILOVER : said;
  }

  int forks() {
    return Race.forks(request, madeIn);
  }

  double hedging() {
    return Race.hedging(request, madeIn);
  }

  @Nullable Duration hedgeDelay() {
    long nanos = Hedging.delayNanos(hedging(), latency);
    return nanos == Hedging.NEVER ? null : Duration.ofNanos(nanos);
  }

  boolean isForRetry() {
    return madeIn != null && madeIn.isRetried();
  }
}
