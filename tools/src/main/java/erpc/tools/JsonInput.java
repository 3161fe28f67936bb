package erpc.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Requests as JSON: the arguments, or what comes in on standard input. */
final class JsonInput {
  /** The most that is read for one message, in bytes; a server takes less. */
  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

  private final InputStream in;

  JsonInput(InputStream in) {
    this.in = in;
  }

  /**
   * All of it, as one message.
   *
   * @throws IllegalArgumentException if it is no JSON, or too large
   */
  String whole() throws IOException {
    byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
    if (bytes.length > MAX_BODY_BYTES) {
      throw tooLarge("stdin");
    }
    return checked(new String(bytes, StandardCharsets.UTF_8));
  }

  /**
   * The next line that is not blank, or null at the end.
   *
   * @throws IllegalArgumentException if it is no JSON, or too large
   */
  @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int next = in.read();
      if (next >= 0 && next != '\n') {
        if (line.size() == MAX_BODY_BYTES) {
          throw tooLarge("a line of stdin");
        }
        line.write(next);
        continue;
      }
      String text = line.toString(StandardCharsets.UTF_8);
      if (!text.isBlank()) {
        return checked(text);
      }
      if (next < 0) {
        return null;
      }
      line.reset();
    }
  }

  /**
   * This text.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static String checked(String text) {
    try {
      Json.check(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the body is no JSON: " + e.getMessage(), e);
    }
    return text;
  }

  private static IllegalArgumentException tooLarge(String what) {
    return new IllegalArgumentException(what + " has more than " + MAX_BODY_BYTES + " bytes");
  }
}
