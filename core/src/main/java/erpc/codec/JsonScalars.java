package erpc.codec;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.util.Currency;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Values of the JDK that are written as one text, so that what is read is equal to what was
 * written: times keep their own offset and zone, and nothing but such a text is read. A property
 * with a pattern of its own ({@code @JsonFormat}) is left to Jackson: its user has said how.
 */
final class JsonScalars {
  /** How values of one type are written and read. */
  private record Scalar<T>(Class<T> type, Function<T, String> write, Function<String, T> read) {
    String text(Object value) {
      return write.apply(type.cast(value));
    }

    T value(String text, JsonParser parser) {
      try {
        return read.apply(text);
      } catch (RuntimeException e) {
        // The cause quotes the text.
        throw MismatchedInputException.from(parser, type, "no " + type.getName());
      }
    }
  }

  private static final Map<Class<?>, Scalar<?>> BY_TYPE = new LinkedHashMap<>();

  /** What YearMonth.parse reads; its toString writes years after 9999 otherwise. */
  private static final DateTimeFormatter YEAR_MONTH =
      new DateTimeFormatterBuilder()
          .appendValue(ChronoField.YEAR, 4, 10, SignStyle.EXCEEDS_PAD)
          .appendLiteral('-')
          .appendValue(ChronoField.MONTH_OF_YEAR, 2)
          .toFormatter(Locale.ROOT);

  static {
    text(Instant.class, Instant::parse);
    text(LocalDate.class, LocalDate::parse);
    text(LocalTime.class, LocalTime::parse);
    text(LocalDateTime.class, LocalDateTime::parse);
    text(OffsetDateTime.class, OffsetDateTime::parse);
    text(OffsetTime.class, OffsetTime::parse);
    text(ZonedDateTime.class, ZonedDateTime::parse);
    text(Duration.class, Duration::parse);
    text(Period.class, Period::parse);
    add(YearMonth.class, YEAR_MONTH::format, text -> YearMonth.parse(text, YEAR_MONTH));
    text(MonthDay.class, MonthDay::parse);
    text(ZoneOffset.class, ZoneOffset::of);
    add(ZoneId.class, ZoneId::getId, ZoneId::of);
    add(UUID.class, UUID::toString, JsonScalars::uuid);
    text(URI.class, URI::create);
    add(Currency.class, Currency::getCurrencyCode, Currency::getInstance);
    add(Locale.class, JsonScalars::tag, JsonScalars::locale);
    add(Date.class, date -> date.toInstant().toString(), JsonScalars::date);
  }

  private JsonScalars() {}

  private static <T> void text(Class<T> type, Function<String, T> read) {
    add(type, Object::toString, read);
  }

  private static <T> void add(Class<T> type, Function<T, String> write, Function<String, T> read) {
    BY_TYPE.put(type, new Scalar<>(type, write, read));
  }

  /** Whether a value of this type is one of these. */
  static boolean contains(Class<?> type) {
    return of(type) != null;
  }

  private static @Nullable Scalar<?> of(Class<?> type) {
    Scalar<?> exact = BY_TYPE.get(type);
    // The classes of zones are the JDK's own, and dates have subclasses.
    return exact != null || !ZoneId.class.isAssignableFrom(type)
        ? exact
        : BY_TYPE.get(ZoneId.class);
  }

  private static UUID uuid(String text) {
    UUID value = UUID.fromString(text);
    if (!value.toString().equalsIgnoreCase(text)) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static String tag(Locale locale) {
    String tag = locale.toLanguageTag();
    if (!Locale.forLanguageTag(tag).equals(locale)) {
      throw new CodecException("json: a java.util.Locale has no language tag that stands for it");
    }
    return tag;
  }

  private static Locale locale(String text) {
    // Before, locales were written with underscores.
    String tag = text.replace('_', '-');
    Locale value = Locale.forLanguageTag(tag);
    if (!value.toLanguageTag().equalsIgnoreCase(tag)) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static Date date(String text) {
    Instant instant = Instant.parse(text);
    Date value = Date.from(instant);
    if (!value.toInstant().equals(instant)) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  // ---- as values

  /** Reads them as values. */
  private static final class Readers extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public ValueDeserializer<?> modifyDeserializer(
        DeserializationConfig config,
        BeanDescription.Supplier bean,
        ValueDeserializer<?> deserializer) {
      Scalar<?> scalar = BY_TYPE.get(bean.getBeanClass());
      return scalar == null || !isJacksons(deserializer)
          ? deserializer
          : new Reader(scalar, deserializer);
    }
  }

  /** Writes them as values. */
  private static final class Writers extends ValueSerializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public ValueSerializer<?> modifySerializer(
        SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
      Scalar<?> scalar = of(bean.getBeanClass());
      return scalar == null || !isJacksons(serializer)
          ? serializer
          : new Writer(scalar, serializer);
    }
  }

  private static boolean isJacksons(Object part) {
    return part.getClass().getName().startsWith("tools.jackson.");
  }

  private static boolean hasPattern(
      DatabindContext context, @Nullable BeanProperty property, Class<?> type) {
    if (property == null) {
      return false;
    }
    JsonFormat.Value format = property.findPropertyFormat(context.getConfig(), type);
    return format != null && format.hasPattern();
  }

  private static final class Reader extends StdDeserializer<Object> {
    private final Scalar<?> scalar;
    private final ValueDeserializer<?> jacksons;

    Reader(Scalar<?> scalar, ValueDeserializer<?> jacksons) {
      super(scalar.type());
      this.scalar = scalar;
      this.jacksons = jacksons;
    }

    @Override
    public ValueDeserializer<?> createContextual(
        DeserializationContext context, @Nullable BeanProperty property) {
      return hasPattern(context, property, scalar.type())
          ? context.handleSecondaryContextualization(
              jacksons, property, context.constructType(scalar.type()))
          : this;
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
      return parser.hasToken(JsonToken.VALUE_STRING)
          ? scalar.value(parser.getString(), parser)
          : context.handleUnexpectedToken(context.constructType(scalar.type()), parser);
    }
  }

  private static final class Writer extends StdSerializer<Object> {
    private final Scalar<?> scalar;
    private final ValueSerializer<?> jacksons;

    Writer(Scalar<?> scalar, ValueSerializer<?> jacksons) {
      super(scalar.type());
      this.scalar = scalar;
      this.jacksons = jacksons;
    }

    @Override
    public ValueSerializer<?> createContextual(
        SerializationContext context, @Nullable BeanProperty property) {
      return hasPattern(context, property, scalar.type())
          ? context.handleSecondaryContextualization(jacksons, property)
          : this;
    }

    @Override
    public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
      generator.writeString(scalar.text(value));
    }
  }

