package erpc.center;

import erpc.settings.Configurable;
import erpc.settings.Ranges;
import erpc.settings.Settings;
import erpc.settings.SettingsProvider;
import erpc.transport.TlsSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a center may be told, and its limits: everything a stranger can make it hold is bounded by
 * one of them. Immutable.
 */
public final class CenterSettings extends Configurable {
  /** What is left of a batch after its fence and the marks of its services. */
  private static final int MOST_INSTANCES_PER_LEASE = 1000;

  /**
   * 15 s TTL, 10 s of silence, 100,000 watchers, 1,000,000 instances of 100,000 services, 1,000 a
   * lease, 1,000 methods; a third of the heap for instances, 16 MiB of it for one owner's, a
   * quarter for watches.
   */
  public static final CenterSettings DEFAULT = new CenterSettings();

  private Duration ttl = Duration.ofSeconds(15);
  private Duration progress = Duration.ofSeconds(10);
  private int maxWatchers = 100_000;
  private int maxInstances = 1_000_000;
  private int maxServices = 100_000;
  private int maxInstancesPerLease = 1000;
  private int maxMethodsPerInstance = 1000;
  private long maxBytes = 0;
  private int maxLeaseBytes = 16 << 20;
  private long maxWatchBytes = 0;
  private @Nullable TlsSettings tls;

  private CenterSettings() {}

  /**
   * The defaults with what this process was told in their places: {@code -Derpc.center.ttl=30s},
   * {@code ERPC_CENTER_TTL=30s}, or the file {@code erpc.properties}.
   *
   * @throws erpc.settings.SettingsException naming all that cannot be used
   */
  public static CenterSettings ofProcess() {
    Settings process = Settings.ofProcess();
    CenterSettings settings = process.read("center", DEFAULT);
    process.check();
    return settings;
  }

  /** How long a lease lives without a heartbeat. */
  public Duration ttl() {
    return ttl;
  }

  /** These settings with another {@link #ttl()}. */
  public CenterSettings withTtl(Duration value) {
    return changed(this, copy -> copy.ttl = value);
  }

  /**
   * How long a watch may be silent: then it says that it is up to date, before either side takes it
   * for dead.
   */
  public Duration progress() {
    return progress;
  }

  /** These settings with another {@link #progress()}. */
  public CenterSettings withProgress(Duration value) {
    return changed(this, copy -> copy.progress = value);
  }

  /** How many watches may be open at once. */
  public int maxWatchers() {
    return maxWatchers;
  }

  /** These settings with another {@link #maxWatchers()}. */
  public CenterSettings withMaxWatchers(int value) {
    return changed(this, copy -> copy.maxWatchers = value);
  }

  /** How many instances may be registered together. */
  public int maxInstances() {
    return maxInstances;
  }

  /** These settings with another {@link #maxInstances()}. */
  public CenterSettings withMaxInstances(int value) {
    return changed(this, copy -> copy.maxInstances = value);
  }

  /**
   * How many services may be known, the empty ones included; those emptied longest ago are
   * forgotten first.
   */
  public int maxServices() {
    return maxServices;
  }

  /** These settings with another {@link #maxServices()}. */
  public CenterSettings withMaxServices(int value) {
    return changed(this, copy -> copy.maxServices = value);
  }

  /** How many instances one owner may register, at most 1,000. */
  public int maxInstancesPerLease() {
    return maxInstancesPerLease;
  }

  /** These settings with another {@link #maxInstancesPerLease()}. */
  public CenterSettings withMaxInstancesPerLease(int value) {
    return changed(this, copy -> copy.maxInstancesPerLease = value);
  }

  /** How many methods an instance may have. */
  public int maxMethodsPerInstance() {
    return maxMethodsPerInstance;
  }

  /** These settings with another {@link #maxMethodsPerInstance()}. */
  public CenterSettings withMaxMethodsPerInstance(int value) {
    return changed(this, copy -> copy.maxMethodsPerInstance = value);
  }

  /**
   * What all instances together may take, each counted as 512 bytes and four times what it takes on
   * the wire, about what it takes of the heap; those registered from one host may take as much as
   * is still free. 0 for a third of the heap.
   */
  public long maxBytes() {
    return maxBytes;
  }

  /** These settings with another {@link #maxBytes()}. */
  public CenterSettings withMaxBytes(long value) {
    return changed(this, copy -> copy.maxBytes = value);
  }

  /** What the instances of one owner may take, counted the same way. */
  public int maxLeaseBytes() {
    return maxLeaseBytes;
  }

  /** These settings with another {@link #maxLeaseBytes()}. */
  public CenterSettings withMaxLeaseBytes(int value) {
    return changed(this, copy -> copy.maxLeaseBytes = value);
  }

  /**
   * What open watches may take, 8 KiB each, and as much again what is just being sent to them;
   * those of one connection may take as much as is still free. 0 for a quarter of the heap.
   */
  public long maxWatchBytes() {
    return maxWatchBytes;
  }

  /** These settings with another {@link #maxWatchBytes()}. */
  public CenterSettings withMaxWatchBytes(long value) {
    return changed(this, copy -> copy.maxWatchBytes = value);
  }

  /**
   * Certificate, key and what is asked of clients, or null for what holds for the servers of the
   * process ({@code erpc.server.tls}).
   */
  public @Nullable TlsSettings tls() {
    return tls;
  }

  /** These settings with another {@link #tls()}. */
  public CenterSettings withTls(@Nullable TlsSettings value) {
    return changed(this, copy -> copy.tls = value);
  }

  @Override
  protected void check() {
    if (ttl.toMillis() < 1 || ttl.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("ttl must be 1 ms to 24 days, not " + ttl);
    }
    Ranges.positive("progress", progress);
    Ranges.positive("maxWatchers", maxWatchers);
    Ranges.positive("maxInstances", maxInstances);
    Ranges.positive("maxServices", maxServices);
    Ranges.positive("maxMethodsPerInstance", maxMethodsPerInstance);
    Ranges.positive("maxLeaseBytes", maxLeaseBytes);
    if (maxBytes < 0 || maxWatchBytes < 0) {
      throw new IllegalArgumentException(
          "maxBytes and maxWatchBytes must not be negative: " + maxBytes + ", " + maxWatchBytes);
    }
    if (maxInstancesPerLease < 1 || maxInstancesPerLease > MOST_INSTANCES_PER_LEASE) {
      throw new IllegalArgumentException(
          "maxInstancesPerLease must be 1 to 1,000, not " + maxInstancesPerLease);
    }
  }

  /** What all instances together may take, in bytes. */
  long instanceBytes() {
    return maxBytes > 0 ? maxBytes : Runtime.getRuntime().maxMemory() / 3;
  }

  /** What open watches may take, in bytes. */
  long watchBytes() {
    return maxWatchBytes > 0 ? maxWatchBytes : Runtime.getRuntime().maxMemory() / 4;
  }

  /** These settings, for {@link java.util.ServiceLoader}: whoever reads others checks them too. */
  public static final class Known implements SettingsProvider {
    /** For {@link java.util.ServiceLoader}. */
    public Known() {}

    @Override
    public List<Entry> all() {
      return List.of(new Entry("center", DEFAULT));
    }
  }
}
