package erpc.bench.simulate;

import java.util.List;

/**
 * Clients that are alike.
 *
 * @param count how many there are
 * @param perSecond calls of each
 * @param tickSeconds how often each calls; 0 if it calls whenever chance has it, one by one
 * @param deadlineSeconds how long a call has
 * @param trySeconds how long a try has; 0 if as long as its call
 * @param mix what they call
 * @param zones where they are, in turn
 */
record Clients(
    int count,
    double perSecond,
    double tickSeconds,
    double deadlineSeconds,
    double trySeconds,
    List<Part> mix,
    List<String> zones) {

  /** One of the methods that are called, and its share of calls. */
  record Part(Operation operation, double share) {}

  /** Ones that call one method whenever chance has it. */
  static Clients of(int count, double perSecond, Operation operation) {
    return new Clients(count, perSecond, 0, 1, 0, List.of(new Part(operation, 1)), List.of(""));
  }

  /** The same, all at the same moments, so many seconds apart. */
  Clients together(double seconds) {
    return new Clients(count, perSecond, seconds, deadlineSeconds, trySeconds, mix, zones);
  }

  /** The same, with tries that have so long. */
  Clients trying(double seconds) {
    return new Clients(count, perSecond, tickSeconds, deadlineSeconds, seconds, mix, zones);
  }

  Clients in(String... these) {
    return new Clients(
        count, perSecond, tickSeconds, deadlineSeconds, trySeconds, mix, List.of(these));
  }

  Clients calling(Part... parts) {
    return new Clients(
        count, perSecond, tickSeconds, deadlineSeconds, trySeconds, List.of(parts), zones);
  }

  /** The method that a draw from 0 to 1 means. */
  Operation drawn(double draw) {
    double rest = draw;
    for (Part each : mix) {
      rest -= each.share;
      if (rest < 0) {
        return each.operation;
      }
    }
    return mix.get(mix.size() - 1).operation;
  }
}
