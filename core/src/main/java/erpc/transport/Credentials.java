package erpc.transport;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What a client shows of itself: a bearer token, for each connection or for each call. Immutable.
 *
 * @param token tells the token as it is now; may block to refresh it, and is never asked on an
 *     event loop. Throws if there is none, which fails what it was needed for
 * @param perCall whether it goes with each call, as metadata {@code authorization}, instead of once
 *     with each connection and again when it has changed
 * @param allowPlainText whether it may go in the clear to another machine
 * @param refreshInterval how often connections that are open ask whether it has changed
 */
public record Credentials(
    Supplier<String> token, boolean perCall, boolean allowPlainText, Duration refreshInterval) {

  private static final Duration DEFAULT_REFRESH_INTERVAL = Duration.ofSeconds(1);

  /** Checks what was set. */
  public Credentials {
    Objects.requireNonNull(token);
    if (refreshInterval.isNegative() || refreshInterval.isZero()) {
      throw new IllegalArgumentException("refreshInterval must be positive: " + refreshInterval);
    }
  }

  /** A bearer token for each connection. */
  public static Credentials bearer(Supplier<String> token) {
    return new Credentials(token, false, false, DEFAULT_REFRESH_INTERVAL);
  }

  /** The token with each call; calls that clients make of their center go without. */
  public Credentials withPerCall() {
    return new Credentials(token, true, allowPlainText, refreshInterval);
  }

  /** The token goes even where anybody on the way can read it. */
  public Credentials withPlainTextAllowed() {
    return new Credentials(token, perCall, true, refreshInterval);
  }

  public Credentials withRefreshInterval(Duration value) {
    return new Credentials(token, perCall, allowPlainText, value);
  }

  /** No secret. */
  @Override
  public String toString() {
    return "Credentials[bearer, perCall=" + perCall + "]";
  }
}
