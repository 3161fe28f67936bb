package erpc.settings;

import java.util.List;

/**
 * The settings that an artifact reads, provided to {@link java.util.ServiceLoader}: so whoever
 * reads the first of them can tell the mistakes in all.
 */
public interface SettingsProvider {
  /** These settings; always the same ones. */
  List<Entry> all();

  /**
   * Settings of one class.
   *
   * @param section as in {@link Settings#read}
   * @param defaults what holds where nothing is said
   */
  record Entry(String section, Configurable defaults) {}
}
