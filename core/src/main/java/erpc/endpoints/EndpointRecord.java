package erpc.endpoints;

import erpc.breaker.EndpointHealth;
import erpc.breaker.LatencyAverage;
import erpc.protocol.ServerLoad;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a client remembers of one endpoint, whatever its connections do: the verdict about it and
 * how long its calls take. It outlives the endpoint's place in a list, since one that leaves and
 * comes back is no better for it. Thread-safe.
 */
public final class EndpointRecord {
  /** So long an endpoint is remembered that is not listed any more. */
  public static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** After so long a new endpoint has its whole share: Envoy's slow start, aggression 1. */
  static final long SLOW_START_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final double SLOW_START_LEAST = 0.1;

  /** What a server has said of its load counts less and less, and after so long nothing. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final double STALE_PER_NANO = 1.0 / FRESH_NANOS;

  private final String address;
  private final EndpointHealth health = new EndpointHealth();
  private final LatencyAverage latency = new LatencyAverage();
  private final long listedNanos;
  private final boolean startsSlowly;

  /** Whether it is avoided; written by who changes the verdict or the modes, read by picks. */
  private volatile boolean broken;

  /**
   * What the server has said last, and when; written by event loops. Who reads may have the one
   * with the time of another, which makes it a little fresher or older than it is.
   */
  private volatile @Nullable ServerLoad reported;

  /** Written by event loops, right before what was said. */
  private volatile long reportedNanos;

  /** Told when the verdict has changed, and at what time; written by who takes over a list. */
  private volatile LongConsumer judged = nowNanos -> {};

  /**
   * Nothing is known of it yet.
   *
   * @param startsSlowly whether it has just started, and is to get its share little by little
   */
  EndpointRecord(String address, boolean startsSlowly, long nowNanos) {
    this.address = address;
    this.listedNanos = nowNanos;
    this.startsSlowly = startsSlowly;
  }

  /** {@code host:port}, {@code [IPv6]:port} or {@code unix:/path}. */
  public String address() {
    return address;
  }

  /** The verdict about it. */
  public EndpointHealth health() {
    return health;
  }

  /** How long its calls take, relative to the average endpoint's. */
  public LatencyAverage latency() {
    return latency;
  }

  /**
   * Has a listener told when the verdict has changed, and at what time. On any thread; it must not
   * block. Replaces the one before.
   */
  public void onJudged(LongConsumer listener) {
    judged = listener;
  }

  /** The verdict has changed, or what follows from it. */
  void judge(EndpointHealth.Modes modes, long nowNanos) {
    boolean changed;
    synchronized (this) { // So that an older look does not undo what a newer one has found.
      boolean now = health.share(modes, nowNanos) == 0;
      changed = now != broken;
      broken = now;
    }
    if (changed) {
      judged.accept(nowNanos);
    }
  }

  // ---- its load

  /**
   * The server has said this of its load on one of its connections, now: what is told again is not
   * new, but what another connection has heard before must not be told as if it were.
   */
  public void reports(@Nullable ServerLoad load, long nowNanos) {
    if (load != reported) {
      reportedNanos = nowNanos;
      reported = load;
    }
  }

  /**
   * Calls in flight there: this client's own, or what the server has said of those of all, while
   * that is fresh.
   */
  double load(int own, long nowNanos) {
    ServerLoad last = reported;
    if (last == null) {
      return own;
    }
    double fresh = 1 - (nowNanos - reportedNanos) * STALE_PER_NANO;
    return fresh <= 0 ? own : Math.max(own, fresh * last.callsInFlight());
  }

  /** What the server has said of its load, while that is fresh; null if nothing is. */
  @Nullable ServerLoad reported(long nowNanos) {
    return nowNanos - reportedNanos < FRESH_NANOS ? reported : null;
  }

  // ---- its share

  /** Whether calls go elsewhere. */
  public boolean isBroken() {
    return broken;
  }

  /** Whether it has been listed for so short a time that it gets less than its share. */
  boolean isStarting(long nowNanos) {
    return startsSlowly && nowNanos - listedNanos < SLOW_START_NANOS;
  }

  /** For how long it has been listed. */
  long listedNanos(long nowNanos) {
    return nowNanos - listedNanos;
  }

  /** The part of its weight that it is to have as one that starts: 1 if it does not. */
  double startingShare(Protection protection, long nowNanos) {
    return protection.slowStart() && isStarting(nowNanos)
        ? Math.max(SLOW_START_LEAST, listedNanos(nowNanos) / (double) SLOW_START_NANOS)
        : 1;
  }

  /** The part of its weight that it is to have while it is not broken. */
  double share(Protection protection, long nowNanos) {
    double share = startingShare(protection, nowNanos);
    return broken ? share : share * health.share(protection.modes(), nowNanos);
  }
}
