package erpc.call;

/**
 * The grammar of names that travel: checked where a name enters the process, by a user or from the
 * wire.
 */
public final class Names {
  /** The longest method name, in bytes; names are ASCII. */
  public static final int MAX_NAME_LENGTH = 255;

  private Names() {}

  /**
   * Returns the name if it is {@code service.method} over {@code [A-Za-z0-9._-]}, at most 255
   * characters.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static String checkMethod(String name) {
    checkCharacters("method name", name);
    int dot = name.lastIndexOf('.');
    if (dot <= 0 || dot == name.length() - 1) {
      throw new IllegalArgumentException(
          "method name '"
              + name
              + "' must be service.method, as in demo.hello (the last dot splits)");
    }
    return name;
  }

  /**
   * Returns the name if it is a service name over {@code [A-Za-z0-9._-]}, at most 255 characters.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static String checkService(String name) {
    return checkCharacters("service name", name);
  }

  /** True if the bytes' character may stand in a service or method name. */
  public static boolean isNameCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  /** True if the character may stand in a metadata key. */
  public static boolean isKeyCharacter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  }

  private static String checkCharacters(String what, String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          what
              + " must have 1 to "
              + MAX_NAME_LENGTH
              + " characters, this one has "
              + name.length());
    }
    for (int i = 0; i < name.length(); i++) {
      if (!isNameCharacter(name.charAt(i))) {
        throw new IllegalArgumentException(
            String.format(
                "%s '%s' has U+%04X at index %d; allowed are A-Z a-z 0-9 . _ -",
                what, Printable.of(name), (int) name.charAt(i), i));
      }
    }
    return name;
  }
}
