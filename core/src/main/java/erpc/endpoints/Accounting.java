package erpc.endpoints;

import erpc.breaker.Comparison;
import erpc.breaker.EndpointHealth;
import erpc.breaker.EndpointHealth.Verdict;
import erpc.breaker.LatencyAverage;
import erpc.breaker.MethodLatency;
import erpc.breaker.Outcome;
import erpc.breaker.Panic;
import erpc.breaker.RetryBudget;
import erpc.breaker.TryEnd;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the books on the endpoints of one place: how tries have ended, for the verdicts, the
 * latencies and the budget for retries. It is told what the connection said, below users' filters,
 * so that a filter which throws never counts against an endpoint. Thread-safe, but for {@link
 * #record} and {@link #listed}, which one thread at a time calls.
 */
public final class Accounting {
  private static final long COMPARE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * Where there is one endpoint, one call in so many is timed: nothing is compared then, and the
   * method's median is all that is asked for.
   */
  private static final int TIMED = 16;

  private final Supplier<Protection> protection;
  private final RandomGenerator random;
  private final Executor worker;
  private final Consumer<String> log;
  private final RetryBudget budget = new RetryBudget();
  private final Records records = new Records();
  private final Panic panic = new Panic();

  /** Those that are listed; written by who takes over a list. */
  private volatile List<EndpointRecord> all = List.of();

  /** How slow an endpoint is avoided; written by who compares. */
  private volatile double avoidedAbove = Double.POSITIVE_INFINITY;

  /** The share of failures at the median endpoint; written by who compares. */
  private volatile double failingPeers = Double.NaN;

  /** Written by who compares, with the lock held. */
  private volatile long compareNanos;

  /** Counts calls to the only endpoint, roughly: a lost one only moves the next that is timed. */
  private int untimed;

  private final long seed;

  /**
   * Nothing has happened yet.
   *
   * @param protection which mechanisms act now; asked for each decision
   * @param random where jitter comes from
   * @param worker does what takes too long for a call
   * @param log told in a line what has changed, on any thread
   */
  public Accounting(
      Supplier<Protection> protection,
      RandomGenerator random,
      Executor worker,
      Consumer<String> log,
      long nowNanos) {
    this.protection = protection;
    this.random = random;
    this.seed = random.nextLong();
    this.worker = worker;
    this.log = log;
    this.compareNanos = nowNanos + COMPARE_NANOS;
  }

  // ---- the list

  /** What is known of an endpoint that is new in the list. */
  public EndpointRecord record(String address, long nowNanos) {
    return records.of(address, nowNanos);
  }

  /** A list has been taken over. */
  public void listed(List<EndpointRecord> now, List<EndpointRecord> gone, long nowNanos) {
    all = List.copyOf(now);
    records.listed();
    for (EndpointRecord each : gone) {
      each.onJudged(nanos -> {}); // Or it would keep what it was listed in.
      records.left(each, nowNanos);
    }
  }

  // ---- how tries end

  /** What kind of call a try is of. */
  public enum Kind {
    UNARY,
    /** A stream of messages, either way. */
    STREAM,
    /** Nobody answers it. */
    ONEWAY
  }

  /** What retries and hedges of the place are paid from. */
  public RetryBudget budget() {
    return budget;
  }

  /** A unary try of a place with one endpoint has ended in OK. */
  public void succeededAlone(MethodLatency method, long begunNanos, long nowNanos) {
    if (++untimed % TIMED == 0) {
      method.sample(nowNanos - begunNanos, nowNanos);
    }
    budget.succeeded();
  }

  /** A unary try has ended in OK. */
  public void succeeded(
      EndpointRecord endpoint, MethodLatency method, long begunNanos, long nowNanos) {
    long nanos = nowNanos - begunNanos;
    endpoint
        .latency()
        .ended(Outcome.Latency.SAMPLE, method.relative(nanos), avoidedAbove, nowNanos);
    method.sample(nanos, nowNanos);
    budget.succeeded();
    told(
        endpoint,
        endpoint.health().succeeded(begunNanos, protection.get().modes(), nowNanos),
        nowNanos);
  }

  /**
   * A try has ended otherwise, or one that is not unary has ended in OK. How long it took says
   * something of unary calls alone.
   */
  public void ended(
      EndpointRecord endpoint,
      MethodLatency method,
      Status status,
      TryEnd end,
      Kind kind,
      long begunNanos,
      long nowNanos) {
    Outcome outcome = Outcome.of(status, end);
    long nanos = nowNanos - begunNanos;
    EndpointHealth health = endpoint.health();
    EndpointHealth.Modes modes = protection.get().modes();
    boolean isTimed = kind == Kind.UNARY;
    if (isTimed || outcome.latency() == Outcome.Latency.PENALTY) {
      endpoint.latency().ended(outcome.latency(), method.relative(nanos), avoidedAbove, nowNanos);
    }
    // How long another endpoint would have taken is not known, but more than this. Without it only
    // quick calls would count, and ever more would seem slow.
    boolean overtaken = end == TryEnd.OVERTAKEN;
    if (isTimed && (overtaken || outcome.latency() == Outcome.Latency.SAMPLE)) {
      method.sample(nanos, nowNanos);
    }
    if (!status.isOk()) {
      health.asked(status, random, nowNanos);
    } else if (kind != Kind.ONEWAY) {
      budget.succeeded();
    }
    if (all.size() <= 1) {
      return; // There is nobody else to call.
    }
    if (outcome.verdict() == Outcome.Verdict.SUCCESS) {
      // That a one-way call has been sent says nothing, unless nothing else is ever said.
      if (kind != Kind.ONEWAY || endpoint.isBroken()) {
        told(endpoint, health.succeeded(begunNanos, modes, nowNanos), nowNanos);
      }
    } else if (isFailure(outcome, kind, nanos, method)) {
      DoubleSupplier peers = () -> failingPeers;
      boolean lost = outcome == Outcome.LOST && (!status.isRemote() || end == TryEnd.GOING);
      told(
          endpoint,
          lost
              ? health.lost(begunNanos, modes, peers, nowNanos)
              : health.failed(begunNanos, modes, peers, nowNanos),
          nowNanos);
    }
  }

  /** A stream that ends at its deadline, or for want of messages, may be a quiet one. */
  private static boolean isFailure(Outcome outcome, Kind kind, long nanos, MethodLatency method) {
    boolean counts = kind == Kind.UNARY || outcome.verdict() != Outcome.Verdict.FAILURE_IF_SLOW;
    return counts && outcome.isFailure(nanos, method.medianNanos());
  }

  private void told(
      EndpointRecord endpoint, EndpointHealth.@Nullable Change change, long nowNanos) {
    if (change == null) {
      return;
    }
    if (change.verdict() == Verdict.RECOVERING) {
      endpoint.latency().reset();
    }
    say(endpoint.address() + " " + change.text());
    endpoint.judge(protection.get().modes(), nowNanos);
  }

  /** A log that cannot be written to must end no call, and hide no verdict. */
  private void say(String line) {
    try {
      log.accept(line);
    } catch (Throwable e) {
      // It is the log that has failed: there is nowhere to say so.
    }
  }

  // ---- for the upkeep of rosters

  /** How many endpoints there are. */
  int size() {
    return all.size();
  }

  /** So much of the weight of all endpoints is healthy now. */
  void healthy(double healthy, double total, int healthyEndpoints, int endpoints) {
    @Nullable String news;
    synchronized (panic) {
      news = panic.changed(healthy, total, healthyEndpoints, endpoints, protection.get().panic());
    }
    if (news != null) {
      say(news);
    }
  }

  Protection protection() {
    return protection.get();
  }

  Executor worker() {
    return worker;
  }

  /** This client's own, by which it chooses among very many endpoints. */
  long seed() {
    return seed;
  }

  double avoidedAbove() {
    return avoidedAbove;
  }

  /** When endpoints are compared next. */
  long compareNanos() {
    return compareNanos;
  }

  /** Compares all endpoints, if that is due. Takes time in proportion to their number. */
  void compare(long nowNanos) {
    synchronized (this) {
      if (nowNanos - compareNanos < 0) {
        return;
      }
      compareNanos = nowNanos + COMPARE_NANOS;
    }
    List<EndpointRecord> compared = all;
    double[] latencies =
        compared.stream()
            .mapToDouble(each -> each.latency().at(nowNanos))
            .filter(each -> each > 0)
            .sorted()
            .toArray();
    avoidedAbove =
        latencies.length < 2
            ? Double.POSITIVE_INFINITY
            : LatencyAverage.AVOIDED_MEDIANS * latencies[(latencies.length - 1) / 2];
    List<Comparison.Tally> tallies = new ArrayList<>(compared.size());
    int ejected = 0;
    for (EndpointRecord each : compared) {
      tallies.add(each.health().takeTally());
      ejected += each.health().isEjected() ? 1 : 0;
    }
    failingPeers = Comparison.medianFailing(tallies);
    EndpointHealth.Modes modes = protection.get().modes();
    for (Comparison.Ejection each : Comparison.of(tallies, ejected)) {
      EndpointRecord endpoint = compared.get(each.index());
      told(endpoint, endpoint.health().ejected(each.why(), modes, nowNanos), nowNanos);
    }
  }
}
