package erpc.codec;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * A strict look at a text before a lenient parser gets it: exactly one value by RFC 8259, no name
 * twice in an object, nested no deeper than a limit. It does not recurse, so no text can overflow
 * the stack. Not thread-safe.
 */
final class JsonText {
  /** Stands for an open array among the name sets of open objects; compared by identity. */
  private static final Set<String> ARRAY = Collections.unmodifiableSet(new HashSet<>());

  /** A backslash, a u and four digits. */
  private static final int ESCAPE_LENGTH = 6;

  private static final String LITERAL_START = "tfn";

  private final String text;
  private final int depthLimit;
  private final ArrayDeque<Set<String>> open = new ArrayDeque<>();
  private int at;

  /** True right after a bracket was opened, where no comma may stand. */
  private boolean fresh;

  JsonText(String text, int depthLimit) {
    this.text = text;
    this.depthLimit = depthLimit;
  }

  /**
   * Returns if the text passes.
   *
   * @throws CodecException saying what is wrong and at which character
   */
  void check() {
    value();
    while (!open.isEmpty()) {
      next();
    }
    skipSpace();
    if (at < text.length()) {
      throw wrong("something follows the value");
    }
  }

  /**
   * Refuses half a surrogate pair in a text that is otherwise left to its parser: only an escape
   * can bring one, parsers take it, and no encoding can write it back.
   *
   * @throws CodecException saying at which character
   */
  static void checkSurrogates(String text) {
    for (int i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', i)) {
      int c = escapedUnit(text, i);
      boolean paired =
          c >= Character.MIN_HIGH_SURROGATE
              && c <= Character.MAX_HIGH_SURROGATE
              && isLow(escapedUnit(text, i + ESCAPE_LENGTH));
      if (!paired && c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        throw new CodecException(
            "json: at character " + i + ": an escape is half a surrogate pair");
      }
      i += paired ? 2 * ESCAPE_LENGTH : c >= 0 ? ESCAPE_LENGTH : 2;
    }
  }

  private static boolean isLow(int c) {
    return c >= Character.MIN_LOW_SURROGATE && c <= Character.MAX_LOW_SURROGATE;
  }

  /** The UTF-16 unit that an escape stands for, or -1 if there is none by its number. */
  private static int escapedUnit(String text, int at) {
    if (at + ESCAPE_LENGTH > text.length() || !text.startsWith("\\u", at)) {
      return -1;
    }
    int c = 0;
    for (int i = at + 2; i < at + ESCAPE_LENGTH; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      c = c << 4 | digit;
    }
    return c;
  }

  /** Takes a scalar, or the opening of an object or array. */
  private void value() {
    skipSpace();
    char c = peek();
    if (c == '{' || c == '[') {
      open(c == '{' ? new HashSet<>(4) : ARRAY);
    } else if (c == '"') {
      string();
    } else if (LITERAL_START.indexOf(c) >= 0) {
      literal(c == 't' ? "true" : c == 'f' ? "false" : "null");
    } else {
      number();
    }
  }

  private void open(Set<String> names) {
    if (open.size() == depthLimit) {
      throw wrong("objects and arrays are nested deeper than " + depthLimit);
    }
    at++;
    open.push(names);
    fresh = true;
  }

  /** Inside the innermost object or array: its end, or one more member. */
  private void next() {
    skipSpace();
    Set<String> names = open.element();
    if (peek() == (names == ARRAY ? ']' : '}')) {
      at++;
      open.pop();
      fresh = false;
      return;
    }
    if (!fresh) {
      take(',');
      skipSpace();
    }
    fresh = false;
    if (names != ARRAY) {
      if (!names.add(string())) {
        throw wrong("an object has one name twice");
      }
      skipSpace();
      take(':');
    }
    value();
  }

  private String string() {
    take('"');
    int start = at;
    StringBuilder unescaped = null;
    for (char c = peek(); c != '"'; c = peek()) {
      if (c < 0x20) {
        throw wrong("a string has a bare control character");
      }
      at++;
      if (c == '\\') {
        unescaped =
            unescaped == null ? new StringBuilder(text.substring(start, at - 1)) : unescaped;
        c = escaped();
      }
      if (unescaped != null) {
        unescaped.append(c);
      }
    }
    at++;
    return unescaped == null ? text.substring(start, at - 1) : unescaped.toString();
  }

  private char escaped() {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong("a string has an unknown escape");
    };
  }

  private char unicode() {
    int c = 0;
    for (int i = 0; i < 4; i++) {
      int digit = peek() < 0x80 ? Character.digit(peek(), 16) : -1;
      if (digit < 0) {
        throw wrong("a string has an escape that is not four hexadecimal digits");
      }
      c = c << 4 | digit;
      at++;
    }
    return (char) c;
  }

  private void literal(String literal) {
    if (!text.startsWith(literal, at)) {
      throw wrong("no value starts here");
    }
    at += literal.length();
  }

  private void number() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    // A number past a double's range would be read as infinity, which JSON cannot say back.
    if (Double.isInfinite(Double.parseDouble(text.substring(start, at)))) {
      at = start;
      throw wrong("a number passes the range of a double");
    }
  }

  private void digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw wrong(at == text.length() ? "it ends too early" : "no value starts or goes on here");
    }
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    if (at == text.length()) {
      throw wrong("it ends too early");
    }
    return text.charAt(at);
  }

  private void take(char expected) {
    if (peek() != expected) {
      throw wrong("'" + expected + "' is missing");
    }
    at++;
  }

  private CodecException wrong(String why) {
    return new CodecException("json: at character " + at + ": " + why);
  }
}
