package erpc.server;

import erpc.protocol.ConnectionSettings;
import erpc.settings.Ranges;
import erpc.settings.Settings;
import erpc.transport.TlsSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What may be set of a server. Immutable.
 *
 * @param maxInFlight calls let in at the same time, over all connections; one more is refused with
 *     RESOURCE_EXHAUSTED, not started
 * @param defaultTimeout what a call gets whose caller sent no timeout
 * @param drainNotice how long calls are still taken after the deregistration, for callers that have
 *     not heard of it yet
 * @param drainGrace how long calls may take to finish once no new ones are taken
 * @param tellErrors whether callers get to know the class and message of what a handler threw; else
 *     they get a number, under which the server's log has it
 * @param openHealth whether {@code erpc.health.check} of the whole server is answered whoever
 *     calls, beside {@code maxInFlight}, at most 1,000 times a second on a connection
 * @param connection limits and intervals of each connection
 * @param tls certificate, key and what is asked of clients, or null to speak plain text
 * @param maxTimeout the longest a unary call may take whatever its caller asked for
 * @param maxConnections connections open at the same time, over all addresses; a new one then
 *     closes the longest-open one on which nothing was ever answered, else is closed itself
 */
public record ServerSettings(
    int maxInFlight,
    Duration defaultTimeout,
    Duration drainNotice,
    Duration drainGrace,
    boolean tellErrors,
    boolean openHealth,
    ConnectionSettings connection,
    @Nullable TlsSettings tls,
    Duration maxTimeout,
    int maxConnections) {

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int CONNECTIONS = 65_536;

  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final ServerSettings DEFAULTS =
      new ServerSettings(
          131_072,
          Duration.ofSeconds(1),
          Duration.ofMillis(200),
          Duration.ofSeconds(10),
          false,
          true,
          ConnectionSettings.DEFAULTS,
          null,
          LONGEST,
          CONNECTIONS);

  /** Checks what was set. */
  public ServerSettings {
    Ranges.positive("maxInFlight", maxInFlight);
    Ranges.positive("defaultTimeout", defaultTimeout);
    Ranges.notNegative("drainNotice", drainNotice);
    Ranges.notNegative("drainGrace", drainGrace);
    Ranges.positive("maxTimeout", maxTimeout);
    Ranges.positive("maxConnections", maxConnections);
  }

  /** Settings with the usual bounds of calls' times and of connections. */
  public ServerSettings(
      int maxInFlight,
      Duration defaultTimeout,
      Duration drainNotice,
      Duration drainGrace,
      ConnectionSettings connection,
      @Nullable TlsSettings tls) {
    this(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        false,
        true,
        connection,
        tls,
        LONGEST,
        CONNECTIONS);
  }

  /**
   * The defaults with what this process was told in their places: {@code
   * -Derpc.server.drainGrace=30s}, {@code ERPC_SERVER_DRAIN_GRACE=30s}, or the file {@code
   * erpc.properties}.
   *
   * @throws erpc.settings.SettingsException naming all that cannot be used
   */
  public static ServerSettings ofProcess() {
    Settings process = Settings.ofProcess();
    ServerSettings settings = process.read("server", DEFAULTS);
    process.check();
    return settings;
  }

  public ServerSettings withMaxInFlight(int value) {
    return new ServerSettings(
        value,
        defaultTimeout,
        drainNotice,
        drainGrace,
        tellErrors,
        openHealth,
        connection,
        tls,
        maxTimeout,
        maxConnections);
  }

  public ServerSettings withDefaultTimeout(Duration value) {
    return new ServerSettings(
        maxInFlight,
        value,
        drainNotice,
        drainGrace,
        tellErrors,
        openHealth,
        connection,
        tls,
        maxTimeout,
        maxConnections);
  }

  /** These settings with other times for shutting down. */
  public ServerSettings withDrain(Duration notice, Duration grace) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        notice,
        grace,
        tellErrors,
        openHealth,
        connection,
        tls,
        maxTimeout,
        maxConnections);
  }

  /** These settings with or without telling callers what handlers have thrown. */
  public ServerSettings withTellErrors(boolean value) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        value,
        openHealth,
        connection,
        tls,
        maxTimeout,
        maxConnections);
  }

  /** These settings with or without answers to everybody about the whole server's health. */
  public ServerSettings withOpenHealth(boolean value) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        tellErrors,
        value,
        connection,
        tls,
        maxTimeout,
        maxConnections);
  }

  /** These settings with TLS; the server then speaks nothing else unless they say so. */
  public ServerSettings withTls(TlsSettings value) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        tellErrors,
        openHealth,
        connection,
        value,
        maxTimeout,
        maxConnections);
  }

  public ServerSettings withConnection(ConnectionSettings value) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        tellErrors,
        openHealth,
        value,
        tls,
        maxTimeout,
        maxConnections);
  }

  /** These settings with another bound for how long a unary call may take. */
  public ServerSettings withMaxTimeout(Duration value) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        tellErrors,
        openHealth,
        connection,
        tls,
        value,
        maxConnections);
  }

  /** These settings with another bound for connections. */
  public ServerSettings withMaxConnections(int value) {
    return new ServerSettings(
        maxInFlight,
        defaultTimeout,
        drainNotice,
        drainGrace,
        tellErrors,
        openHealth,
        connection,
        tls,
        maxTimeout,
        value);
  }
}
