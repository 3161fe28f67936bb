package erpc.client;

import erpc.balance.Balancer;
import erpc.protocol.ConnectionSettings;
import erpc.settings.Ranges;
import erpc.settings.Settings;
import erpc.transport.PoolSettings;
import erpc.transport.TlsSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What may be set of a client. Immutable.
 *
 * @param timeout what a call gets that doesn't say
 * @param maxAttempts how often a call is tried at most, the first try included; 1 to 100
 * @param connectTimeout how long connecting to an endpoint may take
 * @param maxWaiting calls that may wait for a name to be resolved; one more fails with
 *     RESOURCE_EXHAUSTED
 * @param maxDestinations different places one client may call at a time; those that nobody calls
 *     make room
 * @param balancer {@code round_robin}, {@code random} or {@code least_request}
 * @param compression what requests are compressed with unless they say, or null for nothing
 * @param connection limits and intervals of each connection
 * @param pool how calls to one endpoint share connections
 * @param tls files and names for TLS, or null to speak plain text
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
    PoolSettings pool,
    @Nullable TlsSettings tls) {

  /** As often as a call may be tried; in a byte of each call. */
  static final int MOST_ATTEMPTS = 100;

  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
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
          PoolSettings.DEFAULTS,
          null);

  /** Checks what was set. */
  public ClientSettings {
    Ranges.positive("timeout", timeout);
    Ranges.within("maxAttempts", maxAttempts, MOST_ATTEMPTS);
    Ranges.positive("connectTimeout", connectTimeout);
    Ranges.positive("maxWaiting", maxWaiting);
    Ranges.positive("maxDestinations", maxDestinations);
    Balancer unused = Balancer.named(balancer); // Throws for one that is not known.
  }

  /**
   * The defaults with what this process was told in their places: {@code -Derpc.client.timeout=2s},
   * {@code ERPC_CLIENT_TIMEOUT=2s}, or the file {@code erpc.properties}.
   *
   * @throws erpc.settings.SettingsException naming all that cannot be used
   */
  public static ClientSettings ofProcess() {
    Settings process = Settings.ofProcess();
    ClientSettings settings = process.read("client", DEFAULTS);
    process.check();
    return settings;
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
        pool,
        tls);
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
        pool,
        tls);
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
        pool,
        tls);
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
        pool,
        tls);
  }

  public ClientSettings withMaxDestinations(int value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        value,
        balancer,
        compression,
        connection,
        pool,
        tls);
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
        pool,
        tls);
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
        pool,
        tls);
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
        pool,
        tls);
  }

  /** These settings with TLS; the client then speaks nothing else. */
  public ClientSettings withTls(TlsSettings value) {
    return new ClientSettings(
        timeout,
        maxAttempts,
        connectTimeout,
        maxWaiting,
        maxDestinations,
        balancer,
        compression,
        connection,
        pool,
        value);
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
        value,
        tls);
  }
}
