package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.BodyType;
import erpc.codec.JsonSampleTypes.Anything;
import erpc.codec.JsonSampleTypes.Arrays1;
import erpc.codec.JsonSampleTypes.Bean;
import erpc.codec.JsonSampleTypes.Big;
import erpc.codec.JsonSampleTypes.Circle;
import erpc.codec.JsonSampleTypes.Empty;
import erpc.codec.JsonSampleTypes.Enums;
import erpc.codec.JsonSampleTypes.Generic;
import erpc.codec.JsonSampleTypes.Keys;
import erpc.codec.JsonSampleTypes.Lists;
import erpc.codec.JsonSampleTypes.Made;
import erpc.codec.JsonSampleTypes.Maps;
import erpc.codec.JsonSampleTypes.Named;
import erpc.codec.JsonSampleTypes.Names;
import erpc.codec.JsonSampleTypes.Numbers;
import erpc.codec.JsonSampleTypes.Optionals;
import erpc.codec.JsonSampleTypes.Own;
import erpc.codec.JsonSampleTypes.Pair;
import erpc.codec.JsonSampleTypes.Prefixed;
import erpc.codec.JsonSampleTypes.Renamed;
import erpc.codec.JsonSampleTypes.Sets;
import erpc.codec.JsonSampleTypes.Shapes;
import erpc.codec.JsonSampleTypes.Square;
import erpc.codec.JsonSampleTypes.Times;
import erpc.codec.JsonSampleTypes.Token;
import erpc.codec.JsonSampleTypes.Tone;
import erpc.codec.JsonSampleTypes.Tree;
import erpc.codec.JsonSampleTypes.Wrappers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
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
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Every type that Jackson takes either comes back equal or is refused when a method with it is
 * defined. Each sample is a component of a record.
 */
@SuppressWarnings({"UnusedVariable", "JdkObsolete", "JavaUtilDate"}) // As users have them.
class JsonTypesTest {
  private static final Codec JSON = Codecs.standard().byName("json");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static BitSet bits() {
    BitSet bits = new BitSet();
    bits.set(3);
    return bits;
  }

  private static Bean bean() {
    Bean bean = new Bean();
    bean.setName("n");
    bean.setWhen(OffsetDateTime.parse("2024-10-27T02:30+05:30"));
    bean.numbers = List.of(1, 2);
    return bean;
  }

  private static Prefixed prefixed() {
    Prefixed prefixed = new Prefixed();
    prefixed.setCount(5);
    return prefixed;
  }

  private static Times times(ZonedDateTime zoned) {
    return new Times(
        zoned.toInstant().plusNanos(1),
        zoned.toLocalDate(),
        zoned.toLocalTime().withNano(0),
        zoned.toLocalDateTime(),
        zoned.toOffsetDateTime(),
        zoned.toOffsetDateTime().toOffsetTime(),
        zoned,
        Duration.ofSeconds(-1, 5),
        Period.of(1, -2, 40),
        Year.from(zoned),
        YearMonth.from(zoned),
        MonthDay.of(2, 29),
        zoned.getZone(),
        zoned.getOffset(),
        zoned.getMonth(),
        zoned.getDayOfWeek(),
        ChronoUnit.HALF_DAYS,
        Date.from(Instant.ofEpochMilli(-1)));
  }

  static Stream<Object> carried() {
    return Stream.of(numbers(), values(), holders()).flatMap(each -> each);
  }

  @ParameterizedTest
  @MethodSource
  void carried(Object sample) {
    assertThat(JSON.supports(BodyType.of(sample.getClass())))
        .as(() -> JSON.whyNot(BodyType.of(sample.getClass())))
        .isTrue();
    Object read =
        JSON.read(BodyType.of(sample.getClass()), ByteBuffer.wrap(BufferSink.bytes(JSON, sample)));
    assertThat(same(sample, read)).as("%s became %s", sample, read).isTrue();
  }

  private static Stream<Object> numbers() {
    return Stream.of(
        new Numbers((byte) -128, (short) -1, 1, Long.MIN_VALUE, Float.MIN_VALUE, -0.0, 'x', true),
        new Numbers(
            (byte) 127, Short.MAX_VALUE, -1, Long.MAX_VALUE, 0.1f, Double.MIN_VALUE, '文', false),
        new Numbers((byte) 0, (short) 0, 0, 0, Float.NEGATIVE_INFINITY, Double.NaN, '\u0000', true),
        new Wrappers(null, null, null, null, null, null, null, null, null),
        new Wrappers(
            (byte) 1, (short) 2, 3, 4L, 1.1f, Double.MAX_VALUE, '"', false, "\u0000 \u2028 😀"),
        new Wrappers(null, null, null, 1L << 60, Float.MAX_VALUE, 0.1 + 0.2, ' ', true, ""),
        new Big(BigInteger.ONE.shiftLeft(900).negate(), new BigDecimal("1.50")),
        new Big(BigInteger.ZERO, new BigDecimal("-1E+30")),
        new Big(null, new BigDecimal("0E-20")),
        new Arrays1(
            new byte[] {0, -1},
            new short[] {-1},
            new int[] {1, 2},
            new long[] {Long.MAX_VALUE},
            new float[] {Float.NaN, 0.1f},
            new double[] {-0.0, 1e300},
            new char[] {'a', '文'},
            new boolean[] {true},
            new String[] {"a", null},
            new int[][] {{1}, {}},
            new Tone[] {Tone.HIGH},
            new Instant[] {Instant.EPOCH}));
  }

  private static final ZonedDateTime EARLIER =
      ZonedDateTime.ofLocal(LocalDateTime.parse("2024-10-27T02:30"), BERLIN, ZoneOffset.ofHours(2));

