package erpc.bench;

import erpc.bench.Comparison.Taken;
import erpc.bench.Comparison.Triple;
import erpc.bench.driver.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Has another commit, today's code and today's code again take turns. Each is a pair of processes,
 * which is warmed up once and then kept for some pairs: as each process compiles itself a little
 * differently, all are started anew several times. In a pair everyone has two turns, there and back
 * (ABCCBA), so that a machine that becomes slower or faster meanwhile does so for all; and who
 * begins changes from pair to pair.
 */
final class Rounds {
  /** Whose processes they are. */
  enum Who {
    OTHER,
    TODAY,
    AGAIN
  }

  /** Starts processes. */
  interface Starter {
    Ends start(Who who) throws IOException;
  }

  private static final List<List<Who>> ORDERS =
      List.of(
          List.of(Who.OTHER, Who.TODAY, Who.AGAIN),
          List.of(Who.AGAIN, Who.TODAY, Who.OTHER),
          List.of(Who.TODAY, Who.OTHER, Who.AGAIN),
          List.of(Who.AGAIN, Who.OTHER, Who.TODAY),
          List.of(Who.TODAY, Who.AGAIN, Who.OTHER),
          List.of(Who.OTHER, Who.AGAIN, Who.TODAY));

  /** For a cell with a fixed rate: the share of the other commit's peak. */
  private static final double OF_PEAK = 0.5;

  private static final int IN_FLIGHT = 256;
  private static final int PEAK_SECONDS = 2;

  private final Starter starter;
  private final Nearness nearness;
  private final Length length;
  private final List<Triple> pairs = new ArrayList<>();
  private final List<Double> aparts = new ArrayList<>();

  /**
   * How long all takes.
   *
   * @param pairs how many pairs in all
   * @param starts how often the processes are started for them
   * @param warmSeconds of warming up, each time
   * @param seconds of each turn
   */
  record Length(int pairs, int starts, int warmSeconds, int seconds) {
    /** How many pairs the processes of one start, counted from 0, are measured for. */
    int pairsOf(int start) {
      return pairs * (start + 1) / starts - pairs * start / starts;
    }
  }

  Rounds(Starter starter, Nearness nearness, Length length) {
    this.starter = starter;
    this.nearness = nearness;
    this.length = length;
  }

  /**
   * Measures.
   *
   * @param each is told of every pair and its number, from 1
   * @throws IOException if a process has ended
   */
  Comparison measure(Work work, BiConsumer<Integer, Triple> each) throws Exception {
    Work chosen = work;
    for (int start = 0; start < length.starts(); start++) {
      if (length.pairsOf(start) > 0) {
        chosen = processes(start, chosen, each);
      }
    }
    return new Comparison(pairs);
  }

  /** How near processors were to each other, as a sentence; empty if that is not known. */
  String nearness() {
    return Nearness.describe(aparts.stream().mapToDouble(each -> each).sorted().toArray());
  }

  /** The pairs of one start; returns the work with its rate, which the first start finds. */
  private Work processes(int start, Work work, BiConsumer<Integer, Triple> each) throws Exception {
    Map<Who, Ends> ends = new EnumMap<>(Who.class);
    Work chosen = work;
    try {
      for (Who who : order(start)) {
        ends.put(who, starter.start(who));
      }
      chosen = rated(work, ends);
      for (Who who : order(start)) {
        warm(running(ends, who), chosen);
      }
      for (int i = 0; i < length.pairsOf(start); i++) {
        Triple pair = pair(ends, chosen);
        pairs.add(pair);
        each.accept(pairs.size(), pair);
      }
    } finally {
      ends.values().forEach(Ends::close);
    }
    return chosen;
  }

  private Triple pair(Map<Who, Ends> ends, Work work) throws Exception {
    List<Who> order = order(pairs.size());
    Map<Who, Taken> taken = new EnumMap<>(Who.class);
    double apart =
        nearness.during(() -> {
          taken.clear();
          for (Who who : order) {
            turn(ends, who, work, taken);
          }
          for (Who who : order.reversed()) {
            turn(ends, who, work, taken);
          }
        });
    aparts.add(apart);
    return new Triple(of(taken, Who.OTHER), of(taken, Who.TODAY), of(taken, Who.AGAIN));
  }

  private void turn(Map<Who, Ends> ends, Who who, Work work, Map<Who, Taken> taken)
      throws IOException {
    taken.put(who, of(taken, who).plus(running(ends, who).run(work, length.seconds())));
  }

  private static Taken of(Map<Who, Taken> taken, Who who) {
    return taken.getOrDefault(who, Taken.NOTHING);
  }

  private static Ends running(Map<Who, Ends> ends, Who who) {
    Ends running = ends.get(who);
    if (running == null) {
      throw new IllegalStateException(who + " has not been started");
    }
    return running;
  }

  private static List<Who> order(int number) {
    return ORDERS.get(number % ORDERS.size());
  }

  /** A process that has just started would not keep up with a rate. */
  private void warm(Ends ends, Work work) throws IOException {
    if (work.kind() == Work.Kind.RATE) {
      var unused = ends.run(Work.async(IN_FLIGHT), length.warmSeconds());
    }
    var unused =
        ends.run(work, work.kind() == Work.Kind.RATE ? PEAK_SECONDS : length.warmSeconds());
  }

  /** The same rate for all, and in all rounds: half of what the other commit can do. */
  private Work rated(Work work, Map<Who, Ends> ends) throws IOException {
    if (work.kind() != Work.Kind.RATE || work.perSecond() > 1) {
      return work;
    }
    Ends other = running(ends, Who.OTHER);
    var unused = other.run(Work.async(IN_FLIGHT), length.warmSeconds());
    return Work.rate((int) (OF_PEAK * other.run(Work.async(IN_FLIGHT), PEAK_SECONDS).perSecond()));
  }
}
