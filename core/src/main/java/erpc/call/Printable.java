package erpc.call;

/**
 * Text from strangers made safe to print: control characters and line separators escaped, length
 * bounded.
 */
public final class Printable {
  /** What is kept of a longer text, in characters. */
  public static final int MAX_LENGTH = 1024;

  private Printable() {}

  /**
   * The text with CR, LF, ESC and other control or line-separating characters escaped, cut at 1,024
   * characters.
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
    return c >= 0x20
        && !(c >= 0x7f && c <= 0x9f)
        && c != 0x2028
        && c != 0x2029
        && !isDirectionOverride(c);
  }

  /** Bidirectional overrides can make a log line read as something else than it says. */
  private static boolean isDirectionOverride(char c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  }
}
