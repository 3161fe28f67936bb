package erpc.endpoints;

import erpc.endpoints.Roster.Grade;
import erpc.endpoints.TryPick.Rank;
import erpc.protocol.ServerLoad;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a roster's pieces say of its endpoints to one try: which piece leaves one out and why, with
 * numbers. It asks the objects that picks ask. Of one moment, and not thread-safe.
 */
public final class Findings {
  private final Roster roster;
  private final TryPick pick;
  private final Protection protection;
  private final Scope scope;
  private final long nowNanos;
  private final String zones;
  private final boolean anyReady;

  /**
   * What there is to say of one endpoint.
   *
   * @param weight its own weight, times what the pieces make of that, relative to the one that they
   *     leave most of its own; 0 if it is left out
   * @param latency what its calls take, relative to the average endpoint's; 0 if that is not known
   * @param load calls in flight there as balancers see them
   * @param reported what its server has said of its load within a second, or null
   * @param startingShare the part of its weight that it has as a new one; 1 if it is none
   * @param verdict with its reason; empty if it is healthy
   * @param leftAloneNanos for how long it has asked to be left alone; 0 if it has not
   * @param leftOutBy the name of the piece that speaks against it; empty if none does
   * @param why what that piece says, and else what else is to be known; may be empty
   */
  public record Finding(
      double weight,
      double latency,
      double load,
      @Nullable ServerLoad reported,
      double startingShare,
      String verdict,
      long leftAloneNanos,
      String leftOutBy,
      String why) {}

  private record Objection(String by, String why) {}

  /** Of a try of a call, once the roster has done what is due. */
  public Findings(Roster roster, TryPick pick) {
    this.roster = roster;
    this.pick = pick;
    this.nowNanos = pick.nowNanos();
    this.protection = roster.accounting().protection();
    this.scope = roster.upkeep().scope();
    roster.upkeep().catchUp(nowNanos);
    this.zones = zones();
    this.anyReady = roster.best() == Grade.READY;
  }

  /** How calls are spread over zones; empty if zones play no part. */
  private String zones() {
    String here = roster.clientZone();
    if (!scope.hasZones() || !zonesMatter()) {
      return "";
    }
    double healthy = 0;
    double all = 0;
    boolean spills = false;
    for (int i = 0; i < roster.size(); i++) {
      if (scope.zone(i).equals(here) && scope.has(i)) {
        all += roster.weight(i);
        healthy += isHealthy(i) ? roster.weight(i) : 0;
      } else {
        spills |= isHealthy(i) && roster.share(i) > 0;
      }
    }
    String state =
        String.format(
            Locale.ROOT,
            "%.0f of %.0f of the weight in the client's zone %s is healthy",
            healthy,
            all,
            here);
    return spills
        ? "calls leave the client's zone: " + state
        : "calls stay in the client's zone: "
            + state
            + String.format(
                Locale.ROOT, ", %.0f %% of its fair share is enough", 100 * Zones.ENOUGH);
  }

