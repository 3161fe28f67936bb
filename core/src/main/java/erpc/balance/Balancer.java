package erpc.balance;

import erpc.call.Printable;

/**
 * Picks one of several candidates for a call. Implementations are thread-safe, allocate nothing per
 * pick, and keep nothing about a particular list, which may be another one at every pick.
 */
@FunctionalInterface
public interface Balancer {
  /** What {@link #pick} answers when nothing may be picked. */
  int NONE = -1;

  /**
   * The index of the candidate the call should go to, or {@link #NONE} if there are no candidates
   * or all that take calls are excluded.
   *
   * <p>An excluded candidate is never picked. One of weight 0 is picked only if all candidates,
   * excluded ones too, have weight 0: an operator who drains an endpoint means it for retries as
   * well.
   */
  int pick(Candidates candidates);

  /**
   * What may be picked, as one call sees it. The size stays the same during a pick; weights and
   * counts may move underneath. A policy that needs to know more of a call or of an endpoint (a
   * hash key, a latency, a zone) will find it here, as a method with a default.
   */
  interface Candidates {
    /** How many there are, excluded ones included. */
    int size();

    /** Share of the load relative to the others; 0 or less takes no calls. */
    int weight(int index);

    /** Calls that have been sent to the candidate and have not ended. */
    int inFlight(int index);

    /** True if an earlier try of this call has already been there. */
    boolean excluded(int index);

    /**
     * The largest weight of all, excluded ones included; 0 or less if none takes calls. Lists that
     * know it without looking should say so: it is asked at every pick.
     */
    default int maxWeight() {
      int max = 0;
      for (int i = 0, size = size(); i < size; i++) {
        max = Math.max(max, weight(i));
      }
      return max;
    }

    /**
     * True if {@link #excluded} is true of any. Calls that know it without looking should say so:
     * it is asked at every pick.
     */
    default boolean anyExcluded() {
      for (int i = 0, size = size(); i < size; i++) {
        if (excluded(i)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * The balancer of a name as it stands in settings: {@code round_robin}, {@code random} or {@code
   * least_request}.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  static Balancer named(String name) {
    return switch (name) {
      case "round_robin" -> new RoundRobin();
      case "random" -> new RandomPick();
      case "least_request" -> new LeastRequest();
      default ->
          throw new IllegalArgumentException(
              "unknown balancer '"
                  + Printable.of(name)
                  + "'; known are round_robin, random, least_request");
    };
  }
}
