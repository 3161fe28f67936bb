package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonFormat;
import erpc.call.BodyType;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Nothing is made of a value of another kind, and constants that are unknown do as they must. */
class JsonStrictnessTest {
  private static final Codec JSON = Codecs.standard().byName("json");

  enum Tone {
    LOW,
    HIGH
  }

  enum Sort {
    KNOWN,
    @JsonEnumDefaultValue
    OTHER
  }

  record Everything(
      byte b,
      short s,
      int i,
      long l,
      float f,
      double d,
      char c,
      boolean z,
      Byte bb,
      Short ss,
      Integer ii,
      Long ll,
      Float ff,
      Double dd,
      Boolean zz,
      String t,
      Tone tone,
      Instant at,
      LocalDate date,
      Date old,
      UUID id,
      Locale locale,
      BigDecimal big,
      OptionalInt maybe,
      Object any,
      JsonNode node,
      Inner inner,
      List<Long> list,
      int[] ints,
      byte[] bytes,
      double[] doubles,
      Map<String, Float> map,
      Map<Integer, String> keys,
      Map<Byte, String> byteKeys) {}

  record Inner(int x) {}

  private static <T> T read(Class<T> type, String text) {
    return JSON.read(BodyType.of(type), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b|128",
        "b|200",
        "b|-129",
        "b|1.0",
        "s|32768",
        "i|2147483648",
        "i|1.5",
        "i|1e2",
        "i|null",
        "i|\"1\"",
        "i|\"\"",
        "i|true",
        "i|[1]",
        "i|{}",
        "l|1.5",
        "l|9223372036854775808",
        "l|1e100000000",
        "f|1e39",
        "f|\"1\"",
        "d|1e999",
        "d|-1e999",
        "d|\"1.5\"",
        "d|true",
        "d|null",
        "c|65",
        "c|\"ab\"",
        "c|\"\"",
        "c|null",
        "z|1",
        "z|0",
        "z|\"true\"",
        "z|\"\"",
        "z|null",
        "bb|200",
        "ss|40000",
        "ii|1.5",
        "ii|\"1\"",
        "ii|\"\"",
        "ll|1.5",
        "ff|1e39",
        "dd|1e999",
        "zz|1",
        "zz|\"\"",
        "t|1",
        "t|1.5",
        "t|true",
        "t|{}",
        "t|[]",
        "tone|0",
        "tone|1",
        "tone|\"1\"",
        "tone|\"\"",
        "at|1e100000000",
        "at|0",
        "at|1.5",
        "at|\"\"",
        "at|\"1\"",
        "date|0",
        "date|[2024,1,1]",
        "date|\"2024-01-01T00:00\"",
        "date|\"2024-02-30\"",
        "old|0",
        "old|\"1970-01-01T00:00:00.0001Z\"",
        "id|\"1-1-1-1-1\"",
        "locale|\"not a locale\"",
        "big|\"1\"",
        "big|true",
        "maybe|1.5",
        "maybe|\"1\"",
        "any|1e999",
        "any|[{\"a\":-1e999}]",
        "node|1e999",
        "inner|\"\"",
        "inner|[]",
        "inner|1",
        "inner|true",
        "list|1",
        "list|\"\"",
        "list|{}",
        "list|[1.5]",
        "list|[\"1\"]",
        "ints|[null]",
        "ints|[1.5]",
        "ints|[2147483648]",
        "ints|1",
        "bytes|[200]",
        "bytes|\"*\"",
        "doubles|[1e999]",
        "map|{\"k\":1e39}",
        "map|[]",
        "map|\"\"",
        "keys|{\"1.5\":\"x\"}",
        "keys|{\"\":\"x\"}",
        "byteKeys|{\"200\":\"x\"}",
      })
  void aValueOfAnotherKindOrRangeIsRefusedWithItsField(String field, String value) {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"" + field + "\":" + value + "}"))
        .satisfies(e -> assertThat(e.getMessage()).contains(", at " + field))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("well-formed"));
  }

  @Test
  void whatFitsIsRead() {
    Everything read =
        read(
            Everything.class,
            "{\"b\":-128,\"s\":32767,\"l\":-9223372036854775808,\"f\":1,\"d\":1,\"c\":\"x\","
                + "\"z\":true,\"ff\":\"NaN\",\"dd\":\"-Infinity\",\"big\":1e100000000,"
                + "\"any\":1e300,\"locale\":\"en_US\",\"at\":\"2024-01-01T01:00:00+01:00\"}");
    assertThat(read.b()).isEqualTo(Byte.MIN_VALUE);
    assertThat(read.i()).isZero();
    assertThat(read.l()).isEqualTo(Long.MIN_VALUE);
    assertThat(read.f()).isEqualTo(1f);
    assertThat(read.d()).isEqualTo(1.0);
    assertThat(read.ff()).isNaN();
    assertThat(read.dd()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(read.any()).isEqualTo(1e300);
    assertThat(read.locale()).isEqualTo(Locale.US);
    assertThat(read.at()).isEqualTo(Instant.parse("2024-01-01T00:00:00Z"));
  }

  @Test
  void errorsSayWhatIsWrong() {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"inner\":{\"x\":2147483648}}"))
        .withMessageContaining(", at inner.x: a number does not fit int");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"list\":[1,\"2\"]}"))
        .withMessageContaining(", at list[1]: a value does not fit java.lang.Long");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"map\":{\"secret\":true}}"))
        .withMessageContaining(", at map[…]: a value does not fit");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"i\":1,\"i\":2}"))
        .withMessageContaining("an object has one name twice");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"any\":{\"k\":1,\"k\":2}}"))
        .withMessageContaining("an object has one name twice");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Everything.class, "{\"i\":01}"))
        .withMessageContaining("not well-formed JSON");
  }

  record Formatted(
      @JsonFormat(pattern = "dd.MM.yyyy") LocalDate date,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Instant at) {}

  @Test
  void formatsThatTheUserHasChosenStay() {
    Formatted sample = new Formatted(LocalDate.parse("2024-02-01"), Instant.ofEpochSecond(5));
    byte[] bytes = BufferSink.bytes(JSON, sample);
    assertThat(new String(bytes, StandardCharsets.UTF_8)).contains("\"01.02.2024\"");
    assertThat(JSON.read(BodyType.of(Formatted.class), ByteBuffer.wrap(bytes))).isEqualTo(sample);
  }

  // ---- constants that are unknown

  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
  @interface Nullable {}

  record Tones(
      Tone plain,
      @org.jspecify.annotations.Nullable Tone jspecify,
      @Nullable Tone own,
      Optional<Tone> optional,
      List<Tone> list,
      Set<Tone> set,
      TreeSet<Tone> sorted,
      EnumSet<Tone> enumSet,
      Tone[] array,
      List<List<Tone>> nested,
      List<Optional<Tone>> optionals,
      Map<String, Tone> values,
      Map<Tone, String> keys,
      EnumMap<Tone, Tone> both,
      Map<Tone, List<Inner>> holders) {}

  static class ToneBean {
    private @Nullable Tone field;
    private Tone setter;

    public @Nullable Tone getField() {
      return field;
    }

    public void setField(Tone value) {
      field = value;
    }

    public Tone getSetter() {
      return setter;
    }

    public void setSetter(@org.jspecify.annotations.Nullable Tone value) {
      setter = value;
    }
  }

  record Sorts(Sort plain, List<Sort> list, Map<String, Sort> values, Optional<Sort> optional) {}

  @Test
  void anUnknownConstantIsTheDefaultOfItsEnum() {
    Sorts read =
        read(
            Sorts.class,
            "{\"plain\":\"NEW\",\"list\":[\"NEW\",\"KNOWN\"],\"values\":{\"a\":\"NEW\"},"
                + "\"optional\":\"NEW\"}");
    assertThat(read)
        .isEqualTo(
            new Sorts(
                Sort.OTHER,
                List.of(Sort.OTHER, Sort.KNOWN),
                Map.of("a", Sort.OTHER),
                Optional.of(Sort.OTHER)));
  }

  @Test
  void anUnknownConstantIsLeftOutOfCollectionsAndMaps() {
    String three = "[\"NEW\",\"HIGH\",\"NEWER\"]";
    Tones read =
        read(
            Tones.class,
            "{\"list\":[null,\"LOW\",\"NEW\",\"LOW\"],\"set\":"
                + three
                + ",\"sorted\":"
                + three
                + ",\"enumSet\":"
                + three
                + ",\"array\":"
                + three
                + ",\"nested\":["
                + three
                + "],"
                + "\"optionals\":[\"NEW\",\"LOW\"],\"values\":{\"a\":\"NEW\",\"b\":\"LOW\"},"
                + "\"keys\":{\"NEW\":\"a\",\"HIGH\":\"b\"},"
                + "\"both\":{\"NEW\":\"LOW\",\"LOW\":\"NEW\",\"HIGH\":\"LOW\"},"
                + "\"holders\":{\"NEW\":[{\"x\":1}],\"LOW\":[{\"x\":2}]}}");
    assertThat(read.list()).containsExactly(null, Tone.LOW, Tone.LOW);
    assertThat(read.set()).containsExactly(Tone.HIGH);
    assertThat(read.sorted()).containsExactly(Tone.HIGH);
    assertThat(read.enumSet()).containsExactly(Tone.HIGH);
    assertThat(read.array()).containsExactly(Tone.HIGH);
    assertThat(read.nested()).containsExactly(List.of(Tone.HIGH));
    assertThat(read.optionals()).containsExactly(Optional.empty(), Optional.of(Tone.LOW));
    assertThat(read.values()).isEqualTo(Map.of("b", Tone.LOW));
    assertThat(read.keys()).isEqualTo(Map.of(Tone.HIGH, "b"));
    assertThat(read.both()).isEqualTo(Map.of(Tone.HIGH, Tone.LOW));
    assertThat(read.holders()).isEqualTo(Map.of(Tone.LOW, List.of(new Inner(2))));
  }

  @Test
  void anUnknownConstantIsNothingWhereNothingMayBe() {
    Tones read = read(Tones.class, "{\"jspecify\":\"NEW\",\"own\":\"NEW\",\"optional\":\"NEW\"}");
    assertThat(read.jspecify()).isNull();
    assertThat(read.own()).isNull();
    assertThat(read.optional()).isEmpty();
    ToneBean bean = read(ToneBean.class, "{\"field\":\"NEW\",\"setter\":\"NEW\"}");
    assertThat(bean.getField()).isNull();
    assertThat(bean.getSetter()).isNull();
    assertThat(read(Tones.class, "{\"own\":\"LOW\"}").own()).isEqualTo(Tone.LOW);
  }

  @Test
  void anUnknownConstantIsElseAnErrorWithFieldAndConstant() {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Tones.class, "{\"plain\":\"N\\u0007EW\"}"))
        .withMessageContaining(
            ", at plain: erpc.codec.JsonStrictnessTest$Tone has no constant 'N\\u0007EW'");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Tones.class, "{\"plain\":\"" + "N".repeat(5_000) + "\"}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    for (String text :
        List.of(
            "{\"list\":[1]}",
            "{\"own\":1}",
            "{\"optional\":0}",
            "{\"values\":{\"a\":1}}",
            "{\"set\":[{}]}")) {
      assertThatExceptionOfType(CodecException.class).isThrownBy(() -> read(Tones.class, text));
    }
  }

  record Months(Month month, List<Month> list, Map<Month, DayOfWeek> map) {}

  @Test
  void monthsAreTextLikeOtherEnums() {
    Months months =
        new Months(Month.MAY, List.of(Month.JUNE), Map.of(Month.JULY, DayOfWeek.MONDAY));
    String text = "{\"month\":\"MAY\",\"list\":[\"JUNE\"],\"map\":{\"JULY\":\"MONDAY\"}}";
    assertThat(new String(BufferSink.bytes(JSON, months), StandardCharsets.UTF_8)).isEqualTo(text);
    assertThat(read(Months.class, text)).isEqualTo(months);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "\"1\"", "0", "\"0\"", "\"01\"", "\"\"", "\"May\""})
  void numbersAreNoMonths(String month) {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Months.class, "{\"month\":" + month + "}"))
        .withMessageContaining("at month");
  }
}
