package erpc.settings;

import java.util.List;

/** Settings that cannot be used; the message names each of them and says what would be right. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SettingsException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }
}
