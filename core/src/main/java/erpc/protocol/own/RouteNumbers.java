package erpc.protocol.own;

import erpc.protocol.RouteName;
import java.util.Arrays;

/** The numbers that a client's connection was given for its methods. Used by one event loop. */
final class RouteNumbers {
  private short[] numbers = new short[16];

  /** The slot of the route that has the number n, plus one, at index n. */
  private short[] owners = new short[16];

  /** The route's number, or 0 if it is to be called by name. */
  int number(RouteName route) {
    int slot = route.slot();
    return slot >= 0 && slot < numbers.length ? numbers[slot] : 0;
  }

  /**
   * Calls the route by this number from now on; one that is out of range is not taken.
   *
   * @throws ProtocolViolation if the number was given for another one: its calls would go there
   */
  void remember(RouteName route, int number) {
    int slot = route.slot();
    boolean remembered = slot >= 0 && slot < Wire.MAX_ROUTES;
    if (!remembered || number == 0 || number > Wire.MAX_ROUTES || number == number(route)) {
      return;
    }
    owners = withRoom(owners, number);
    int owner = owners[number] - 1;
    if (owner >= 0 && owner != slot) {
      throw new ProtocolViolation("route number " + number + " given for two methods");
    }
    owners[number] = (short) (slot + 1);
    numbers = withRoom(numbers, slot);
    numbers[slot] = (short) number;
  }

  private static short[] withRoom(short[] array, int index) {
    return index < array.length
        ? array
        : Arrays.copyOf(array, Math.max(array.length * 2, index + 1));
  }
}
