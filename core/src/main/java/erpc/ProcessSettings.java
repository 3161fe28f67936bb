package erpc;

import erpc.client.ClientSettings;
import erpc.discovery.DiscoverySettings;
import erpc.server.ServerSettings;
import erpc.settings.SettingsProvider;
import erpc.transport.ReactorSettings;
import java.util.List;

/** The settings of this artifact, for {@link java.util.ServiceLoader}. */
public final class ProcessSettings implements SettingsProvider {
  /** For {@link java.util.ServiceLoader}. */
  public ProcessSettings() {}

  @Override
  public List<Entry> all() {
    return List.of(
        new Entry("", DiscoverySettings.DEFAULTS),
        new Entry("", ReactorSettings.DEFAULTS),
        new Entry("client", ClientSettings.DEFAULTS),
        new Entry("server", ServerSettings.DEFAULTS));
  }
}
