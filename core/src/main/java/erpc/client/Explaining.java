package erpc.client;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth;
import erpc.breaker.Tries;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.endpoints.Findings;
import erpc.endpoints.Findings.Finding;
import erpc.endpoints.Forecast;
import erpc.endpoints.Protection;
import erpc.endpoints.Roster;
import erpc.endpoints.TryPick;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where a call would go, by asking the objects that calls ask, without making it. It
 * enters no call's stages, so nothing that calls are counted by knows of it.
 */
final class Explaining {
  /** So long connections may take that are dialled for it. */
  private static final long CONNECTING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Whether they are there is looked at so often: nobody tells, and it is seldom needed. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** More than this is what a deadline has left that never comes. */
  private static final long ENDLESS_NANOS = TimeUnit.DAYS.toNanos(3650);

  /** As many methods of an endpoint are named that lacks the one that is called. */
  private static final int METHODS_NAMED = 5;

  private final ClientStack stack;
  private final Destinations destinations;

  Explaining(ClientStack stack, Destinations destinations) {
    this.stack = stack;
    this.destinations = destinations;
  }

  /** What is known of a call before its place is looked at. */
  private record Asked(
      Destination to, Request<?, ?> request, @Nullable Context madeIn, @Nullable Duration timeout) {
    /** Whether it would end before it began. */
    boolean isLate() {
      return timeout != null && !timeout.isPositive();
    }

    String method() {
      return request.method().name();
    }

    Cluster cluster() {
      return to.cluster();
    }
  }

  /** See {@link Client#explain}. */
  Explanation of(Request<?, ?> request) {
    if (request == null) {
      throw new NullPointerException(
          "there must be a request to explain, not null: Request.of(method, message)");
    }
    Calls.refuseOnEventLoop(request.method());
    Asked asked = asked(request);
    if (asked.isLate() && asked.cluster().rosters == null) {
      throw InTime.TOO_LATE.toException();
    }
    long endsNanos = System.nanoTime() + limitNanos(asked);
    Rosters rosters = listed(asked, endsNanos);
    for (int i = 0; rosters == null && i < Tries.MOST_DETOURS; i++) {
      asked = asked(request);
      rosters = listed(asked, endsNanos);
    }
    if (rosters == null) {
      throw asked.cluster().whyNone(asked.method()).toException();
    }
    connect(rosters, asked.method(), endsNanos);
    return explanation(asked, rosters);
  }

  private Asked asked(Request<?, ?> request) {
    Destination to = destinations.of(request.target());
    CallOptions holds = request.options().over(to.defaults().of(request.method()));
    Request<?, ?> whole = request.withOptions(holds);
    Context madeIn = Context.current();
    return new Asked(to, whole, madeIn, timeout(whole, madeIn));
  }

  private @Nullable Duration timeout(Request<?, ?> request, @Nullable Context madeIn) {
    boolean lasts = request.method().kind() != Method.Kind.UNARY;
    long nanos = InTime.nanos(request.timeout(), lasts, stack.settings, madeIn);
    return lasts && nanos >= ENDLESS_NANOS ? null : Duration.ofNanos(nanos);
  }

  /** A stream may wait for as long as a call, which is long enough to tell. */
  private long limitNanos(Asked asked) {
    Duration limit = asked.timeout == null ? stack.settings.timeout() : asked.timeout;
    return Deadline.saturatedNanos(limit);
  }

