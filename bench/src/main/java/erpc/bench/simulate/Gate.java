package erpc.bench.simulate;

import erpc.breaker.CallerShares;
import erpc.breaker.GradientLimit;
import erpc.breaker.Shedding;
import erpc.call.Criticality;
import erpc.endpoints.TryPick;
import erpc.settings.Mode;
import java.util.IdentityHashMap;
import java.util.random.RandomGenerator;

/**
 * What a server lets in. Here alone a simulation meets the policies of a server; it does with them
 * what {@code erpc.server} does.
 */
final class Gate {
  private final Events events;
  private final RandomGenerator random;
  private final Shedding shedding;
  private final CallerShares callers;
  private final IdentityHashMap<Operation, GradientLimit> limits = new IdentityHashMap<>();

  Gate(Events events, RandomGenerator random) {
    this.events = events;
    this.random = random;
    this.shedding = new Shedding(events.nowNanos());
    this.callers = new CallerShares(events.nowNanos());
  }

  /** Whether a call that has come may wait for its turn. */
  boolean admits(Attempt call) {
    long now = events.nowNanos();
    Criticality how = criticality(call);
    call.place = random.nextDouble();
    if (shedding.isShedding()) {
      call.place = callers.place(call.call.place, shedding.passing(how), call.place, now);
    }
    return shedding.admits(how, call.place, Mode.ON, now);
  }

  /** Whether it may begin, now that it is its turn. */
  boolean begins(Attempt call) {
    long now = events.nowNanos();
    long waited = now - call.arrivedNanos;
    if (!shedding.begins(criticality(call), call.place, waited, Mode.ON, now)) {
      return false;
    }
    call.startedNanos = now;
    return limit(call).enters(Mode.ON);
  }

  /** It would have been its turn, but nobody waits for it any more. */
  void gone() {
    shedding.gone();
  }

  /**
   * It has begun and is over.
   *
   * @param counts whether how long it took says anything
   */
  void ended(Attempt call, boolean counts) {
    long now = events.nowNanos();
    limit(call).leave(counts, now - call.startedNanos, Mode.ON, now);
  }

  private GradientLimit limit(Attempt call) {
    return limits.computeIfAbsent(call.operation(), key -> new GradientLimit(events.nowNanos()));
  }

  private static Criticality criticality(Attempt call) {
    return TryPick.criticality(call.operation().request(), null);
  }
}
