package erpc.tools;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
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
      throw new IllegalArgumentException(e.getOriginalMessage() + place(e.getLocation()), e);
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
   * The text with a line for each field. Read and written anew, it holds no control characters.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static String pretty(String text) {
    check(text);
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(MAPPER.readTree(text));
  }
}
