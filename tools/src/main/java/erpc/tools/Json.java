package erpc.tools;

import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON texts: whether one is well-formed, and how it is shown. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final PrettyPrinter PRINTER =
      new DefaultPrettyPrinter(
          Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER));

  /** Controls beyond those that JSON escapes anyway, and what turns the direction of writing. */
  private static final Pattern UNSAFE =
      Pattern.compile("[\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]");

  private Json() {}

  /**
   * Makes sure that this is one JSON value.
   *
   * @throws IllegalArgumentException saying what is wrong and where
   */
  static void check(String text) {
    JsonNode value;
    try {
      value = MAPPER.readTree(text);
    } catch (JacksonException e) {
      // It describes its own source there, which is the argument of the command.
      String why = e.getOriginalMessage().replaceFirst(" \\(start marker at .*", "");
      throw new IllegalArgumentException(why + place(e.getLocation()), e);
    }
    if (value.isMissingNode()) {
      throw new IllegalArgumentException("there is nothing; an empty message is {}");
    }
  }

  private static String place(TokenStreamLocation at) {
    return at == null || at.getLineNr() < 1
        ? ""
        : ", at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /**
   * The text with a line for each field, and with nothing in it that a terminal would obey.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static String pretty(String text) {
    check(text);
    return safe(MAPPER.writer().with(PRINTER).writeValueAsString(MAPPER.readTree(text)));
  }

  /**
   * The text in one line, and with nothing in it that a terminal would obey.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static String line(String text) {
    check(text);
    return safe(MAPPER.writeValueAsString(MAPPER.readTree(text)));
  }

  private static String safe(String json) {
    return UNSAFE
        .matcher(json)
        .replaceAll(found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
  }
}
