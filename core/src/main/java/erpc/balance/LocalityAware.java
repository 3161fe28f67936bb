package erpc.balance;

import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Picks by weights that follow from how endpoints do, as brpc's locality-aware balancer (1.17.0,
 * {@code src/brpc/policy/locality_aware_load_balancer.cpp} at commit 71871ee9, whose text says
 * latency², but which divides by latency): weight = calls that come back per second ÷ latency. So
 * an endpoint that is faster than others gets more calls until it is no longer faster.
 *
 * <p>As there: the window is the last 128 calls; it tells nothing before it has been full or lasted
 * one second; an endpoint has at least one call per second; a newcomer has the average; if calls in
 * flight have been there for more than 1.5 times the endpoint's latency on average, its weight goes
 * down by that ratio at once, and if it has become too light for the draw, another one is drawn; an
 * endpoint that cannot be called becomes lighter.
 *
 * <p>Otherwise than there: latency is what {@link Pick#latency} says, in which failures count as
 * slow by the rules of all balancers, in place of 1.2 times the time they took. Calls that have
 * ended are those no longer in flight, hence nobody has to tell of them. One pick of 32 goes by the
 * configured weights, so that an endpoint that has become light is noticed when it is well again;
 * brpc has a least weight for that. The configured weights are also those to begin with.
 */
final class LocalityAware implements Balancer {
  /** By address, for as long as a picker has them. */
  private final Map<String, WeakReference<CallFlow>> flows = new HashMap<>();

  @Override
  public Picker picker(Candidates candidates) {
    flows.values().removeIf(each -> each.get() == null);
    CallFlow[] known = new CallFlow[candidates.size()];
    for (int i = 0; i < known.length; i++) {
      known[i] = flow(candidates.address(i));
    }
    return new Learned(candidates, known);
  }

  private CallFlow flow(String address) {
    WeakReference<CallFlow> before = flows.get(address);
    CallFlow found = before == null ? null : before.get();
    if (found == null) {
      found = new CallFlow();
      flows.put(address, new WeakReference<>(found));
    }
    return found;
  }

  @Override
  public String toString() {
    return "locality_aware";
  }

  /** The weights of one list. */
  private static final class Learned implements Picker {
    private static final int DRAWS = 8;

    /** One pick of so many goes by configured weights. */
    private static final int EXPLORED = 32;

    private static final double PUNISHED_FROM = 1.5;

    /** An average endpoint's. */
    private static final double SCALE = 1 << 20;

    private static final double LIGHTEST = 1 << 8;
    private static final double HEAVIEST = 1L << 40;

    private final Candidates candidates;
    private final CallFlow[] flows;
    private final WeightSums weights;
    private final CallFlow all = new CallFlow();
    private final AtomicLong nextSeen = new AtomicLong();

    /** Calls per second to an average endpoint; 0 if not known. Written by one at a time. */
    private volatile double perSecond;

    /** What a call to an average endpoint takes; 0 if not known. Set by any pick; some get lost. */
    private volatile double averageNanos;

    Learned(Candidates candidates, CallFlow[] flows) {
      this.candidates = candidates;
      this.flows = flows;
      double sum = 0;
      for (int i = 0; i < flows.length; i++) {
        sum += Math.max(0, candidates.weight(i));
      }
      long[] first = new long[flows.length];
      for (int i = 0; i < first.length; i++) {
        double learned = flows[i].weight();
        int configured = candidates.weight(i);
        double relative = learned > 0 ? learned : configured * first.length / Math.max(1, sum);
        first[i] = configured <= 0 ? 0 : (long) Math.clamp(SCALE * relative, 1, HEAVIEST);
      }
      weights = new WeightSums(first);
    }

    @Override
    public int pick(Pick pick) {
      countAll(pick.nowNanos());
      int index = pick(pick, true);
      if (index != NONE) {
        flows[index].picked();
      }
      return index;
    }

    /** By the weights that it has learned until now, which stay as they are. */
    @Override
    public Picker preview() {
      return pick -> pick(pick, false);
    }

    private int pick(Pick pick, boolean learns) {
      if (pick.random().nextInt(EXPLORED) != 0) {
        for (int i = 0; i < DRAWS; i++) {
          long total = weights.total();
          int index = total <= 0 ? flows.length : weights.at(pick.random().nextLong(total));
          if (index < flows.length && isTaken(pick, index, learns)) {
            return index;
          }
        }
      }
      int index = pick.draw();
      if (index != NONE && learns) {
        weigh(pick, index);
      }
      return index;
    }

    /** Whether one that was drawn is still worth it. */
    private boolean isTaken(Pick pick, int index, boolean learns) {
      long drawn = weights.weight(index);
      if (!pick.fits(index)) {
        // That this call has been there says nothing about the endpoint.
        if (learns && !pick.isExcluded(index)) {
          weights.set(index, Math.max(1, drawn / 2));
        }
        return false;
      }
      if (learns) {
        weigh(pick, index);
      }
      long now = weights.weight(index);
      return now >= drawn || pick.random().nextLong(drawn) < now;
    }

    private void weigh(Pick pick, int index) {
      CallFlow flow = flows[index];
      if (flow.tryEnter()) { // Else another thread does just that.
        try {
          weigh(flow, pick, index);
        } finally {
          flow.leave();
        }
      }
    }

    private void weigh(CallFlow flow, Pick pick, int index) {
      long now = pick.nowNanos();
      int inFlight = Math.max(0, candidates.inFlight(index));
      double latency = pick.latency(index);
      long before = flow.lastNanos();
      double takes = flow.sees(now, inFlight);
      if (latency <= 0) {
        return;
      }
      if (takes > 0) {
        learnAverage(takes / latency);
      }
      double typical = perSecond;
      if (typical <= 0) {
        return;
      }
      boolean known = flow.isKnown(now);
      double weight = (known ? flow.perSecond(now, inFlight) / typical : 1) / latency;
      flow.weighs(known ? weight : 0);
      double punished = known ? weight * punishment(flow, now, inFlight, before, latency) : weight;
      long becomes = (long) Math.clamp(SCALE * punished, LIGHTEST, HEAVIEST);
      long was = weights.weight(index);
      if (Math.abs(becomes - was) > was >> 6) { // A smaller change is not worth the writes.
        weights.set(index, becomes);
      }
    }

    /** 1, or less if calls in flight are overdue. */
    private double punishment(CallFlow flow, long now, int inFlight, long before, double latency) {
      double allowed = PUNISHED_FROM * latency * averageNanos;
      double overdue = flow.inFlightNanos(now, inFlight, before);
      return allowed > 0 && overdue > allowed ? allowed / overdue : 1;
    }

    private void learnAverage(double takes) {
      double known = averageNanos;
      // What hangs must not pass for usual: one sample moves the average by a quarter at most.
      averageNanos = known == 0 ? takes : known + (Math.min(takes, 3 * known) - known) / 8;
    }

    /** Counts the picks of all endpoints, and now and then how many come per second. */
    private void countAll(long now) {
      all.picked();
      long due = nextSeen.get();
      if (due != 0 && now - due < 0) {
        return;
      }
      if (all.tryEnter()) {
        try {
          all.sees(now, 0);
          if (all.isKnown(now)) {
            perSecond = all.perSecond(now, 0) / Math.max(1, flows.length);
            nextSeen.set(now + 100_000_000L | 1);
          }
        } finally {
          all.leave();
        }
      }
    }
  }
}
