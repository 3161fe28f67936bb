package erpc.client;

import erpc.balance.Balancer;
import erpc.protocol.ConnectionSettings;
import erpc.settings.Configurable;
import erpc.settings.Ranges;
import erpc.settings.Settings;
import erpc.transport.PoolSettings;
import erpc.transport.TlsSettings;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What may be set of a client. Immutable. */
public final class ClientSettings extends Configurable {
  /** As often as a call may be tried; in a byte of each call. */
  static final int MOST_ATTEMPTS = 100;

  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final ClientSettings DEFAULTS = new ClientSettings();

  private Duration timeout = Duration.ofSeconds(1);
  private int maxAttempts = 3;
  // Long enough for a SYN that was dropped by a full backlog to be sent again three times.
  private Duration connectTimeout = Duration.ofSeconds(10);
  private int maxWaiting = 100_000;
  private int maxDestinations = 10_000;
  private String balancer = "p2c";
  private @Nullable String compression;
  private ConnectionSettings connection = ConnectionSettings.DEFAULTS;
  private PoolSettings pool = PoolSettings.DEFAULTS;
  private @Nullable TlsSettings tls;
  private CenterAccess center = CenterAccess.DEFAULTS;
  private ProtectionSettings protection = ProtectionSettings.DEFAULTS;

  private ClientSettings() {}

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

  /** What a call gets that doesn't say. */
  public Duration timeout() {
    return timeout;
  }

  /** These settings with another {@link #timeout()}. */
  public ClientSettings withTimeout(Duration value) {
    return changed(this, copy -> copy.timeout = value);
  }

  /** How often a call is tried at most, the first try included; 1 to 100. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** These settings with another {@link #maxAttempts()}. */
  public ClientSettings withMaxAttempts(int value) {
    return changed(this, copy -> copy.maxAttempts = value);
  }

  /** How long connecting to an endpoint may take. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /** These settings with another {@link #connectTimeout()}. */
  public ClientSettings withConnectTimeout(Duration value) {
    return changed(this, copy -> copy.connectTimeout = value);
  }

  /** Calls that may wait for a name to be resolved; one more fails with RESOURCE_EXHAUSTED. */
  public int maxWaiting() {
    return maxWaiting;
  }

  /** These settings with another {@link #maxWaiting()}. */
  public ClientSettings withMaxWaiting(int value) {
    return changed(this, copy -> copy.maxWaiting = value);
  }

  /** Different places one client may call at a time; those that nobody calls make room. */
  public int maxDestinations() {
    return maxDestinations;
  }

  /** These settings with another {@link #maxDestinations()}. */
  public ClientSettings withMaxDestinations(int value) {
    return changed(this, copy -> copy.maxDestinations = value);
  }

  /**
   * How calls are spread over endpoints: {@code round_robin}, {@code random}, {@code
   * least_request}, {@code p2c}, {@code locality_aware}, {@code ring_hash} or {@code maglev}.
   */
  public String balancer() {
    return balancer;
  }

  /** These settings with another {@link #balancer()}. */
  public ClientSettings withBalancer(String value) {
    return changed(this, copy -> copy.balancer = value);
  }

  /** What requests are compressed with unless they say, or null for nothing. */
  public @Nullable String compression() {
    return compression;
  }

  /** These settings with another {@link #compression()}. */
  public ClientSettings withCompression(@Nullable String value) {
    return changed(this, copy -> copy.compression = value);
  }

  /** Limits and intervals of each connection. */
  public ConnectionSettings connection() {
    return connection;
  }

  /** These settings with another {@link #connection()}. */
  public ClientSettings withConnection(ConnectionSettings value) {
    return changed(this, copy -> copy.connection = value);
  }

  /** How calls to one endpoint share connections. */
  public PoolSettings pool() {
    return pool;
  }

  /** These settings with another {@link #pool()}. */
  public ClientSettings withPool(PoolSettings value) {
    return changed(this, copy -> copy.pool = value);
  }

  /** Files and names for TLS, or null to speak plain text. */
  public @Nullable TlsSettings tls() {
    return tls;
  }

  /** These settings with TLS; the client then speaks nothing else. */
  public ClientSettings withTls(TlsSettings value) {
    return changed(this, copy -> copy.tls = value);
  }

  /** How the center is reached. */
  public CenterAccess center() {
    return center;
  }

  /** These settings with another {@link #center()}. */
  public ClientSettings withCenter(CenterAccess value) {
    return changed(this, copy -> copy.center = value);
  }

  /** What protects calls from endpoints that fail. */
  public ProtectionSettings protection() {
    return protection;
  }

  /** These settings with another {@link #protection()}. */
  public ClientSettings withProtection(ProtectionSettings value) {
    return changed(this, copy -> copy.protection = value);
  }

  @Override
  protected void check() {
    Ranges.positive("timeout", timeout);
    Ranges.within("maxAttempts", maxAttempts, MOST_ATTEMPTS);
    Ranges.positive("connectTimeout", connectTimeout);
    Ranges.positive("maxWaiting", maxWaiting);
    Ranges.positive("maxDestinations", maxDestinations);
    Balancer unused = Balancer.named(balancer); // Throws for one that is not known.
    Objects.requireNonNull(connection, "connection");
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(center, "center");
    Objects.requireNonNull(protection, "protection");
  }
}
