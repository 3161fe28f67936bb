package erpc.breaker;

import erpc.call.Criticality;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A server with some processors and one queue before them, event by event on a clock of its own.
 * Calls come by chance from a seed.
 */
final class QueueOfCalls {
  private static final long SECOND = 1_000_000_000L;

  /** What may refuse calls. */
  interface Guard {
    boolean admits(Call call, long nowNanos);

    boolean begins(Call call, long delayNanos, long nowNanos);

    void ended(Call call, long nowNanos);
  }

  /** A source of calls, and what has become of them. */
  static final class Source {
    final String caller;
    final Criticality criticality;
    final double perSecond;
    final long serviceNanos;
    final long fromNanos;
    final long untilNanos;
    long offered;
    long refused;
    long served; // within the deadline
    long workedNanos; // for those
    long longestRefusalNanos;

    Source(
        String caller,
        Criticality criticality,
        double perSecond,
        long serviceNanos,
        long fromNanos,
        long untilNanos) {
      this.caller = caller;
      this.criticality = criticality;
      this.perSecond = perSecond;
      this.serviceNanos = serviceNanos;
      this.fromNanos = fromNanos;
      this.untilNanos = untilNanos;
    }

    double servedShare() {
      return served / (double) offered;
    }
  }

  /** A call on its way. */
  static final class Call {
    final Source source;
    final long arrivedNanos;
    final double chance;
    double place;

    Call(Source source, long arrivedNanos, double chance) {
      this.source = source;
      this.arrivedNanos = arrivedNanos;
      this.chance = chance;
      this.place = chance;
    }
  }

  private record Event(long atNanos, long number, Runnable action) {}

  private final int processors;
  private final long deadlineNanos;
  private final SplittableRandom random;
  private final Guard guard;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
  private final ArrayDeque<Call> queue = new ArrayDeque<>();
  private long number;
  private int busy;
  long nowNanos;

  QueueOfCalls(int processors, long deadlineNanos, long seed, Guard guard) {
    this.processors = processors;
    this.deadlineNanos = deadlineNanos;
    this.random = new SplittableRandom(seed);
    this.guard = guard;
  }

  void at(long atNanos, Runnable action) {
    events.add(new Event(atNanos, number++, action));
  }

  /** Calls of a source come by chance, one independent of the other. */
  void add(Source source) {
    next(source, source.fromNanos);
  }

  private void next(Source source, long fromNanos) {
    long gap = (long) (-Math.log1p(-random.nextDouble()) * SECOND / source.perSecond);
    long then = fromNanos + gap;
    if (then < source.untilNanos) {
      at(
          then,
          () -> {
            arrives(source);
            next(source, then);
          });
    }
  }

  /** One call comes now. */
  void arrives(Source source) {
    source.offered++;
    Call call = new Call(source, nowNanos, random.nextDouble());
    if (guard.admits(call, nowNanos)) {
      queue.add(call);
      begin();
    } else {
      source.refused++;
    }
  }

  private void begin() {
    while (busy < processors && !queue.isEmpty()) {
      Call call = queue.remove();
      long delay = nowNanos - call.arrivedNanos;
      if (!guard.begins(call, delay, nowNanos)) {
        call.source.refused++;
        call.source.longestRefusalNanos = Math.max(call.source.longestRefusalNanos, delay);
        continue;
      }
      busy++;
      at(nowNanos + call.source.serviceNanos, () -> ends(call));
    }
  }

  private void ends(Call call) {
    busy--;
    guard.ended(call, nowNanos);
    if (nowNanos - call.arrivedNanos <= deadlineNanos) {
      call.source.served++;
      call.source.workedNanos += call.source.serviceNanos;
    }
    begin();
  }

  /** Runs until nothing is left to happen. */
  void run() {
    for (Event next = events.poll(); next != null; next = events.poll()) {
      nowNanos = next.atNanos;
      next.action.run();
    }
  }
}
