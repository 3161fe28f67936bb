package erpc.transport;

import erpc.settings.Configurable;
import erpc.settings.Ranges;
import java.time.Duration;
import java.util.Objects;

/** How a client connects to each endpoint. Immutable. */
public final class PoolSettings extends Configurable {
  /** One connection, and up to three more while it backs up. */
  public static final PoolSettings DEFAULTS = new PoolSettings();

  private PoolMode mode = PoolMode.SINGLE;
  private int maxConnections = 4;
  private Duration idleTimeout = Duration.ofSeconds(30);

  private PoolSettings() {}

  /**
   * All that may be set today.
   *
   * @throws IllegalArgumentException naming what is out of range
   */
  public PoolSettings(PoolMode mode, int maxConnections, Duration idleTimeout) {
    this.mode = mode;
    this.maxConnections = maxConnections;
    this.idleTimeout = idleTimeout;
    check();
  }

  /** A connection for each call while it lasts, at most so many, kept for the next ones. */
  public static PoolSettings pooled(int maxConnections) {
    return DEFAULTS.withMode(PoolMode.POOLED).withMaxConnections(maxConnections);
  }

  /** A connection for each call, at most so many at a time. */
  public static PoolSettings shortLived(int maxConnections) {
    return DEFAULTS.withMode(PoolMode.SHORT).withMaxConnections(maxConnections);
  }

  /** How calls share connections. */
  public PoolMode mode() {
    return mode;
  }

  /** These settings with another {@link #mode()}. */
  public PoolSettings withMode(PoolMode value) {
    return changed(this, copy -> copy.mode = value);
  }

  /** Connections to one endpoint at most. */
  public int maxConnections() {
    return maxConnections;
  }

  /** These settings with another {@link #maxConnections()}. */
  public PoolSettings withMaxConnections(int value) {
    return changed(this, copy -> copy.maxConnections = value);
  }

  /** How long a connection beyond the first may be of no use before it is closed. */
  public Duration idleTimeout() {
    return idleTimeout;
  }

  /** These settings with another {@link #idleTimeout()}. */
  public PoolSettings withIdleTimeout(Duration value) {
    return changed(this, copy -> copy.idleTimeout = value);
  }

  @Override
  protected void check() {
    Objects.requireNonNull(mode, "mode");
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxConnections must be at least 1, not " + maxConnections);
    }
    Ranges.positive("idleTimeout", idleTimeout);
  }
}
