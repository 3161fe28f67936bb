package erpc.codec;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;

/** Records, plain objects, maps, lists and strings by Jackson 3. The only class that links it. */
final class JsonObjects implements JsonCodec.Texts {
  private final JsonMapper mapper;

  JsonObjects(int depthLimit) {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(depthLimit).build())
            .streamWriteConstraints(
                StreamWriteConstraints.builder().maxNestingDepth(depthLimit).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    this.mapper =
        JsonMapper.builder(factory)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            // Allows nothing: an annotation on a class must not let the text choose another one by
            // its name.
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
            .addModule(refusals())
            .build();
  }

  /** What reading would load by a name from the text, or ask the network for. */
  private static SimpleModule refusals() {
    return new SimpleModule("erpc")
        .addDeserializer(Class.class, new Refusal<>())
        .addDeserializer(JavaType.class, new Refusal<>())
        .addDeserializer(InetAddress.class, new Refusal<>())
        .addDeserializer(InetSocketAddress.class, new Refusal<>());
  }

  @Override
  public String write(Object message) {
    try {
      return mapper.writeValueAsString(message);
    } catch (JacksonException e) {
      throw new CodecException(
          "json: cannot write " + message.getClass().getName() + ": " + why(e), ownCause(e));
    }
  }

  @Override
  public <T> T read(Class<T> type, String text) {
    T value;
    try {
      value = mapper.readValue(text, type);
    } catch (JacksonException e) {
      throw new CodecException("json: not a " + type.getName() + position(e) + ": " + why(e));
    } catch (RuntimeException e) {
      throw new CodecException("json: not a " + type.getName() + ": " + e.getClass().getName());
    }
    if (value == null) {
      throw new CodecException("json: not a " + type.getName() + ": null is no message");
    }
    return value;
  }

  /** Jackson's own texts quote the value, so only those that cannot are repeated. */
  private static String why(JacksonException e) {
    return switch (e) {
      case StreamConstraintsException limit -> limit.getOriginalMessage();
      case InvalidDefinitionException definition -> definition.getOriginalMessage();
      case StreamReadException syntax -> "not well-formed JSON";
      case MismatchedInputException mismatch ->
          "a value does not fit "
              + (mismatch.getTargetType() == null
                  ? "its type"
                  : mismatch.getTargetType().getName());
      default -> (e.getCause() == null ? e : e.getCause()).getClass().getName();
    };
  }

  /** What the message's own code threw while it was asked for its values. */
  private static @Nullable Throwable ownCause(JacksonException e) {
    return e.getCause() instanceof JacksonException ? null : e.getCause();
  }

  private static String position(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getCharOffset() < 0
        ? ""
        : ", at character " + e.getLocation().getCharOffset();
  }

  /** Reads nothing. */
  private static final class Refusal<T> extends ValueDeserializer<T> {
    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      throw MismatchedInputException.from(parser, Object.class, "never read from a text");
    }
  }
}
