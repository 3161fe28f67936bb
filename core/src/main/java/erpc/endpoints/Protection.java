package erpc.endpoints;

import erpc.breaker.EndpointHealth;
import erpc.settings.Mode;

/**
 * Which mechanisms act on the endpoints of a place.
 *
 * @param modes those that find endpoints broken
 * @param panic whether broken endpoints get calls when few others are left
 * @param budget whether retries need a token
 * @param slowStart whether new endpoints get their share little by little
 * @param zones whether calls stay in their zone as far as it can take them
 * @param subset whether of very many endpoints only some are called
 */
public record Protection(
    EndpointHealth.Modes modes,
    Mode panic,
    Mode budget,
    boolean slowStart,
    boolean zones,
    boolean subset) {
  /** All act. */
  public static final Protection ALL_ON =
      new Protection(EndpointHealth.Modes.ALL_ON, Mode.ON, Mode.ON, true, true, true);
}
