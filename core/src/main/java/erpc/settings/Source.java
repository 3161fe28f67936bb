package erpc.settings;

import java.util.Map;

/**
 * One place that settings come from.
 *
 * @param values what it sets, by its own spelling of a key, in order
 */
record Source(Kind kind, Map<String, Value> values) {
  enum Kind {
    /** {@code -Derpc.client.timeout=1s}. */
    PROPERTIES,
    /** {@code ERPC_CLIENT_TIMEOUT=1s}. */
    ENVIRONMENT,
    /** {@code erpc.client.timeout=1s} in a file. */
    FILE
  }

  /**
   * What one key is set to.
   *
   * @param origin where, for those who look for it: {@code in erpc.properties line 3}
   */
  record Value(String text, String origin) {}

  /** How this source spells a key: {@code erpc.client.maxWaiting} is ERPC_CLIENT_MAX_WAITING. */
  String spelled(String key) {
    return kind == Kind.ENVIRONMENT ? environmentName(key) : key;
  }

  /** How a key is meant that is spelled like this here; only for showing it. */
  static String environmentName(String key) {
    StringBuilder name = new StringBuilder(key.length() + 8);
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c == '.') {
        name.append('_');
      } else if (Character.isUpperCase(c)) {
        name.append('_').append(c);
      } else {
        name.append(Character.toUpperCase(c));
      }
    }
    return name.toString();
  }
}
