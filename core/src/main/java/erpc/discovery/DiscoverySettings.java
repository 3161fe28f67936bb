package erpc.discovery;

import erpc.settings.Settings;
import org.jspecify.annotations.Nullable;

/**
 * How the members of a system find one another. Immutable.
 *
 * @param center where the center is, {@code host:port}, several separated by commas
 * @param advertise the host that servers tell the center, or null to let the center see it
 */
public record DiscoverySettings(String center, @Nullable String advertise) {
  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final DiscoverySettings DEFAULTS = new DiscoverySettings("127.0.0.1:8081", null);

  /**
   * The defaults with what this process was told in their places: {@code -Derpc.center=…}, {@code
   * ERPC_CENTER=…}, or the file {@code erpc.properties}.
   *
   * @throws erpc.settings.SettingsException naming all that cannot be used
   */
  public static DiscoverySettings ofProcess() {
    Settings process = Settings.ofProcess();
    DiscoverySettings settings = process.read("", DEFAULTS);
    process.check();
    return settings;
  }
}
