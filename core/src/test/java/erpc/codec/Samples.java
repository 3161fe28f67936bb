package erpc.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import erpc.fixture.Color;
import erpc.fixture.EchoRequest;
import erpc.fixture.Everything;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Messages of every kind, for each codec that is registered. A codec without samples fails the
 * tests that enumerate.
 */
final class Samples {
  record Point(int x, int y) {}

  record Person(
      String name,
      long id,
      double weight,
      boolean alive,
      List<Point> path,
      Map<String, Integer> marks,
      Person friend,
      BigDecimal balance,
      Color color) {}

  private static final Map<String, List<Object>> BY_CODEC =
      Map.of(
          "pb", List.of(everything(), hello(), EchoRequest.getDefaultInstance(), struct()),
          "json",
              List.of(
                  everything(),
                  hello(),
                  EchoRequest.getDefaultInstance(),
                  struct(),
                  Timestamp.newBuilder().setSeconds(1).build(),
                  person(),
                  new Point(1, -2),
                  Map.of("a", 1),
                  Map.of(),
                  List.of("x", "y"),
                  List.of(),
                  "text – 文 😀",
                  ""),
          "binary",
              List.of(new byte[] {0, -1, 127}, new byte[0], ByteBuffer.wrap(new byte[] {1, 2})));

  private Samples() {}

  static List<Object> of(Codec codec) {
    List<Object> samples = BY_CODEC.get(codec.name());
    if (samples == null) {
      throw new AssertionError(
          "codec " + codec.name() + " is registered but has no samples in Samples");
    }
    return samples;
  }

  static Class<?> typeOf(Object message) {
    return Stream.of(Map.class, List.class, ByteBuffer.class)
        .filter(type -> type.isInstance(message))
        .<Class<?>>map(type -> type)
        .findFirst()
        .orElse(message.getClass());
  }

  static EchoRequest hello() {
    return EchoRequest.newBuilder().setMsg("hello").build();
  }

  static Everything everything() {
    Everything leaf = Everything.newBuilder().setI32(-1).setText("leaf").build();
    return leaf.toBuilder()
        .setI32(Integer.MIN_VALUE)
        .setI64(Long.MIN_VALUE)
        .setD(-1.5e300)
        .setS("schön 文 😀 \u0000\"\\")
        .setB(ByteString.copyFrom(new byte[] {0, -1, 1}))
        .addPacked(1)
        .addPacked(-1)
        .addPacked(300)
        .putMap("k", Long.MAX_VALUE)
        .putMap("", 0)
        .setChild(leaf)
        .addChildren(leaf)
        .addChildren(Everything.getDefaultInstance())
        .setU32(-1)
        .setU64(-1)
        .setS32(-5)
        .setS64(-6)
        .setF32(7)
        .setF64(8)
        .setSf32(-9)
        .setSf64(-10)
        .setF(Float.MIN_VALUE)
        .setFlag(true)
        .setColor(Color.BLUE)
        .setMaybe(0)
        .addStrings("")
        .addStrings("s")
        .addColors(Color.RED)
        .addColors(Color.NONE)
        .addUnpacked(-3)
        .putNested(-4, leaf)
        .setOther(leaf)
        .build();
  }

  static Struct struct() {
    return Struct.newBuilder()
        .putFields("n", Value.newBuilder().setNumberValue(1.25).build())
        .putFields("s", Value.newBuilder().setStringValue("x").build())
        .build();
  }

  static Person person() {
    Person friend =
        new Person("b", 2, 0, false, List.of(), Map.of(), null, BigDecimal.ONE, Color.NONE);
    return new Person(
        "a\n\"",
        Long.MIN_VALUE,
        Double.NaN,
        true,
        List.of(new Point(1, 2)),
        Map.of("m", 3),
        friend,
        new BigDecimal("1.50"),
        Color.RED);
  }

  /** A protobuf message of this depth, as bytes, built from the inside out. */
  static byte[] nestedPb(int depth) {
    List<byte[]> heads = new ArrayList<>();
    int size = 0;
    for (int i = 1; i < depth; i++) {
      byte[] head = head(8 << 3 | 2, size);
      heads.add(head);
      size += head.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    for (int i = heads.size() - 1; i >= 0; i--) {
      out.put(heads.get(i));
    }
    return out.array();
  }

  private static byte[] head(int tag, int length) {
    ByteBuffer head = ByteBuffer.allocate(6).put((byte) tag);
    int rest = length;
    for (; rest > 127; rest >>>= 7) {
      head.put((byte) (rest | 0x80));
    }
    head.put((byte) rest);
    byte[] bytes = new byte[head.position()];
    head.flip().get(bytes);
    return bytes;
  }

  /**
   * Every way in which this codec's messages can be nested: the type to read, and the bytes of a
   * depth.
   */
  static Map<String, Nested> nested(Codec codec) {
    Map<String, Nested> ways = new LinkedHashMap<>();
    switch (codec.name()) {
      case "pb" -> {
        ways.put("child", new Nested(Everything.class, Samples::nestedPb));
        ways.put("unknown groups", new Nested(Everything.class, depth -> groups(depth - 1)));
      }
      case "json" -> {
        ways.put(
            "child", new Nested(Everything.class, depth -> json("{\"child\":", "{}", "}", depth)));
        ways.put(
            "unknown",
            new Nested(Everything.class, depth -> json("{\"unheard\":", "{}", "}", depth)));
        ways.put("struct", new Nested(Struct.class, depth -> json("{\"a\":", "{}", "}", depth)));
        ways.put("map", new Nested(Map.class, depth -> json("{\"a\":", "{}", "}", depth)));
        ways.put("list", new Nested(List.class, depth -> json("[", "[]", "]", depth)));
        ways.put("object", new Nested(Object.class, depth -> json("[", "[]", "]", depth)));
        ways.put(
            "record", new Nested(Person.class, depth -> json("{\"friend\":", "{}", "}", depth)));
        ways.put(
            "unknown of a record",
            new Nested(Point.class, depth -> json("{\"unheard\":", "{}", "}", depth)));
      }
      case "binary" -> {}
      default ->
          throw new AssertionError(
              "say in Samples how messages of codec " + codec.name() + " are nested");
    }
    return ways;
  }

  private static byte[] groups(int count) {
    byte[] bytes = new byte[2 * count];
    Arrays.fill(bytes, 0, count, (byte) (5 << 3 | 3));
    Arrays.fill(bytes, count, bytes.length, (byte) (5 << 3 | 4));
    return bytes;
  }

  private static byte[] json(String open, String core, String close, int depth) {
    return (open.repeat(depth - 1) + core + close.repeat(depth - 1))
        .getBytes(StandardCharsets.UTF_8);
  }

  interface Bytes {
    byte[] of(int depth);
  }

  record Nested(Class<?> type, Bytes bytes) {}
}
