package erpc.center;

import erpc.settings.Ranges;
import erpc.settings.Settings;
import erpc.settings.SettingsRecords;
import java.time.Duration;
import java.util.List;

/**
 * What a center may be told, and its limits: everything a stranger can make it hold is bounded by
 * one of them.
 *
 * @param ttl how long a lease lives without a heartbeat
 * @param progress how long a watch may be silent: then it says that it is up to date, before either
 *     side takes it for dead
 * @param maxWatchers how many watches may be open at once
 * @param maxInstances how many instances may be registered together
 * @param maxServices how many services may be known, the empty ones included; those emptied longest
 *     ago are forgotten first
 * @param maxInstancesPerLease how many instances one owner may register, at most 1,000
 * @param maxMethodsPerInstance how many methods an instance may have
 * @param maxBytes what all instances together may take, each counted as 512 bytes and four times
 *     what it takes on the wire, about what it takes of the heap; those registered from one host
 *     may take as much as is still free. 0 for a third of the heap
 * @param maxLeaseBytes what the instances of one owner may take, counted the same way
 * @param maxWatchBytes what open watches may take, 8 KiB each, and as much again what is just being
 *     sent to them; those of one connection may take as much as is still free. 0 for a quarter of
 *     the heap
 */
public record CenterSettings(
    Duration ttl,
    Duration progress,
    int maxWatchers,
    int maxInstances,
    int maxServices,
    int maxInstancesPerLease,
    int maxMethodsPerInstance,
    long maxBytes,
    int maxLeaseBytes,
    long maxWatchBytes) {
  private static final int LEASE_BYTES = 16 << 20;

  /**
   * 15 s TTL, 10 s of silence, 100,000 watchers, 1,000,000 instances of 100,000 services, 1,000 a
   * lease, 1,000 methods; a third of the heap for instances, 16 MiB of it for one owner's, a
   * quarter for watches.
   */
  public static final CenterSettings DEFAULT =
      new CenterSettings(
          Duration.ofSeconds(15), Duration.ofSeconds(10), 100_000, 1_000_000, 100_000, 1000, 1000);

  /** Settings with the default limits of bytes. */
  public CenterSettings(
      Duration ttl,
      Duration progress,
      int maxWatchers,
      int maxInstances,
      int maxServices,
      int maxInstancesPerLease,
      int maxMethodsPerInstance) {
    this(
        ttl,
        progress,
        maxWatchers,
        maxInstances,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        0,
        LEASE_BYTES,
        0);
  }

  /** What is left of a batch after its fence and the marks of its services. */
  private static final int MOST_INSTANCES_PER_LEASE = 1000;

  /** Checks the settings. */
  public CenterSettings {
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

  /** These settings with another TTL. */
  public CenterSettings withTtl(Duration value) {
    return new CenterSettings(
        value,
        progress,
        maxWatchers,
        maxInstances,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        maxBytes,
        maxLeaseBytes,
        maxWatchBytes);
  }

  /** These settings with watches that are silent for no longer than this. */
  public CenterSettings withProgress(Duration value) {
    return new CenterSettings(
        ttl,
        value,
        maxWatchers,
        maxInstances,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        maxBytes,
        maxLeaseBytes,
        maxWatchBytes);
  }

  /** These settings with another bound of open watches. */
  public CenterSettings withMaxWatchers(int value) {
    return new CenterSettings(
        ttl,
        progress,
        value,
        maxInstances,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        maxBytes,
        maxLeaseBytes,
        maxWatchBytes);
  }

  /** These settings with another bound of instances. */
  public CenterSettings withMaxInstances(int value) {
    return new CenterSettings(
        ttl,
        progress,
        maxWatchers,
        value,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        maxBytes,
        maxLeaseBytes,
        maxWatchBytes);
  }

  /** These settings with another bound of services. */
  public CenterSettings withMaxServices(int value) {
    return new CenterSettings(
        ttl,
        progress,
        maxWatchers,
        maxInstances,
        value,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        maxBytes,
        maxLeaseBytes,
        maxWatchBytes);
  }

  /** This record, for {@link java.util.ServiceLoader}: whoever reads others checks it as well. */
  public static final class Known implements SettingsRecords {
    /** For {@link java.util.ServiceLoader}. */
    public Known() {}

    @Override
    public List<Entry> all() {
      return List.of(new Entry("center", DEFAULT));
    }
  }

  /** These settings with other bounds of bytes: of all instances, and of one owner's. */
  public CenterSettings withMaxBytes(long all, int ofLease) {
    return new CenterSettings(
        ttl,
        progress,
        maxWatchers,
        maxInstances,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        all,
        ofLease,
        maxWatchBytes);
  }

  /** These settings with another bound of what watches may take. */
  public CenterSettings withMaxWatchBytes(long value) {
    return new CenterSettings(
        ttl,
        progress,
        maxWatchers,
        maxInstances,
        maxServices,
        maxInstancesPerLease,
        maxMethodsPerInstance,
        maxBytes,
        maxLeaseBytes,
        value);
  }

  /** What all instances together may take, in bytes. */
  long instanceBytes() {
    return maxBytes > 0 ? maxBytes : Runtime.getRuntime().maxMemory() / 3;
  }

  /** What open watches may take, in bytes. */
  long watchBytes() {
    return maxWatchBytes > 0 ? maxWatchBytes : Runtime.getRuntime().maxMemory() / 4;
  }
}