  /** Whether endpoints of other zones get another part of their weight than those of this one. */
  private boolean zonesMatter() {
    double most = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < roster.size(); i++) {
      boolean whole = roster.entry(i).record().share(protection, nowNanos) == 1;
      if (whole && scope.has(i) && isHealthy(i) && roster.weight(i) > 0) {
        double part = roster.share(i) / roster.weight(i);
        most = Math.max(most, part);
        least = Math.min(least, part);
      }
    }
    return least < 0.99 * most; // Shares are rounded.
  }

  private boolean isHealthy(int index) {
    return roster.grade(index).compareTo(Grade.BROKEN) < 0;
  }

  /** How many of the endpoints this client calls, since the list is long. */
  public int subset() {
    int count = 0;
    for (int i = 0; i < roster.size(); i++) {
      count += scope.has(i) ? 1 : 0;
    }
    return count;
  }

  /** What panic there is, with numbers; empty if there is none. */
  public String panic() {
    double chance = roster.panicChance();
    return chance <= 0
        ? ""
        : String.format(
            Locale.ROOT,
            "%.0f %% of the weight is healthy: broken ones get %.0f %% of the calls",
            100 * (1 - chance) / 2,
            100 * chance);
  }

  /**
   * What there is to say of one.
   *
   * @param whyUnreachable what its connections have failed with; may be empty while they don't
   */
  public Finding of(int index, String whyUnreachable) {
    EndpointRecord record = roster.entry(index).record();
    String verdict = record.health().explained(protection.modes(), nowNanos);
    Objection objection = objection(index, verdict, whyUnreachable);
    String why = objection == null ? notes(index, record, verdict, whyUnreachable) : objection.why;
    return new Finding(
        objection == null ? weight(index) : 0,
        pick.latency(index),
        pick.load(index),
        record.reported(nowNanos),
        record.startingShare(protection, nowNanos),
        verdict,
        record.health().leftAloneNanos(nowNanos),
        objection == null ? "" : objection.by,
        why);
  }

  private double weight(int index) {
    int own = roster.weight(index);
    boolean shares = roster.grade(index).compareTo(Grade.SPARE) < 0;
    return shares ? own * Math.min(1, roster.takenPart(index)) : own;
  }

  /** The first piece of the stack that speaks against it. */
  private @Nullable Objection objection(int index, String verdict, String whyUnreachable) {
    if (roster.weight(index) == 0) {
      return new Objection("weight", "its weight is 0: it takes no calls while another one does");
    }
    if (!scope.has(index)) {
      return new Objection("subset", "not among the endpoints that this client calls");
    }
    Grade grade = roster.grade(index);
    if (grade == Grade.FAILING) {
      return new Objection(
          "connection",
          whyUnreachable.isEmpty() ? "its connections failed a moment ago" : whyUnreachable);
    }
    if (grade == Grade.BROKEN) {
      return roster.panicChance() > 0 ? null : new Objection("verdict", broken(index, verdict));
    }
    if (grade == Grade.SPARE) {
      return new Objection("zone", zone(index));
    }
    Rank rank = pick.rank(index);
    if (rank == Rank.FULL || rank == Rank.FAILING) {
      return new Objection(
          "full", "there is no room for another call: " + roster.inFlight(index) + " in flight");
    }
    if (pick.isExcluded(index)) {
      return new Objection("retry_after", leftAlone(index) + "; this call may be shed");
    }
    return grade == Grade.POSSIBLE && anyReady ? unconnected(index, whyUnreachable) : null;
  }

  private Objection unconnected(int index, String whyUnreachable) {
    boolean dials = roster.state(index) == EndpointState.CONNECTING;
    String how = dials ? "connecting" : "not connected";
    String why = whyUnreachable.isEmpty() ? "" : "; " + whyUnreachable;
    return new Objection("connection", how + ", and others are" + why);
  }

  private String broken(int index, String verdict) {
    String said = verdict.isEmpty() ? "it was broken a moment ago" : verdict;
    return roster.upkeep().isWanting(index)
        ? said + "; one of the next ten calls is the probe"
        : said;
  }

  private String zone(int index) {
    String in = scope.zone(index);
    return (in.isEmpty() ? "in no zone" : "in zone " + in) + "; " + zones;
  }

  private String leftAlone(int index) {
    long nanos = roster.entry(index).record().health().leftAloneNanos(nowNanos);
    return "its server wants to be left alone for another " + seconds(nanos);
  }

  /** What lessens its share, or is otherwise out of the usual. */
  private String notes(int index, EndpointRecord record, String verdict, String whyUnreachable) {
    List<String> notes = new ArrayList<>();
    if (!verdict.isEmpty()) {
      notes.add(verdict);
    }
    if (!whyUnreachable.isEmpty() && roster.state(index) != EndpointState.READY) {
      notes.add(whyUnreachable);
    }
    double starting = record.startingShare(protection, nowNanos);
    if (starting < 1) {
      notes.add(
          String.format(
              Locale.ROOT,
              "listed for %s, counts with %.0f %%",
              seconds(record.listedNanos(nowNanos)),
              100 * starting));
    }
    if (scope.hasZones() && !scope.zone(index).equals(roster.clientZone()) && !zones.isEmpty()) {
      notes.add(zone(index));
    }
    double avoidedAbove = roster.accounting().avoidedAbove();
    if (record.latency().isAvoided(avoidedAbove, nowNanos)) {
      notes.add(
          String.format(Locale.ROOT, "slow: more than %.1f of the average's time", avoidedAbove));
      if (roster.upkeep().isWanting(index)) {
        notes.add("one of the next ten calls goes there to find out how it is");
      }
    }
    if (record.health().isLeftAlone(nowNanos)) {
      notes.add(leftAlone(index) + ", which holds for retries and calls that may be shed");
    }
    return String.join("; ", notes);
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / (double) TimeUnit.SECONDS.toNanos(1));
  }
}