  /**
   * The place's list, which may still have to come; null if the place was let go.
   *
   * @throws RpcException if it does not come, or the client was closed
   */
  private static @Nullable Rosters listed(Asked asked, long endsNanos) {
    Cluster cluster = asked.cluster();
    try {
      boolean unused = cluster.listed.await(endsNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.of(Status.Code.CANCELLED, "the calling thread was interrupted").toException(e);
    }
    if (cluster.isForgotten()) {
      return null;
    }
    Status closed = cluster.whyClosed();
    if (closed != null) {
      throw closed.toException();
    }
    Rosters now = cluster.rosters;
    if (now == null) {
      throw Status.of(Status.Code.DEADLINE_EXCEEDED, cluster.whyUnresolved("the deadline"))
          .toException();
    }
    return now;
  }

  /** Dials what calls would dial, and waits a little for that. */
  private static void connect(Rosters rosters, String method, long endsNanos) {
    Rosters.Choice choice = rosters.choice(method);
    if (choice == null) {
      return;
    }
    rosters.connectAll();
    Roster roster = choice.roster();
    if (roster.size() == 1 && roster.entry(0).isShared()) {
      roster.entry(0).connect();
    }
    long now = System.nanoTime();
    long until = now + Math.min(CONNECTING_NANOS, Math.max(0, endsNanos - now));
    while (isConnecting(roster) && until - System.nanoTime() > 0) {
      LockSupport.parkNanos(LOOK_NANOS);
      if (Thread.currentThread().isInterrupted()) {
        return; // It says then what there is.
      }
    }
  }

  private static boolean isConnecting(Roster roster) {
    for (int i = 0; i < roster.size(); i++) {
      if (roster.state(i) == EndpointState.CONNECTING) {
        return true;
      }
    }
    return false;
  }

  private Explanation explanation(Asked asked, Rosters rosters) {
    Rosters.Choice choice = rosters.choice(asked.method());
    Chosen chosen = choice == null ? null : new Chosen(asked, choice);
    Map<Member, Explanation.Candidate> found = new HashMap<>();
    if (chosen != null) {
      chosen.tell(found);
    }
    List<Explanation.Candidate> all = new ArrayList<>(rosters.members.size());
    for (Member each : rosters.members) {
      Explanation.Candidate known = found.get(each);
      all.add(known == null ? lacking(each, asked.method()) : known);
    }
    Forecast forecast = chosen == null ? null : chosen.forecast;
    boolean never = forecast != null && forecast.ofNone() <= 0 && !asked.isLate();
    Status whyNone = never ? Status.OK : whyNone(asked, rosters, forecast);
    return explanation(asked, chosen, all, whyNone);
  }

  private Explanation explanation(
      Asked asked, @Nullable Chosen chosen, List<Explanation.Candidate> all, Status whyNone) {
    Cluster cluster = asked.cluster();
    CallOptions options = asked.request.options();
    Forecast forecast = chosen == null ? null : chosen.forecast;
    ExplainedTries tries = new ExplainedTries(asked.request, asked.madeIn, asked.to.latency());
    return new Explanation(
        asked.request.target().toString(),
        cluster.name,
        asked.method(),
        balancer(cluster),
        cluster.balancing.zone(),
        TryPick.criticality(asked.request, asked.madeIn),
        options.affinityKey(),
        options.codec(),
        asked.timeout,
        tries.timeout(),
        tries.percentile(),
        tries.limit(),
        stack.settings.maxAttempts(),
        asked.request.method().isIdempotent(),
        cluster.accounting.budget().tokens(),
        tries.mode(),
        tries.forks(),
        tries.hedging(),
        tries.hedgeDelay(),
        options.retryOn(),
        tries.isForRetry(),
        Duration.ofNanos(asked.to.latency().medianNanos()),
        chosen == null ? "" : chosen.findings.panic(),
        chosen == null ? 0 : chosen.findings.subset(),
        modes(stack.protection()),
        forecast == null ? 0 : forecast.picks(),
        all,
        forecast == null || asked.isLate() ? 1 : forecast.ofNone(),
        whyNone);
  }

  /** What a call ends in that finds nobody, in the words of calls. */
  private static Status whyNone(Asked asked, Rosters rosters, @Nullable Forecast forecast) {
    Cluster cluster = asked.cluster();
    if (asked.isLate()) {
      return InTime.TOO_LATE;
    }
    if (forecast != null && forecast.thrown() != null) {
      return Coding.callBroke(forecast.thrown());
    }
    if (forecast != null && forecast.outOfRange() != Balancer.NONE) {
      return Coding.callBroke(
          Rosters.outOfRange(cluster.name, forecast.outOfRange(), forecast.size()));
    }
    return rosters.whyNone(cluster.name, asked.method());
  }

  /** The endpoints that a call chooses from. */
  private final class Chosen {
    final Roster roster;
    final Findings findings;
    final Forecast forecast;
    final boolean isLate;

    Chosen(Asked asked, Rosters.Choice choice) {
      this.isLate = asked.isLate();
      this.roster = choice.roster();
      long nowNanos = stack.ticker.nanos();
      RandomGenerator none = () -> 0; // Nothing is drawn with this one.
      TryPick pick = new TryPick(roster, asked.request, asked.madeIn, List.of(), none, nowNanos);
      this.findings = new Findings(roster, pick);
      this.forecast = Forecast.of(roster, choice.picker(), asked.request, asked.madeIn, nowNanos);
    }

    /** Tells of each of them. */
    void tell(Map<Member, Explanation.Candidate> found) {
      for (int i = 0; i < roster.size(); i++) {
        Member member = (Member) roster.entry(i);
        found.put(member, candidate(member, i));
      }
    }

    private Explanation.Candidate candidate(Member member, int index) {
      Finding said = findings.of(index, whyUnreachable(member));
      double chance = isLate ? 0 : forecast.chance(index);
      boolean unpicked = chance <= 0 && !isLate && said.leftOutBy().isEmpty();
      String by = unpicked ? "balancer" : chance > 0 ? "" : said.leftOutBy();
      return new Explanation.Candidate(
          member.address(),
          roster.zone(index),
          member.endpoint().weight(),
          chance > 0 && said.weight() == 0 ? roster.weight(index) : said.weight(),
          member.state(),
          member.inFlight(),
          said.load(),
          said.reported(),
          said.latency(),
          said.startingShare(),
          said.verdict(),
          Duration.ofNanos(said.leftAloneNanos()),
          by,
          why(said, by),
          chance);
    }

    private String why(Finding said, String by) {
      if (by.equals("balancer")) {
        String picks =
            forecast.picks() == 0
                ? "prefers others now"
                : "picked in none of " + forecast.picks() + " tries";
        return said.why().isEmpty() ? picks : picks + "; " + said.why();
      }
      if (by.isEmpty() && !said.leftOutBy().isEmpty()) {
        String only = roster.size() == 1 ? "the only one" : "nothing better is left";
        return only + ", though: " + said.why();
      }
      return said.why();
    }
  }

  /** What its connections have failed with last; empty if they have not. */
  private static String whyUnreachable(Member member) {
    String said = member.link.whyNot().message();
    return switch (member.state()) {
      case BACKING_OFF -> said + "; it is dialled again";
      case CLOSED -> said;
      case CONNECTING, IDLE, READY ->
          !member.link.isShared() || said.equals("no connection to " + member.address())
              ? ""
              : "its last failure: " + said;
    };
  }

  /** One that says what methods it has, and this one is not among them. */
  private static Explanation.Candidate lacking(Member member, String method) {
    TreeSet<String> methods = new TreeSet<>(member.endpoint().methods());
    String has =
        String.join(", ", methods.stream().limit(METHODS_NAMED).toList())
            + (methods.size() > METHODS_NAMED
                ? " and " + (methods.size() - METHODS_NAMED) + " more"
                : "");
    return new Explanation.Candidate(
        member.address(),
        member.endpoint().zone(),
        member.endpoint().weight(),
        0,
        member.state(),
        member.inFlight(),
        member.inFlight(),
        null,
        0,
        1,
        "",
        Duration.ZERO,
        "methods",
        "has no " + method + ", but " + has,
        0);
  }

  private static String balancer(Cluster cluster) {
    Balancer made = cluster.balancer;
    if (made == null) {
      return "none"; // There has been no endpoint yet.
    }
    String name = String.valueOf(made);
    return name.startsWith(made.getClass().getName() + "@") ? made.getClass().getName() : name;
  }

  private static Map<String, Mode> modes(Protection protection) {
    EndpointHealth.Modes verdicts = protection.modes();
    Map<String, Mode> all = new LinkedHashMap<>();
    all.put("failuresInARow", verdicts.inARow());
    all.put("failureShare", verdicts.share());
    all.put("failureAverages", verdicts.averages());
    all.put("comparison", verdicts.comparison());
    all.put("panic", protection.panic());
    all.put("retryBudget", protection.budget());
    all.put("slowStart", protection.slowStart() ? Mode.ON : Mode.OFF);
    all.put("zones", protection.zones() ? Mode.ON : Mode.OFF);
    all.put("subset", protection.subset() ? Mode.ON : Mode.OFF);
    return all;
  }
}
