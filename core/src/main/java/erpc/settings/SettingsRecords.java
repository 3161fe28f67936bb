package erpc.settings;

import java.util.List;

/**
 * The records that an artifact reads settings into, provided to {@link java.util.ServiceLoader}: so
 * whoever reads the first of them can tell the mistakes in all.
 */
public interface SettingsRecords {
  /** These records; always the same ones. */
  List<Entry> all();

  /**
   * One record.
   *
   * @param section as in {@link Settings#read}
   * @param defaults what holds where nothing is said
   */
  record Entry(String section, Record defaults) {}
}
