package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import erpc.call.BodyType;
import erpc.fixture.EchoRequest;
import erpc.fixture.Everything;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest {
  private final Codec json = Codecs.standard().byName("json");

  record Holder(Class<?> type, InetAddress address) {}

  record Guarded(String hidden) {
    Guarded {
      if (hidden.length() > 3) {
        throw new IllegalArgumentException("no such secret: " + hidden);
      }
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
  static class Open {
    public int x;
  }

  static class Opened extends Open {
    static int loaded;

    public Opened() {
      loaded++;
    }
  }

  static class Throwing {
    public int value() {
      return 0;
    }

    public int getValue() {
      throw new IllegalStateException("the getter's own fault");
    }
  }

  static class Plain {
    public String name = "default";
    public List<Integer> numbers = List.of();
  }

  private <T> T read(Class<T> type, String text) {
    return json.read(BodyType.of(type), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private String write(Object message) {
    return new String(BufferSink.bytes(json, message), StandardCharsets.UTF_8);
  }

  @Test
  void messagesAreWrittenByProtobufsMapping() {
    assertThat(write(Samples.hello())).isEqualTo("{\"msg\":\"hello\"}");
    assertThat(write(Everything.newBuilder().setI64(5).setU32(-1).build()))
        .isEqualTo("{\"i64\":\"5\",\"u32\":4294967295}");
  }

  @Test
  void recordsAndPlainObjectsAreWrittenByTheirFields() {
    assertThat(write(new Samples.Point(1, 2))).isEqualTo("{\"x\":1,\"y\":2}");
    assertThat(write(new Plain())).isEqualTo("{\"name\":\"default\",\"numbers\":[]}");
    assertThat(read(Plain.class, "{\"numbers\":[1,2]}"))
        .satisfies(plain -> assertThat(plain.name).isEqualTo("default"))
        .satisfies(plain -> assertThat(plain.numbers).containsExactly(1, 2));
  }

  @Test
  void unknownNamesAreIgnoredAndAbsentOnesAreDefaults() {
    assertThat(read(EchoRequest.class, "{\"new\":{\"a\":[1,null]},\"msg\":\"hello\"}"))
        .isEqualTo(Samples.hello());
    assertThat(read(Samples.Point.class, "{\"new\":{\"a\":[1,null]},\"x\":3}"))
        .isEqualTo(new Samples.Point(3, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{}x",
        "{} {}",
        "{},",
        "[]]",
        "{\"msg\":\"a\",\"msg\":\"b\"}",
        "{\"msg\":\"a\",\"m\\u0073g\":\"b\"}",
        "{msg:\"a\"}",
        "{'msg':'a'}",
        "{\"msg\":NaN}",
        "{\"msg\":\"a\",}",
        "{,}",
        "{\"x\":[1,]}",
        "{\"x\":[,]}",
        "{\"msg\" \"a\"}",
        "// c\n{}",
        "/* c */{}",
        "# c\n{}",
        "{\"msg\"=\"a\"}",
        "{\"msg\":\"a\";}",
        "nul",
        "TRUE",
        "\"msg",
        "{\"x\":01}",
        "{\"x\":1.}",
        "{\"x\":+1}",
        "{\"x\":.5}",
        "{\"x\":1e}",
        "{\"x\":-}",
        "{\"x\":0x1}",
        "{\"x\":\"\\'\"}",
        "{\"x\":\"\\u12g4\"}",
        "{\"x\":\"a\nb\"}",
        "\uFEFF{}",
        "{\"x\":Infinity}",
        "[}",
        "{]",
        "{\"x\"}",
        "{1:2}",
        ")]}'\n{}",
        "null"
      })
  void whatIsNotOneStrictValueIsRefusedForMessagesAndObjects(String text) {
    for (Class<?> type :
        List.of(
            Everything.class, EchoRequest.class, Samples.Point.class, Map.class, Object.class)) {
      assertThatExceptionOfType(CodecException.class)
          .as(type.getName())
          .isThrownBy(() -> read(type, text));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " \t\r\n{ } \n",
        "{\"x\":[]}",
        "{\"x\":[1,-0,0.5,1e5,1E-5,-1.25e+3]}",
        "{\"x\":[true,false,null]}",
        "{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
        "{\"x\":{\"x\":{\"x\":[{},{}]}},\"y\":{\"x\":1}}",
        "{\"\":1}"
      })
  void strictValuesAreRead(String text) {
    for (Class<?> type : List.of(Everything.class, Plain.class, Map.class, Object.class)) {
      assertThat((Object) read(type, text)).isInstanceOf(type);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"22ff22", "22c08022", "22eda08022", "7b00", "fffe7b007d00", "22f490808022"})
  void whatIsNotUtf8IsRefused(String hex) {
    for (Class<?> type : List.of(String.class, EchoRequest.class)) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(
              () -> json.read(BodyType.of(type), ByteBuffer.wrap(HexFormat.of().parseHex(hex))));
    }
  }

  @Test
  void aNumberPastADoublesRangeIsNoMessage() {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(com.google.protobuf.Struct.class, "{\"i\":6E700}"))
        .withMessageContaining("range of a double");
    assertThat(read(com.google.protobuf.Struct.class, "{\"i\":1E300}").getFieldsCount()).isOne();
  }

  @Test
  void halfASurrogatePairIsNoText() {
    for (String escape : new String[] {"\\udddd", "\\ud800", "\\ud800x", "\\ude00\\ud83d"}) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> read(java.util.Map.class, "{\"i\":\"" + escape + "\"}"))
          .withMessageContaining("half a surrogate pair");
    }
    assertThat(
            read(com.google.protobuf.Struct.class, "{\"i\":\"\\ud83d\\ude00\"}")
                .getFieldsOrThrow("i")
                .getStringValue())
        .isEqualTo("\ud83d\ude00");
  }

  @Test
  void aClassIsNeverChosenByTheText() {
    String text = "{\"@class\":\"" + Opened.class.getName() + "\",\"x\":1}";
    assertThatExceptionOfType(CodecException.class).isThrownBy(() -> read(Open.class, text));
    assertThat(Opened.loaded).isZero();
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Holder.class, "{\"type\":\"java.lang.String\"}"));
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Holder.class, "{\"address\":\"localhost\"}"));
    assertThat(read(Object.class, "[\"java.net.URL\",\"http://x\"]")).isInstanceOf(List.class);
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() ->
            read(Any.class, "{\"@type\":\"type.googleapis.com/demo.EchoRequest\",\"msg\":\"x\"}"));
  }

  @Test
  void errorsSayWhereAndWhyButDoNotQuoteTheBody() {
    List<String> bad =
        List.of(
            "{\"x\":\"secret\"}",
            "{\"x\":secret}",
            "[\"secret\"]",
            "{\"i32\":\"secret\"}",
            "\"secret\"",
            "{\"secret\":1,\"secret\":2}",
            "{\"b\":\"*secret*\"}",
            "{\"msg\":{\"secret\":1}}",
            "{\"map\":{\"secret\":\"secret\"}}",
            "{\"x\":{\"secret\":[",
            "{\"path\":[{\"x\":\"secret\"}]}",
            "{\"marks\":{\"secret\":\"secret\"}}",
            "{\"secret\":\"secret\"}",
            "{\"hidden\":\"secret\"}");
    for (String text : bad) {
      for (Class<?> type :
          List.of(
              Everything.class,
              EchoRequest.class,
              Samples.Person.class,
              Samples.Point.class,
              Guarded.class,
              Timestamp.class)) {
        try {
          read(type, text);
        } catch (CodecException e) {
          java.io.StringWriter trace = new java.io.StringWriter();
          e.printStackTrace(new java.io.PrintWriter(trace));
          assertThat(trace.toString()).doesNotContain("secret").contains("json: ");
        }
      }
    }
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Samples.Point.class, "{\"x\":\"secret\"}"))
        .withMessage(
            "json: not a erpc.codec.Samples$Point, at character 5, at x: a value does not fit int");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(EchoRequest.class, "{\"msg\":[1,]}"))
        .withMessageContaining("at character 10");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> read(Guarded.class, "{\"hidden\":\"secret\"}"))
        .withMessageContaining("java.lang.IllegalArgumentException");
  }

  @Test
  void notANumberIsAString() {
    assertThat(write(Everything.newBuilder().setD(Double.NaN).build()))
        .isEqualTo("{\"d\":\"NaN\"}");
    assertThat(write(Map.of("d", Double.NEGATIVE_INFINITY))).isEqualTo("{\"d\":\"-Infinity\"}");
    assertThat(read(Everything.class, "{\"d\":\"NaN\"}").getD()).isNaN();
  }

  @Test
  void whatCannotBeWrittenIsRefused() {
    Map<String, Object> cycle = new HashMap<>();
    cycle.put("self", cycle);
    Everything deep = Everything.getDefaultInstance();
    for (int i = 0; i < 100_000; i++) {
      deep = Everything.newBuilder().setChild(deep).build();
    }
    List<Object> bad =
        List.of(
            cycle,
            deep,
            Any.newBuilder().setTypeUrl("x/y").build(),
            Timestamp.newBuilder().setNanos(-5).build(),
            List.of("\ud800"),
            new Throwing());
    for (Object message : bad) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(
              () -> json.write(BodyType.of(message.getClass()), message, new BufferSink(false)))
          .withMessageContaining(message.getClass().getName());
    }
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> write(new Throwing()))
        .havingCause()
        .withMessage("the getter's own fault");
  }
}
