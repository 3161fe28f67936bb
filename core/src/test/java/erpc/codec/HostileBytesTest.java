package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.BodyType;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What robustness promises about bytes from strangers, for every registered codec. */
@Timeout(120)
class HostileBytesTest {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int SMALL_STACK_BYTES = 512 * 1024;

  static Stream<Arguments> samples() {
    return RoundTripTest.samples();
  }

  static Stream<Arguments> nestings() {
    return Codecs.standard().all().stream()
        .flatMap(codec ->
            Samples.nested(codec).entrySet().stream()
                .map(way -> Arguments.of(codec, way.getKey(), way.getValue())));
  }

  static Stream<Codec> codecs() {
    return Codecs.standard().all().stream();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyTruncationIsAValueOrRefused(Codec codec, Object sample) {
    byte[] bytes = BufferSink.bytes(codec, sample);
    for (int length = 0; length < bytes.length; length++) {
      readAsEveryBuffer(codec, Samples.typeOf(sample), Arrays.copyOf(bytes, length));
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyBitFlipIsAValueOrRefused(Codec codec, Object sample) {
    byte[] bytes = BufferSink.bytes(codec, sample);
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] ^= (byte) (1 << (bit & 7));
      read(codec, Samples.typeOf(sample), RoundTripTest.bufferOf(bytes.clone(), bit));
      bytes[bit >> 3] ^= (byte) (1 << (bit & 7));
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void randomBytesAreAValueOrRefused(Codec codec, Object sample) {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      readAsEveryBuffer(codec, Samples.typeOf(sample), bytes);
    }
  }

  /** Anything but a value or a CodecException leaves this method and fails the test. */
  private static void readAsEveryBuffer(Codec codec, Class<?> type, byte[] bytes) {
    for (ByteBuffer source : RoundTripTest.buffersOf(bytes)) {
      read(codec, type, source);
    }
  }

  private static Object read(Codec codec, Class<?> type, ByteBuffer source) {
    try {
      Object value = codec.read(BodyType.of(type), source);
      assertThat(value).isInstanceOf(type);
      return value;
    } catch (CodecException e) {
      assertThat(e.getMessage()).isNotBlank();
      return e;
    }
  }

  @ParameterizedTest
  @MethodSource("nestings")
  void nestingUpToTheLimitIsReadAndBeyondIsRefusedOnASmallStack(
      Codec codec, String way, Samples.Nested nested) {
    for (int depth : new int[] {1, 99, 100}) {
      assertThat(
              onSmallStack(
                  () -> read(codec, nested.type(), ByteBuffer.wrap(nested.bytes().of(depth)))))
          .as("depth %s", depth)
          .isInstanceOf(nested.type());
    }
    for (int depth : new int[] {101, 102, 1_000, 100_000}) {
      assertThat(
              onSmallStack(
                  () -> read(codec, nested.type(), ByteBuffer.wrap(nested.bytes().of(depth)))))
          .as("depth %s", depth)
          .isInstanceOf(CodecException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("nestings")
  void theDepthLimitIsASetting(Codec codec, String way, Samples.Nested nested) {
    Codec shallow = Codecs.standard(3).byName(codec.name());
    assertThat(read(shallow, nested.type(), ByteBuffer.wrap(nested.bytes().of(3))))
        .isInstanceOf(nested.type());
    assertThat(read(shallow, nested.type(), ByteBuffer.wrap(nested.bytes().of(4))))
        .isInstanceOf(CodecException.class);
  }

  private static Object onSmallStack(java.util.function.Supplier<Object> task) {
    AtomicReference<Object> outcome = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                outcome.set(task.get());
              } catch (Throwable e) {
                outcome.set(e);
              }
            },
            "small stack",
            SMALL_STACK_BYTES);
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return outcome.get();
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void declaredSizesAllocateNothing(Codec codec) {
    for (Claim claim : claims(codec)) {
      for (ByteBuffer source : RoundTripTest.buffersOf(claim.bytes())) {
        read(codec, claim.type(), source.duplicate());
        long before = THREADS.getCurrentThreadAllocatedBytes();
        read(codec, claim.type(), source.duplicate());
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as(claim.what()).isLessThan(64L * claim.bytes().length + 64 * 1024);
      }
    }
  }

  record Claim(String what, Class<?> type, byte[] bytes) {}

  record Numbers(int i, long l, double d, java.math.BigInteger big, java.math.BigDecimal decimal) {}

  /** Short inputs that speak of a lot. */
  private static List<Claim> claims(Codec codec) {
    List<Claim> claims = new ArrayList<>();
    switch (codec.name()) {
      case "pb" -> {
        for (int field = 1; field <= 30; field++) {
          byte[] tag =
              field < 16
                  ? new byte[] {(byte) ((field << 3) | 2)}
                  : new byte[] {(byte) (((field << 3) & 0x7f) | 0x82), 1};
          ByteBuffer bytes =
              ByteBuffer.allocate(tag.length + 5).put(tag).put(new byte[] {-1, -1, -1, -1, 7});
          claims.add(
              new Claim("2 GiB in field " + field, erpc.fixture.Everything.class, bytes.array()));
        }
      }
      case "json" -> {
        for (String number :
            List.of("1e999999999", "-1e-999999999", "1e2147483647", "9".repeat(100_000))) {
          for (String field :
              List.of("i32", "i64", "u32", "u64", "d", "f", "color", "packed", "s")) {
            claims.add(claim(field, erpc.fixture.Everything.class, field, number));
            claims.add(claim(field, erpc.fixture.Everything.class, field, "\"" + number + "\""));
          }
          for (String field : List.of("i", "l", "d", "big", "decimal")) {
            claims.add(claim(field, Numbers.class, field, number));
            claims.add(claim(field, Numbers.class, field, "\"" + number + "\""));
          }
          claims.add(claim("map", java.util.Map.class, "x", number));
          claims.add(claim("struct", com.google.protobuf.Struct.class, "x", number));
        }
      }
      case "binary" -> claims.add(new Claim("has no sizes", byte[].class, new byte[0]));
      default ->
          throw new AssertionError("say what codec " + codec.name() + " can be told of sizes");
    }
    return claims;
  }

  private static Claim claim(String what, Class<?> type, String field, String value) {
    byte[] bytes =
        ("{\"" + field + "\":" + value + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new Claim(what + " " + value.substring(0, Math.min(14, value.length())), type, bytes);
  }
}
