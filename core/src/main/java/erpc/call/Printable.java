package erpc.call;

/**
 * Text from strangers made safe to print: control characters escaped, length bounded. What a
 * control character is, is decided here, for texts that are printed and for metadata alike.
 */
public final class Printable {
  /** What is kept of a longer text, in characters. */
  public static final int MAX_LENGTH = 1024;

  private Printable() {}

  /**
   * The text with its {@linkplain #isControl control characters} escaped, cut at 1,024 characters.
   */
  public static String of(String text) {
    int end = Math.min(text.length(), MAX_LENGTH);
    int i = 0;
    while (i < end && isPlain(text.charAt(i))) {
      i++;
    }
    if (i == text.length()) {
      return text;
    }
    StringBuilder out = new StringBuilder(end + 16).append(text, 0, i);
    for (; i < end; i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return text.length() > end ? out.append('…').toString() : out.toString();
  }

  private static boolean isPlain(char c) {
    return (c >= 0x20 && c < 0x7f) || !isControl(c);
  }

  /**
   * Whether the character is one that text must not have: U+0000 to U+001F, U+007F to U+009F, the
   * line and paragraph separators U+2028 and U+2029, the bidirectional embeddings, overrides and
   * isolates U+202A to U+202E and U+2066 to U+2069, by which a line can read as something else than
   * it says, and U+FEFF, which nobody sees.
   */
  static boolean isControl(char c) {
    return c < 0x20
        || (c >= 0x7f && c <= 0x9f)
        || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0xfeff;
  }
}
