package erpc.bench.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;

/**
 * What a run has come to.
 *
 * @param policy its name
 * @param callsToBroken tries of all clients, and of servers that call others, that went to
 *     endpoints which they had found broken
 * @param verdictChanges how often one of them has found an endpoint broken, or well again
 * @param farShare the part of tries that went to another zone
 */
record Result(
    String policy,
    Tally tally,
    Servers servers,
    long callsToBroken,
    long verdictChanges,
    double farShare) {
  /** A server with less than this part of the mean is idle. */
  private static final double IDLE = 0.1;

  /**
   * What servers had to do.
   *
   * @param seconds how long they were counted
   * @param skew the most that one of those that clients call was sent, by the mean
   * @param idleShare how many of them were sent next to nothing
   * @param busiest the largest share of its cores' time that one of them worked
   * @param perSecond tries per second at each level
   */
  record Servers(
      double seconds, double skew, double idleShare, double busiest, List<Double> perSecond) {
    static Servers of(List<List<Server>> levels, double seconds) {
      List<Server> first = levels.get(0);
      LongSummaryStatistics received =
          first.stream().mapToLong(Server::received).summaryStatistics();
      double mean = Math.max(1e-9, received.getAverage());
      long idle = first.stream().filter(each -> each.received() < IDLE * mean).count();
      double busiest =
          first.stream()
              .mapToDouble(each -> each.busyNanos() / each.kind.cores() / seconds / 1e9)
              .max()
              .orElse(0);
      List<Double> perSecond = new ArrayList<>();
      for (List<Server> level : levels) {
        perSecond.add(level.stream().mapToLong(Server::received).sum() / seconds);
      }
      return new Servers(
          seconds,
          received.getMax() / mean,
          idle / (double) first.size(),
          busiest,
          List.copyOf(perSecond));
    }
  }

  /** Calls per second that have succeeded. */
  double goodput() {
    return tally.all().succeeded() / servers.seconds;
  }
}
