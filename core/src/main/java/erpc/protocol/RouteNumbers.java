package erpc.protocol;

import java.util.Arrays;

/** The numbers that a client's connection was given for its methods. Used by one event loop. */
final class RouteNumbers {
  private short[] numbers = new short[16];

  /** The route's number, or 0 if it is to be called by name. */
  int number(RouteName route) {
    return route.slot >= 0 && route.slot < numbers.length ? numbers[route.slot] : 0;
  }

  /** Calls the route by this number from now on; one that is out of range is not taken. */
  void remember(RouteName route, int number) {
    if (route.slot < 0 || number == 0 || number > Wire.MAX_ROUTES) {
      return;
    }
    if (route.slot >= numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(numbers.length * 2, route.slot + 1));
    }
    numbers[route.slot] = (short) number;
  }
}
