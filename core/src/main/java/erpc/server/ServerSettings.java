package erpc.server;

import erpc.protocol.ConnectionSettings;
import java.time.Duration;

/**
 * What may be set of a server. Immutable.
 *
 * @param maxInFlight calls let in at the same time, over all connections; one more is refused with
 *     RESOURCE_EXHAUSTED, not started
 * @param defaultTimeout what a call gets whose caller sent no timeout
 * @param drainNotice how long calls are still taken after the deregistration, for callers that have
 *     not heard of it yet
 * @param drainGrace how long calls may take to finish once no new ones are taken
 * @param connection limits and intervals of each connection
 */
public record ServerSettings(
    int maxInFlight,
    Duration defaultTimeout,
    Duration drainNotice,
    Duration drainGrace,
    ConnectionSettings connection) {

  /** What holds unless it is set otherwise. */
  public static final ServerSettings DEFAULTS =
      new ServerSettings(
          131_072,
          Duration.ofSeconds(1),
          Duration.ofMillis(200),
          Duration.ofSeconds(10),
          ConnectionSettings.DEFAULTS);

  /** Checks what was set. */
  public ServerSettings {
    if (maxInFlight <= 0) {
      throw new IllegalArgumentException("maxInFlight must be positive, not " + maxInFlight);
    }
  }

  public ServerSettings withMaxInFlight(int value) {
    return new ServerSettings(value, defaultTimeout, drainNotice, drainGrace, connection);
  }

  public ServerSettings withDefaultTimeout(Duration value) {
    return new ServerSettings(maxInFlight, value, drainNotice, drainGrace, connection);
  }

  /** These settings with other times for shutting down. */
  public ServerSettings withDrain(Duration notice, Duration grace) {
    return new ServerSettings(maxInFlight, defaultTimeout, notice, grace, connection);
  }

  public ServerSettings withConnection(ConnectionSettings value) {
    return new ServerSettings(maxInFlight, defaultTimeout, drainNotice, drainGrace, value);
  }
}
