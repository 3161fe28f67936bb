package erpc.settings;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings of all artifacts that are beside this one: part of the program, so found once. */
final class KnownSettings {
  /** As many broken entries as are passed over; there are two artifacts with settings. */
  private static final int MAX_BROKEN = 100;

  private static final Logger LOG = LoggerFactory.getLogger(KnownSettings.class);

  /** Found once; what it is found with stands before it. */
  static final List<SettingsProvider.Entry> ALL = find(KnownSettings.class.getClassLoader());

  private KnownSettings() {}

  /** Those that this class loader sees. */
  static List<SettingsProvider.Entry> find(ClassLoader from) {
    List<SettingsProvider.Entry> all = new ArrayList<>();
    Iterator<SettingsProvider> providers =
        ServiceLoader.load(SettingsProvider.class, from).iterator();
    for (int broken = 0; broken < MAX_BROKEN; ) {
      try {
        if (!providers.hasNext()) {
          break;
        }
        all.addAll(providers.next().all());
      } catch (ServiceConfigurationError e) {
        // A jar of jars may name what was left out of it. Whoever reads such settings checks them.
        broken++;
        LOG.debug("settings are checked without some that are named and not there", e);
      }
    }
    return List.copyOf(all);
  }
}