  private static Stream<Object> values() {
    return Stream.of(
        times(EARLIER),
        times(EARLIER.withLaterOffsetAtOverlap().withNano(123_456_789)),
        times(ZonedDateTime.parse("-0044-03-15T12:00:00Z[UTC]")),
        times(ZonedDateTime.parse("+12024-01-01T00:00:00+00:00[Europe/London]")),
        times(ZonedDateTime.parse("2024-01-01T00:00:01-18:00")),
        new Names(
            new UUID(-1, 1),
            URI.create("http://x/%20?a=b#c"),
            Currency.getInstance("JPY"),
            Locale.forLanguageTag("zh-Hans-CN-x-a-b")),
        new Names(null, URI.create(""), Currency.getInstance("EUR"), Locale.ROOT),
        new Names(null, null, null, Locale.US),
        new Optionals(
            Optional.empty(),
            Optional.of(Instant.MAX),
            OptionalInt.of(1),
            OptionalLong.empty(),
            OptionalDouble.of(Double.NaN),
            List.of(Optional.of(1), Optional.empty())),
        new Optionals(
            Optional.of(""),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalLong.of(-1),
            OptionalDouble.empty(),
            List.of()),
        new Lists(
            Arrays.asList("a", null),
            new ArrayList<>(List.of(5L)),
            new LinkedList<>(List.of(0.5)),
            new CopyOnWriteArrayList<>(Tone.values()),
            List.of(List.of(Map.of("k", EARLIER.toOffsetDateTime()))),
            Arrays.asList(1, 0.5, "x", true, null, List.of(), Map.of("a", 1))));
  }

  private static Stream<Object> holders() {
    return Stream.of(
        new Sets(
            Set.of("b", "a"),
            new LinkedHashSet<>(List.of(Tone.LOW)),
            new TreeSet<>(List.of(2, 1)),
            new TreeSet<>(List.of(LocalDate.MAX)),
            EnumSet.of(Tone.HIGH)),
        new Sets(Set.of(), null, null, null, EnumSet.noneOf(Tone.class)),
        new Maps(
            Map.of("", 1),
            new LinkedHashMap<>(Map.of("a", List.of(Instant.MIN))),
            new TreeMap<>(Map.of(-1, "x")),
            new TreeMap<>(Map.of(LocalDate.EPOCH, "x")),
            new ConcurrentHashMap<>(Map.of(new UUID(1, 1), 1L)),
            new EnumMap<>(Map.of(Tone.LOW, 1.0)),
            Map.of("o", Map.of("p", 1)),
            Map.entry("k", 1)),
        new Keys(
            Map.of((byte) -1, 1),
            Map.of((short) 1, 1),
            Map.of(Integer.MIN_VALUE, 1),
            Map.of(Long.MAX_VALUE, 1),
            Map.of(Float.NaN, 1),
            Map.of(Double.NEGATIVE_INFINITY, 1, -0.0, 2),
            Map.of('x', 1, ' ', 2),
            Map.of(true, 1),
            Map.of(new BigDecimal("1.50"), 1),
            Map.of(BigInteger.TEN, 1),
            Map.of(Named.B, 1),
            Map.of(EARLIER, 1, EARLIER.withLaterOffsetAtOverlap(), 2),
            Map.of(EARLIER.toOffsetDateTime(), 1),
            Map.of(Instant.MAX, 1),
            Map.of(Duration.ofNanos(-1), 1),
            Map.of(BERLIN, 1, ZoneOffset.UTC, 2),
            Map.of(Locale.CANADA_FRENCH, 1),
            Map.of(Currency.getInstance("USD"), 1),
            Map.of(new Date(5), 1),
            Map.of(URI.create("a:b"), 1)),
        new Anything(List.of("a", 1, Map.of("k", false)), JsonNodeFactory.instance.stringNode("x")),
        new Anything("text", JsonNodeFactory.instance.objectNode().put("a", 1)),
        new Generic(
            new Pair<>(EARLIER.toOffsetDateTime(), new Pair<>(Tone.LOW, new int[] {1})),
            new Tree("a", List.of(new Tree("b", List.of())))),
        new Empty(),
        new Enums(Tone.HIGH, Named.A),
        new Shapes(new Circle(1), List.of(new Square(2), new Circle(-0.0))),
        bean(),
        prefixed(),
        new Made(3),
        new Renamed(new Token("t"), 5),
        new Own(bits()),
        new Token("x"),
        "text",
        5,
        Tone.HIGH,
        Instant.EPOCH,
        new int[] {1, 2},
        new byte[] {1});
  }

  /** Equal, arrays by what they hold. */
  private static boolean same(Object a, Object b) {
    if (a != null && b != null && a.getClass() == b.getClass() && a.getClass().isRecord()) {
      return Stream.of(a.getClass().getRecordComponents())
          .allMatch(each -> {
            each.getAccessor().setAccessible(true);
            try {
              return same(each.getAccessor().invoke(a), each.getAccessor().invoke(b));
            } catch (ReflectiveOperationException e) {
              throw new LinkageError(e.getMessage(), e);
            }
          });
    }
    return Objects.deepEquals(a, b);
  }

  @Test
  void valuesThatHaveNoClassToNameAreCarriedAsWhatTheyAre() {
    for (Object message :
        new Object[] {List.of(1), Arrays.asList("x"), Map.of("a", 1), Set.of(), Map.of()}) {
      assertThat(JSON.supports(BodyType.of(message.getClass()))).isTrue();
    }
    assertThat(JSON.supports(BodyType.of(Map.class)) && JSON.supports(BodyType.of(List.class)))
        .isTrue();
    assertThat(
            JSON.supports(BodyType.of(Object.class)) && JSON.supports(BodyType.of(JsonNode.class)))
        .isTrue();
  }
}
