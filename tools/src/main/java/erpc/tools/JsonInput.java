package erpc.tools;

import erpc.call.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Requests as JSON: the arguments, files that they name, or what comes in on standard input. */
final class JsonInput {
  /** Begins an argument that names a file; no JSON begins like this. */
  private static final String FILE = "@";

  /** The most that is read for one message, in bytes; a server takes less. */
  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

  private final InputStream in;

  JsonInput(InputStream in) {
    this.in = in;
  }

  /**
   * All of it, as one message, or null if there is nothing.
   *
   * @throws IllegalArgumentException if it is no JSON, or too large
   */
  @Nullable String whole() throws IOException {
    String text = whole("stdin", in);
    return text.isBlank() ? null : checked(text);
  }

  private static String whole(String what, InputStream from) throws IOException {
    byte[] bytes = from.readNBytes(MAX_BODY_BYTES + 1);
    if (bytes.length > MAX_BODY_BYTES) {
      throw tooLarge(what);
    }
    return text(what, bytes);
  }

  /** Without the mark of the encoding that some programs put before what they write. */
  private static String text(String what, byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(what + " is not UTF-8, which JSON is written in", e);
    }
  }

  /**
   * What an argument says: itself, or what is in the file that it names.
   *
   * @throws IllegalArgumentException if it is no JSON, or too large, or the file cannot be read
   */
  static String argument(String argument) {
    if (!argument.startsWith(FILE)) {
      return checked(argument);
    }
    String name = argument.substring(FILE.length());
    if (name.isEmpty()) {
      throw new IllegalArgumentException("@ names no file; write @FILE, or - for stdin");
    }
    String what = "file " + Printable.of(name);
    try (InputStream file = Files.newInputStream(Path.of(name))) {
      return checked(whole(what, file));
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new IllegalArgumentException("there is no " + what, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(what + " cannot be read: " + e.getMessage(), e);
    }
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
      String text = text("a line of stdin", line.toByteArray());
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
