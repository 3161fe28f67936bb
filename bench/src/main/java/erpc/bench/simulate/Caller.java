package erpc.bench.simulate;

import erpc.call.Status;
import java.util.random.RandomGenerator;

/** A client: makes calls for as long as the scenario lasts. */
final class Caller implements Events.Event {
  /** Clocks of clients that call at the same moment are so far apart. */
  private static final long APART_NANOS = 1_000_000;

  private final Events events;
  private final Scenario scenario;
  private final Clients kind;
  private final Place place;
  private final Tally tally;
  private final RandomGenerator arrivals;
  private final RandomGenerator work;
  private final long endNanos;

  Caller(Events events, Scenario scenario, Place place, Tally tally, long seed, int index) {
    this.events = events;
    this.scenario = scenario;
    this.kind = scenario.clients();
    this.place = place;
    this.tally = tally;
    this.arrivals = Chance.of(seed, "arrivals", index);
    this.work = Chance.of(seed, "work", index);
    this.endNanos = Events.BEGIN_NANOS + scenario.nanos(1);
  }

  void begin() {
    next();
  }

  private void next() {
    long at = kind.tickSeconds() > 0 ? nextTick() : nextByChance();
    if (at < endNanos) {
      events.at(at, this);
    }
  }

  private long nextByChance() {
    double part = (events.nowNanos() - Events.BEGIN_NANOS) / (double) scenario.nanos(1);
    return events.nowNanos() + Chance.gapNanos(kind.perSecond() * scenario.factor(part), arrivals);
  }

  private long nextTick() {
    long tick = Math.round(kind.tickSeconds() * 1e9);
    long passed = (events.nowNanos() - Events.BEGIN_NANOS) / tick;
    return Events.BEGIN_NANOS + (passed + 1) * tick + arrivals.nextLong(APART_NANOS);
  }

  @Override
  public void happens() {
    long calls = Math.max(1, Math.round(kind.perSecond() * kind.tickSeconds()));
    for (int i = 0; i < calls; i++) {
      call();
    }
    next();
  }

  private void call() {
    Operation operation = kind.drawn(work.nextDouble());
    long now = events.nowNanos();
    long deadline = now + Math.round(kind.deadlineSeconds() * 1e9);
    Call call = place.call(operation, operation.demand().nanos(work), deadline, false);
    call.then(status -> ended(call, status));
  }

  private void ended(Call call, Status status) {
    tally.ended(call, status.isOk(), events.nowNanos());
  }
}
