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
   * Returns the name if it is {@code service.method}: two or more words of {@code [A-Za-z0-9_-]}
   * with a dot between each two, at most 255 characters. The last dot splits service and method.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static String checkMethod(String name) {
    checkWords("method name", name);
    if (name.indexOf('.') < 0) {
      throw new IllegalArgumentException(
          "method name '"
              + name
              + "' must be service.method, as in demo.hello (the last dot splits)");
    }
    return name;
  }

  /**
   * Returns the name if it is a service's: words of {@code [A-Za-z0-9_-]} with a dot between each
   * two, at most 255 characters.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static String checkService(String name) {
    return checkWords("service name", name);
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

  private static String checkWords(String what, String name) {
    checkCharacters(what, name);
    if (name.startsWith(".") || name.endsWith(".") || name.contains("..")) {
      throw new IllegalArgumentException(
          what
              + " '"
              + name
              + "' has a dot without a word on each side; write it as in demo.hello");
    }
    return name;
  }

  private static void checkCharacters(String what, String name) {
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
  }
}
