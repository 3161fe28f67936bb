package erpc.codec;

import erpc.call.BodyType;
import erpc.call.Printable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * Records, plain objects, maps, lists and strings by Jackson 3. Only this class and those named
 * {@code Json…} and {@code StrictNumbers} that it uses link it.
 */
final class JsonObjects implements JsonCodec.Texts {
  /** How much of an unknown constant an error shows. */
  private static final int SHOWN_CONSTANT = 64;

  private static final String LEAD = ", at ";

  private final JsonMapper mapper;
  private final JsonTypes types;

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
        strict(JsonMapper.builder(factory))
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
            .disable(
                DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
                DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID)
            // Allows nothing: an annotation on a class must not let the text choose another one by
            // its name.
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
            .addModule(module())
            .addModule(JsonEnums.module())
            .addModule(JsonSubclasses.module())
            .build();
    this.types = new JsonTypes(mapper);
  }

  /** Nothing is made of a value of another kind: it would be another value. */
  private static JsonMapper.Builder strict(JsonMapper.Builder builder) {
    return builder
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .withCoercionConfigDefaults(all -> {
          for (CoercionInputShape shape : CoercionInputShape.values()) {
            all.setCoercion(shape, CoercionAction.Fail);
          }
        })
        .withCoercionConfig(
            LogicalType.Float,
            floats -> floats.setCoercion(CoercionInputShape.Integer, CoercionAction.TryConvert));
  }

  private static SimpleModule module() {
    SimpleModule module =
        new SimpleModule("erpc")
            // What reading would load by a name from the text, or ask the network for.
            .addDeserializer(Class.class, new Refusal<>())
            .addDeserializer(JavaType.class, new Refusal<>())
            .addDeserializer(InetAddress.class, new Refusal<>())
            .addDeserializer(InetSocketAddress.class, new Refusal<>());
    JsonScalars.addTo(module);
    return module;
  }

  @Override
  public @Nullable String whyNot(BodyType<?> type) {
    return types.whyNot(type);
  }

  @Override
  public String write(BodyType<?> type, Object message) {
    try {
      types.requireDeclared(type, message);
      // What the elements of a list are declared as is not to be seen in the list.
      return type.type() instanceof Class
          ? mapper.writeValueAsString(message)
          : mapper.writerFor(java(type)).writeValueAsString(message);
    } catch (JacksonException e) {
      throw new CodecException(
          "json: cannot write " + message.getClass().getName() + path(e) + ": " + why(e),
          ownCause(e));
    }
  }

  private JavaType java(BodyType<?> type) {
    return mapper.constructType(type.type());
  }

  @Override
  public <T> T read(BodyType<T> type, String text) {
    Object value;
    try (JsonParser parser = new StrictNumbers(mapper.createParser(text))) {
      value = mapper.readValue(parser, java(type));
    } catch (JacksonException e) {
      throw new CodecException("json: not a " + type + position(e) + path(e) + ": " + why(e));
    } catch (RuntimeException e) {
      throw new CodecException("json: not a " + type + ": " + e.getClass().getName());
    }
    if (value == null) {
      throw new CodecException("json: not a " + type + ": null is no message");
    }
    return type.cast(value);
  }

  /** Jackson's own texts quote the value, so only those that cannot are repeated. */
  private static String why(JacksonException e) {
    return switch (e) {
      case StreamConstraintsException limit -> limit.getOriginalMessage();
      case InvalidDefinitionException definition -> definition.getOriginalMessage();
      case InputCoercionException number ->
          "a number does not fit " + number.getTargetType().getName();
      case StreamReadException twice when twice.getOriginalMessage().startsWith("Duplicate ") ->
          "an object has one name twice";
      case StreamReadException syntax -> "not well-formed JSON";
      case InvalidFormatException constant
          when constant.getTargetType() != null
              && constant.getTargetType().isEnum()
              && constant.getValue() instanceof String unknown ->
          constant.getTargetType().getName() + " has no constant '" + shown(unknown) + "'";
      case MismatchedInputException mismatch ->
          "a value does not fit "
              + (mismatch.getTargetType() == null
                  ? "its type"
                  : mismatch.getTargetType().getName());
      default ->
          e.getCause() instanceof CodecException own && own.getMessage() != null
              ? own.getMessage()
              : (e.getCause() == null ? e : e.getCause()).getClass().getName();
    };
  }

  private static String shown(String constant) {
    return Printable.of(
        constant.length() <= SHOWN_CONSTANT
            ? constant
            : constant.substring(0, SHOWN_CONSTANT) + "…");
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

  /** The fields that lead to it; names that only the sender knows are not shown. */
  private String path(JacksonException e) {
    List<JacksonException.Reference> path = e.getPath();
    if (path == null || path.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder(LEAD);
    for (JacksonException.Reference step : path) {
      if (step.getPropertyName() == null) {
        text.append('[').append(step.getIndex() < 0 ? "" : step.getIndex()).append(']');
      } else if (isOurs(step)) {
        text.append(text.length() > LEAD.length() ? "." : "").append(step.getPropertyName());
      } else {
        text.append("[…]");
      }
    }
    return text.toString();
  }

  private boolean isOurs(JacksonException.Reference step) {
    Object from = step.from();
    return from != null
        && types.hasProperty(
            from instanceof Class<?> type ? type : from.getClass(), step.getPropertyName());
  }

  /** Reads nothing. */
  private static final class Refusal<T> extends ValueDeserializer<T> {
    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      throw MismatchedInputException.from(parser, Object.class, "never read from a text");
    }
  }
}
