package erpc.call;

/**
 * Whether the process is ending in good order. What breaks then was to be expected, and is no
 * warning to anybody. Thread-safe.
 */
public final class Ending {
  /** Set by whoever ends the process, for good. */
  private static volatile boolean begun;

  private Ending() {}

  /** The process has been told to end. */
  public static void begin() {
    begun = true;
  }

  /** Whether it has been told to. */
  public static boolean hasBegun() {
    return begun;
  }
}
