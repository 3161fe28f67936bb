package erpc.lines;

import erpc.call.Metadata;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A line as the words it is made of. Words are separated by one space; text is written as in an
 * address bar, {@code %} stands for an empty one, {@code -} for none, and bytes are base 64.
 *
 * <pre>
 * both    LINES 1                                        the first line
 *         PING text, PONG text
 *         SAY id encoding bytes                          a message
 *         TOOK id bytes                                  a stream's reader has taken so much
 *         BYE code last-id text                          no call after this one is taken
 * client  TOKEN text                                     who calls
 *         CALL id method millis|- oneway|- trace|- key=value…
 *         END id                                         no more messages
 *         STOP id code                                   nobody waits for it any more
 * server  HEAD id key=value…                             before the first message
 *         DONE id code NO|MAYBE|YES text key=value…
 * </pre>
 */
final class Words {
  static final String HELLO = "LINES 1";

  /** A stream's sender may have sent so much that its reader has not taken. */
  static final int WINDOW_BYTES = 64 << 10;

  /** The longest line that is no message. */
  static final int MOST_BYTES = 32 << 10;

  private static final String NONE = "-";
  private static final String EMPTY = "%";

  private final String[] words;

  private Words(String[] words) {
    this.words = words;
  }

  /** A line breaks the rules. */
  static final class Broken extends RuntimeException {
    Broken(String message) {
      super(message, null, false, false);
    }
  }

  /** What a message takes of the window. */
  static int cost(int messageBytes) {
    return messageBytes + Long.BYTES * Long.BYTES;
  }

  // ---- writing

  static byte[] line(Object... words) {
    StringBuilder line = new StringBuilder();
    for (Object word : words) {
      String text = word.toString();
      line.append(line.isEmpty() || text.isEmpty() ? "" : " ").append(text);
    }
    return line.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] message(int id, int encoding, byte[] bytes, int length) {
    byte[] exact = length == bytes.length ? bytes : java.util.Arrays.copyOf(bytes, length);
    String text = exact.length == 0 ? EMPTY : Base64.getEncoder().encodeToString(exact);
    return line("SAY", id, encoding, text);
  }

  static String text(@Nullable String text) {
    return text == null
        ? NONE
        : text.isEmpty() ? EMPTY : URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static String bytes(byte @Nullable [] bytes) {
    return bytes == null ? NONE : Base64.getEncoder().encodeToString(bytes);
  }

  /** Entries as words, with a space before each. */
  static String entries(Metadata metadata) {
    StringBuilder all = new StringBuilder();
    for (Metadata.Entry entry : metadata.entries()) {
      String value = Base64.getEncoder().encodeToString(entry.toBytes());
      all.append(all.isEmpty() ? "" : " ").append(entry.key()).append('=').append(value);
    }
    return all.toString();
  }

  // ---- reading

  static Words of(String line) {
    return new Words(line.split(" ", -1));
  }

  String kind() {
    return words[0];
  }

  private String word(int index) {
    if (index >= words.length) {
      throw new Broken("a line ends before its word " + index);
    }
    return words[index];
  }

  int number(int index) {
    try {
      return Integer.parseInt(word(index));
    } catch (NumberFormatException e) {
      throw new Broken("word " + index + " of a line is no number");
    }
  }

  boolean isNone(int index) {
    return word(index).equals(NONE);
  }

  String text(int index) {
    try {
      String word = word(index);
      return word.equals(EMPTY) ? "" : URLDecoder.decode(word, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Broken("word " + index + " of a line is no text");
    }
  }

  byte[] bytes(int index) {
    String word = word(index);
    if (word.equals(EMPTY)) {
      return new byte[0];
    }
    try {
      return Base64.getDecoder().decode(word);
    } catch (IllegalArgumentException e) {
      throw new Broken("word " + index + " of a line is not base 64");
    }
  }

  /**
   * The entries from this word on.
   *
   * @throws IllegalArgumentException if they break the rules of metadata
   */
  Metadata entries(int from) {
    Metadata.Builder all = Metadata.builder();
    for (int i = from; i < words.length; i++) {
      int sign = words[i].indexOf('=');
      if (sign < 0) {
        throw new Broken("word " + i + " of a line is no key with a value");
      }
      all.addRaw(
          words[i].substring(0, sign), Base64.getDecoder().decode(words[i].substring(sign + 1)));
    }
    return all.build();
  }
}
