package erpc.server;

import erpc.protocol.ConnectionSettings;
import erpc.settings.Configurable;
import erpc.settings.Mode;
import erpc.settings.Ranges;
import erpc.settings.Settings;
import erpc.transport.TlsSettings;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What may be set of a server. Immutable. */
public final class ServerSettings extends Configurable {
  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final ServerSettings DEFAULTS = new ServerSettings();

  private int maxInFlight = 131_072;
  private Duration defaultTimeout = Duration.ofSeconds(1);
  private Duration drainNotice = Duration.ofMillis(200);
  private Duration drainGrace = Duration.ofSeconds(10);
  private boolean tellErrors = false;
  private boolean openHealth = true;
  private ConnectionSettings connection = ConnectionSettings.DEFAULTS;
  private @Nullable TlsSettings tls;
  private Duration maxTimeout = Duration.ofHours(1);
  private int maxConnections = 65_536;
  private Mode shedding = Mode.ON;
  private Mode concurrencyLimit = Mode.ON;
  private boolean trustCriticality = false;

  private ServerSettings() {}

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

  /**
   * Calls let in at the same time, over all connections; one more is refused with
   * RESOURCE_EXHAUSTED, not started.
   */
  public int maxInFlight() {
    return maxInFlight;
  }

  /** These settings with another {@link #maxInFlight()}. */
  public ServerSettings withMaxInFlight(int value) {
    return changed(this, copy -> copy.maxInFlight = value);
  }

  /** What a call gets whose caller sent no timeout. */
  public Duration defaultTimeout() {
    return defaultTimeout;
  }

  /** These settings with another {@link #defaultTimeout()}. */
  public ServerSettings withDefaultTimeout(Duration value) {
    return changed(this, copy -> copy.defaultTimeout = value);
  }

  /**
   * How long calls are still taken after the deregistration, for callers that have not heard of it
   * yet.
   */
  public Duration drainNotice() {
    return drainNotice;
  }

  /** These settings with another {@link #drainNotice()}. */
  public ServerSettings withDrainNotice(Duration value) {
    return changed(this, copy -> copy.drainNotice = value);
  }

  /** How long calls may take to finish once no new ones are taken. */
  public Duration drainGrace() {
    return drainGrace;
  }

  /** These settings with another {@link #drainGrace()}. */
  public ServerSettings withDrainGrace(Duration value) {
    return changed(this, copy -> copy.drainGrace = value);
  }

  /**
   * Whether callers get to know the class and message of what a handler threw; else they get a
   * number, under which the server's log has it.
   */
  public boolean tellErrors() {
    return tellErrors;
  }

  /** These settings with or without telling callers what handlers have thrown. */
  public ServerSettings withTellErrors(boolean value) {
    return changed(this, copy -> copy.tellErrors = value);
  }

  /**
   * Whether {@code erpc.health.check} of the whole server is answered whoever calls, beside {@code
   * maxInFlight}, at most 1,000 times per second on a connection.
   */
  public boolean openHealth() {
    return openHealth;
  }

  /** These settings with or without answers to everybody about the whole server's health. */
  public ServerSettings withOpenHealth(boolean value) {
    return changed(this, copy -> copy.openHealth = value);
  }

  /** Limits and intervals of each connection. */
  public ConnectionSettings connection() {
    return connection;
  }

  /** These settings with another {@link #connection()}. */
  public ServerSettings withConnection(ConnectionSettings value) {
    return changed(this, copy -> copy.connection = value);
  }

  /** Certificate, key and what is asked of clients, or null to speak plain text. */
  public @Nullable TlsSettings tls() {
    return tls;
  }

  /** These settings with TLS; the server then speaks nothing else unless they say so. */
  public ServerSettings withTls(TlsSettings value) {
    return changed(this, copy -> copy.tls = value);
  }

  /** The longest a unary call may take whatever its caller asked for. */
  public Duration maxTimeout() {
    return maxTimeout;
  }

  /** These settings with another {@link #maxTimeout()}. */
  public ServerSettings withMaxTimeout(Duration value) {
    return changed(this, copy -> copy.maxTimeout = value);
  }

  /**
   * Connections open at the same time, over all addresses; a new one then closes the longest-open
   * one on which nothing was ever answered, else is closed itself.
   */
  public int maxConnections() {
    return maxConnections;
  }

  /** These settings with another {@link #maxConnections()}. */
  public ServerSettings withMaxConnections(int value) {
    return changed(this, copy -> copy.maxConnections = value);
  }

  /**
   * Whether calls are refused, the least critical first, while handlers wait for a processor: if
   * for 300 ms none has begun within 5 ms. {@link Server#protect} changes it while a server runs.
   */
  public Mode shedding() {
    return shedding;
  }

  /** These settings with another {@link #shedding()}. */
  public ServerSettings withShedding(Mode value) {
    return changed(this, copy -> copy.shedding = value);
  }

  /**
   * Whether calls of a method are limited in number, to 40 at the least, while they take more than
   * twice as long as in the long run. {@link Server#protect} changes it while a server runs.
   */
  public Mode concurrencyLimit() {
    return concurrencyLimit;
  }

  /** These settings with another {@link #concurrencyLimit()}. */
  public ServerSettings withConcurrencyLimit(Mode value) {
    return changed(this, copy -> copy.concurrencyLimit = value);
  }

  /**
   * Whether a call is as critical as it says even if it is not known who calls; else such a call
   * counts as {@link erpc.call.Criticality#DEFAULT} at most.
   */
  public boolean trustCriticality() {
    return trustCriticality;
  }

  /** These settings with or without trust in what strangers say of their calls. */
  public ServerSettings withTrustCriticality(boolean value) {
    return changed(this, copy -> copy.trustCriticality = value);
  }

  /** These settings with other times for shutting down. */
  public ServerSettings withDrain(Duration notice, Duration grace) {
    return withDrainNotice(notice).withDrainGrace(grace);
  }

  @Override
  protected void check() {
    Ranges.positive("maxInFlight", maxInFlight);
    Ranges.positive("defaultTimeout", defaultTimeout);
    Ranges.notNegative("drainNotice", drainNotice);
    Ranges.notNegative("drainGrace", drainGrace);
    Objects.requireNonNull(connection, "connection");
    Ranges.positive("maxTimeout", maxTimeout);
    Ranges.positive("maxConnections", maxConnections);
    Objects.requireNonNull(shedding, "shedding");
    Objects.requireNonNull(concurrencyLimit, "concurrencyLimit");
  }
}
