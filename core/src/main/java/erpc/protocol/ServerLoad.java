package erpc.protocol;

/**
 * How loaded a server says that it is.
 *
 * @param startDelayMicros how long calls wait lately until their handlers begin, in microseconds
 * @param callsInFlight calls that it works at
 */
public record ServerLoad(long startDelayMicros, long callsInFlight) {
  /** The largest number of either, what travels. */
  public static final long MOST = 0xffff_ffffL;

  /** What is out of range counts as the nearest number that travels. */
  public ServerLoad {
    startDelayMicros = Math.clamp(startDelayMicros, 0, MOST);
    callsInFlight = Math.clamp(callsInFlight, 0, MOST);
  }
}
