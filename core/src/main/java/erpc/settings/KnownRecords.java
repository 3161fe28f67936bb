package erpc.settings;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records of all artifacts that are beside this one: part of the program, so found once. */
final class KnownRecords {
  static final List<SettingsRecords.Entry> ALL = find(KnownRecords.class.getClassLoader());

  /** As many broken entries as are passed over; there are two artifacts with records. */
  private static final int MAX_BROKEN = 100;

  private KnownRecords() {}

  /** Those that this class loader sees. */
  static List<SettingsRecords.Entry> find(ClassLoader from) {
    Logger log = LoggerFactory.getLogger("erpc.settings");
    List<SettingsRecords.Entry> all = new ArrayList<>();
    Iterator<SettingsRecords> providers =
        ServiceLoader.load(SettingsRecords.class, from).iterator();
    for (int broken = 0; broken < MAX_BROKEN; ) {
      try {
        if (!providers.hasNext()) {
          break;
        }
        all.addAll(providers.next().all());
      } catch (ServiceConfigurationError e) {
        // A jar of jars may name what was left out of it. Whoever reads such a record checks it.
        broken++;
        log.debug("settings are checked without a record that is named and not there", e);
      }
    }
    return List.copyOf(all);
  }
}
