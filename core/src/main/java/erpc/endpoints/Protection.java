package erpc.endpoints;

import erpc.breaker.EndpointHealth;
import erpc.breaker.Mode;

/**
 * Which mechanisms act on the endpoints of a place.
 *
 * @param modes those that find endpoints broken
 * @param panic whether broken endpoints get calls when few others are left
 * @param budget whether retries need a token
 * @param slowStart whether new endpoints get their share little by little
 */
public record Protection(EndpointHealth.Modes modes, Mode panic, Mode budget, boolean slowStart) {
  /** All act. */
  public static final Protection ALL_ON =
      new Protection(EndpointHealth.Modes.ALL_ON, Mode.ON, Mode.ON, true);
}
