package erpc.codec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
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
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;

/** Types that JSON carries: every type that Jackson takes is a component of one of these. */
@SuppressWarnings({"UnusedVariable", "JdkObsolete", "JavaUtilDate"}) // As users have them.
final class JsonSampleTypes {
  private JsonSampleTypes() {}

  enum Tone {
    LOW,
    HIGH
  }

  enum Named {
    A("x"),
    B("y");

    private final String shown;

    Named(String shown) {
      this.shown = shown;
    }

    @Override
    public String toString() {
      return shown;
    }
  }

  record Numbers(byte b, short s, int i, long l, float f, double d, char c, boolean z) {}

  record Wrappers(
      Byte b, Short s, Integer i, Long l, Float f, Double d, Character c, Boolean z, String t) {}

  record Big(BigInteger i, BigDecimal d) {}

  record Arrays1(
      byte[] b,
      short[] s,
      int[] i,
      long[] l,
      float[] f,
      double[] d,
      char[] c,
      boolean[] z,
      String[] t,
      int[][] ii,
      Tone[] e,
      Instant[] times) {}

  record Times(
      Instant instant,
      LocalDate date,
      LocalTime time,
      LocalDateTime dateTime,
      OffsetDateTime offset,
      OffsetTime offsetTime,
      ZonedDateTime zoned,
      Duration duration,
      Period period,
      Year year,
      YearMonth yearMonth,
      MonthDay monthDay,
      ZoneId zone,
      ZoneOffset zoneOffset,
      Month month,
      DayOfWeek day,
      ChronoUnit unit,
      Date old) {}

  record Names(UUID id, URI uri, Currency currency, Locale locale) {}

  record Optionals(
      Optional<String> text,
      Optional<Instant> time,
      OptionalInt i,
      OptionalLong l,
      OptionalDouble d,
      List<Optional<Integer>> many) {}

  record Lists(
      List<String> list,
      ArrayList<Long> array,
      LinkedList<Double> linked,
      CopyOnWriteArrayList<Tone> copied,
      List<List<Map<String, OffsetDateTime>>> nested,
      List<Object> any) {}

  record Sets(
      Set<String> set,
      LinkedHashSet<Tone> linked,
      SortedSet<Integer> sorted,
      TreeSet<LocalDate> dates,
      EnumSet<Tone> tones) {}

  record Maps(
      Map<String, Integer> map,
      LinkedHashMap<String, List<Instant>> linked,
      SortedMap<Integer, String> sorted,
      NavigableMap<LocalDate, String> navigable,
      ConcurrentHashMap<UUID, Long> concurrent,
      EnumMap<Tone, Double> tones,
      Map<String, Object> any,
      Map.Entry<String, Integer> entry) {}

  record Keys(
      Map<Byte, Integer> b,
      Map<Short, Integer> s,
      Map<Integer, Integer> i,
      Map<Long, Integer> l,
      Map<Float, Integer> f,
      Map<Double, Integer> d,
      Map<Character, Integer> c,
      Map<Boolean, Integer> z,
      Map<BigDecimal, Integer> big,
      Map<BigInteger, Integer> whole,
      Map<Named, Integer> e,
      Map<ZonedDateTime, Integer> zoned,
      Map<OffsetDateTime, Integer> offset,
      Map<Instant, Integer> instant,
      Map<Duration, Integer> duration,
      Map<ZoneId, Integer> zone,
      Map<Locale, Integer> locale,
      Map<Currency, Integer> currency,
      Map<Date, Integer> date,
      Map<URI, Integer> uri) {}

  record Anything(Object any, JsonNode node) {}

  record Pair<A, B>(A left, B right) {}

  record Generic(Pair<OffsetDateTime, Pair<Tone, int[]>> pair, Tree tree) {}

  record Tree(String name, List<Tree> children) {}

  record Empty() {}

  record Enums(Tone tone, Named named) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({@JsonSubTypes.Type(Circle.class), @JsonSubTypes.Type(Square.class)})
  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  record Square(long side) implements Shape {}

  record Shapes(Shape first, List<Shape> more) {}

  static class Bean {
    private String name = "";
    private OffsetDateTime when = OffsetDateTime.MIN;
    private transient int hash;
    @JsonIgnore private Thread worker = Thread.currentThread();
    public List<Integer> numbers = List.of();

    public String getName() {
      return name;
    }

    public void setName(String value) {
      name = value;
    }

    public OffsetDateTime getWhen() {
      return when;
    }

    public void setWhen(OffsetDateTime value) {
      when = value;
    }

    /** Derived. */
    public int getLength() {
      return name.length();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bean bean
          && name.equals(bean.name)
          && when.equals(bean.when)
          && numbers.equals(bean.numbers);
    }

    @Override
    public int hashCode() {
      hash = name.hashCode();
      return hash;
    }
  }

  static final class Prefixed {
    private int mCount;

    public int getCount() {
      return mCount;
    }

    public void setCount(int value) {
      mCount = value;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Prefixed prefixed && prefixed.mCount == mCount;
    }

    @Override
    public int hashCode() {
      return mCount;
    }
  }

  static final class Made {
    private final int x;

    @JsonCreator
    Made(@JsonProperty("x") int x) {
      this.x = x;
    }

    public int getX() {
      return x;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Made made && made.x == x;
    }

    @Override
    public int hashCode() {
      return x;
    }
  }

  /** Written and read as one text. */
  record Token(@JsonValue String text) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    Token {}
  }

  record Renamed(@JsonProperty("the-token") Token token, @JsonProperty("n") int number) {}

  static final class AsNumber extends ValueSerializer<BitSet> {
    @Override
    public void serialize(BitSet value, JsonGenerator generator, SerializationContext context) {
      generator.writeNumber(value.toLongArray()[0]);
    }
  }

  static final class FromNumber extends ValueDeserializer<BitSet> {
    @Override
    public BitSet deserialize(JsonParser parser, DeserializationContext context) {
      return BitSet.valueOf(new long[] {parser.getLongValue()});
    }
  }

  record Own(
      @JsonSerialize(using = AsNumber.class) @JsonDeserialize(using = FromNumber.class)
          BitSet bits) {}
}
