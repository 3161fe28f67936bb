package erpc.transport;

import java.time.Duration;

/**
 * How a client connects to each endpoint. Immutable.
 *
 * @param mode how calls share connections
 * @param maxConnections connections to one endpoint at most
 * @param idleTimeout how long a connection beyond the first may be of no use before it is closed
 */
public record PoolSettings(PoolMode mode, int maxConnections, Duration idleTimeout) {
  /** One connection, and up to three more while it backs up. */
  public static final PoolSettings DEFAULTS =
      new PoolSettings(PoolMode.SINGLE, 4, Duration.ofSeconds(30));

  /** Checks what was set. */
  public PoolSettings {
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxConnections must be at least 1, not " + maxConnections);
    }
    if (!idleTimeout.isPositive()) {
      throw new IllegalArgumentException("idleTimeout must be positive, not " + idleTimeout);
    }
  }

  /** A connection for each call while it lasts, at most so many, kept for the next ones. */
  public static PoolSettings pooled(int maxConnections) {
    return new PoolSettings(PoolMode.POOLED, maxConnections, DEFAULTS.idleTimeout);
  }

  /** A connection for each call, at most so many at a time. */
  public static PoolSettings shortLived(int maxConnections) {
    return new PoolSettings(PoolMode.SHORT, maxConnections, DEFAULTS.idleTimeout);
  }

  /** These settings with another limit. */
  public PoolSettings withMaxConnections(int value) {
    return new PoolSettings(mode, value, idleTimeout);
  }

  /** These settings with another time for connections that are of no use. */
  public PoolSettings withIdleTimeout(Duration value) {
    return new PoolSettings(mode, maxConnections, value);
  }
}