  /** An enum like others, which Jackson writes as a number, and reads from a text of one. */
  private static final class MonthWriter extends StdSerializer<Month> {
    MonthWriter() {
      super(Month.class);
    }

    @Override
    public void serialize(Month value, JsonGenerator generator, SerializationContext context) {
      generator.writeString(value.name());
    }
  }

  private static final class MonthReader extends StdDeserializer<Month> {
    MonthReader() {
      super(Month.class);
    }

    @Override
    public Month deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        return (Month) context.handleUnexpectedToken(context.constructType(Month.class), parser);
      }
      String text = parser.getString();
      try {
        return Month.valueOf(text);
      } catch (IllegalArgumentException e) {
        throw context.weirdStringException(text, Month.class, "no month");
      }
    }
  }

  // ---- as keys

  private static final Map<Class<?>, Function<String, Object>> KEYS =
      Map.ofEntries(
          Map.entry(Byte.class, text -> Byte.valueOf(text)),
          Map.entry(Short.class, text -> Short.valueOf(text)),
          Map.entry(Integer.class, text -> Integer.valueOf(text)),
          Map.entry(Long.class, text -> Long.valueOf(text)),
          Map.entry(Float.class, JsonScalars::floatKey),
          Map.entry(Double.class, JsonScalars::doubleKey),
          Map.entry(BigInteger.class, text -> new BigInteger(text)),
          Map.entry(BigDecimal.class, text -> new BigDecimal(text)),
          Map.entry(Boolean.class, JsonScalars::booleanKey),
          Map.entry(Character.class, JsonScalars::charKey));

  /** Whether keys of maps may be of this type. */
  static boolean isKey(Class<?> type) {
    return type == String.class || contains(type) || KEYS.containsKey(type);
  }

  private static Object floatKey(String text) {
    Float value = Float.valueOf(text);
    require(!value.isInfinite() || text.endsWith("Infinity"));
    return value;
  }

  private static Object doubleKey(String text) {
    Double value = Double.valueOf(text);
    require(!value.isInfinite() || text.endsWith("Infinity"));
    return value;
  }

  private static Object booleanKey(String text) {
    require(text.equals("true") || text.equals("false"));
    return Boolean.valueOf(text);
  }

  private static Object charKey(String text) {
    require(text.length() == 1);
    return text.charAt(0);
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }

  /** Adds what these values are written and read by, as values and as keys of maps. */
  static void addTo(SimpleModule module) {
    module.setSerializerModifier(new Writers()).setDeserializerModifier(new Readers());
    BY_TYPE
        .values()
        .forEach(scalar -> {
          module.addKeyDeserializer(scalar.type(), new KeyReader(scalar.type(), scalar.read()));
          addKeyWriter(module, scalar);
        });
    module
        .addSerializer(Month.class, new MonthWriter())
        .addDeserializer(Month.class, new MonthReader());
    KEYS.forEach((type, read) -> module.addKeyDeserializer(type, new KeyReader(type, read)));
  }

  private static <T> void addKeyWriter(SimpleModule module, Scalar<T> scalar) {
    module.addKeySerializer(
        scalar.type(),
        new ValueSerializer<T>() {
          @Override
          public void serialize(T value, JsonGenerator generator, SerializationContext context) {
            generator.writeName(scalar.text(value));
          }
        });
  }

  private static final class KeyReader extends KeyDeserializer {
    private final Class<?> type;
    private final Function<String, ?> read;

    KeyReader(Class<?> type, Function<String, ?> read) {
      this.type = type;
      this.read = read;
    }

    @Override
    public Object deserializeKey(String key, DeserializationContext context) {
      try {
        return read.apply(key);
      } catch (RuntimeException e) {
        throw MismatchedInputException.from(context.getParser(), type, "no " + type.getName());
      }
    }
  }
}
