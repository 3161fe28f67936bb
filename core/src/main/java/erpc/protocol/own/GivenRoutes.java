package erpc.protocol.own;

import java.util.Arrays;

/**
 * The numbers that a server has given for its methods on one connection: 1, 2, 3 in the order in
 * which they were first answered by name there. Used by its event loop.
 */
final class GivenRoutes {
  private static final int FIRST_ROOM = 8;

  /** What the server itself calls the method with number n, at index n - 1. */
  private int[] methods = {};

  private int given;

  /** What the server calls the method that has this number here, or 0 if it was not given. */
  int method(int number) {
    int index = number - 1;
    return index >= 0 && index < given ? methods[index] : 0;
  }

  /**
   * The number of a method here, which it is given now if it has none.
   *
   * @param method what the server calls it, greater than 0; or 0 for one that gets no number
   * @return 0 if it gets none, as when all have been given
   */
  int number(int method) {
    if (method == 0) {
      return 0;
    }
    // Asked only for calls by name: who was given a number calls by it from then on.
    for (int index = 0; index < given; index++) {
      if (methods[index] == method) {
        return index + 1;
      }
    }
    if (given == Wire.MAX_ROUTES) {
      return 0;
    }
    if (given == methods.length) {
      methods = Arrays.copyOf(methods, Math.max(FIRST_ROOM, 2 * given));
    }
    methods[given] = method;
    given++;
    return given;
  }
}
