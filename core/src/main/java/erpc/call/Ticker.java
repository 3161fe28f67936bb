package erpc.call;

/**
 * A monotonic clock. It is handed to whatever measures time, so that tests decide how late it is.
 *
 * <p>Implementations are thread-safe and never run backwards.
 */
@FunctionalInterface
public interface Ticker {
  /** Nanoseconds since an arbitrary origin; only differences mean anything. */
  long nanos();

  /** The machine's monotonic clock. */
  static Ticker system() {
    return SystemTicker.INSTANCE;
  }
}
