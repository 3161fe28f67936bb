package erpc.client;

import erpc.protocol.ConnectionSettings;
import erpc.transport.PoolSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What may be set of a client. Immutable.
 *
 * @param timeout what a call gets that doesn't say
 * @param maxAttempts how often a call is tried at most, the first try included
 * @param connectTimeout how long connecting to an endpoint may take
 * @param maxWaiting calls that may wait for a name to be resolved; one more fails with
 *     RESOURCE_EXHAUSTED
 * @param maxDestinations different places one client may call
 * @param balancer {@code round_robin}, {@code random} or {@code least_request}
 * @param compression what requests are compressed with unless they say, or null for nothing
 * @param connection limits and intervals of each connection
 * @param pool how calls to one endpoint share connections
 */
public record ClientSettings(
    Duration timeout,
    int maxAttempts,
    Duration connectTimeout,
    int maxWaiting,
    int maxDestinations,
    String balancer,
    @Nullable String compression,
    ConnectionSettings connection,
    PoolSettings pool) {

  /** What holds unless it is set otherwise. */
  public static final ClientSettings DEFAULTS =
      new ClientSettings(
          Duration.ofSeconds(1),
          3,
          // Long enough for a SYN that was dropped by a full backlog to be sent again three times.
          Duration.ofSeconds(10),
          100_000,
          10_000,
          "round_robin",
          null,
          ConnectionSettings.DEFAULTS,
          PoolSettings.DEFAULTS);

  /** Checks what was set. */
  public ClientSettings {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts must be at least 1, not " + maxAttempts);
    }
  }

  public ClientSettings withTimeout(Duration value) {
    return new ClientSettings(
        value,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        balancer,
        compression,
        connection,
        pool);
  }

  public ClientSettings withMaxAttempts(int value) {
    return new ClientSettings(
        timeout,
        value,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        balancer,
        compression,
        connection,
        pool);
  }

  public ClientSettings withConnectTimeout(Duration value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        value,
        maxWaiting,
        maxDestinations,
        balancer,
        compression,
        connection,
        pool);
  }

  public ClientSettings withMaxWaiting(int value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        value,
        maxDestinations,
        balancer,
        compression,
        connection,
        pool);
  }

  public ClientSettings withBalancer(String value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        value,
        compression,
        connection,
        pool);
  }

  public ClientSettings withCompression(@Nullable String value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        balancer,
        value,
        connection,
        pool);
  }

  public ClientSettings withConnection(ConnectionSettings value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        balancer,
        compression,
        value,
        pool);
  }

  public ClientSettings withPool(PoolSettings value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        balancer,
        compression,
        connection,
        value);
  }
}
