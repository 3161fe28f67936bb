package erpc.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** For every registered compression. */
@Timeout(120)
class CompressionTest {
  private static final int LIMIT = 4 << 20;
  private static final int MIB = 1 << 20;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Stream<Compression> compressions() {
    return Codecs.standard().compressions().stream();
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] text(int size) {
    return "line after line, word for word. "
        .repeat(size / 32 + 1)
        .substring(0, size)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static byte[] compressed(Compression compression, byte[] body) {
    return array(compression.compress(ByteBuffer.wrap(body)));
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void whatWasCompressedComesOutAgain(Compression compression) {
    for (int size :
        new int[] {0, 1, 2, 100, 255, 256, 257, 65_535, 65_536, 65_537, 262_145, 1_000_000}) {
      for (byte[] body : List.of(new byte[size], text(size), random(size, size))) {
        for (ByteBuffer source : RoundTripTest.buffersOf(body)) {
          byte[] frame = array(compression.compress(source));
          assertThat(frame).as("deterministic").isEqualTo(compressed(compression, body));
          for (ByteBuffer in : RoundTripTest.buffersOf(frame)) {
            assertThat(array(compression.decompress(in, size))).isEqualTo(body);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void aTextBecomesShorter(Compression compression) {
    assertThat(compressed(compression, text(100_000))).hasSizeLessThan(2_000);
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void oneByteMoreThanTheLimitIsTooLarge(Compression compression) {
    for (int size : new int[] {1, 255, 256, 65_536, 65_537, 200_000}) {
      for (byte[] body : List.of(text(size), random(size, 1))) {
        ByteBuffer frame = ByteBuffer.wrap(compressed(compression, body));
        assertThatExceptionOfType(CodecException.class)
            .isThrownBy(() -> compression.decompress(frame.duplicate(), size - 1))
            .matches(CodecException::isTooLarge);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void aBombStopsAtTheLimitAndAllocatesNoMore(Compression compression) {
    ByteBuffer bomb = compression.compress(ByteBuffer.allocate(64 * MIB));
    for (int limit : new int[] {0, 1_000, MIB, 4 * MIB}) {
      for (ByteBuffer source :
          List.of(
              bomb.duplicate(),
              ByteBuffer.allocateDirect(bomb.remaining()).put(bomb.duplicate()).flip())) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatExceptionOfType(CodecException.class)
            .isThrownBy(() -> compression.decompress(source, limit))
            .matches(CodecException::isTooLarge);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan((long) limit + bomb.remaining() + 512 * 1024);
      }
    }
  }

  /** Has room for so many bytes. */
  private static final class Counted implements Room {
    private final long most;
    private long taken;

    Counted(long most) {
      this.most = most;
    }

    @Override
    public boolean take(int bytes) {
      if (taken + bytes > most) {
        return false;
      }
      taken += bytes;
      return true;
    }

    @Override
    public void giveBack(long bytes) {
      taken -= bytes;
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void whatComesOutIsCountedBeforeThereIsMemoryForIt(Compression compression) {
    for (int size : new int[] {1, 1_000, 70_000, 3 * MIB}) {
      ByteBuffer frame = compression.compress(ByteBuffer.allocate(size));
      Counted enough = new Counted(2L * size + 4_096 + 128 * 1024);
      ByteBuffer body = compression.decompress(frame.duplicate(), LIMIT, enough);
      assertThat(body.remaining()).isEqualTo(size);
      assertThat(enough.taken).isBetween((long) size, 2L * size + 1_024);
      Counted little = new Counted(size - 1);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> compression.decompress(frame.duplicate(), LIMIT, little))
          .withMessageContaining("no room")
          .matches(CodecException::isTooLarge);
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).isLessThan(size + frame.remaining() + 512 * 1024);
    }
  }

  /** As of a user's, which doesn't know of room. */
  @Test
  void aCompressionThatDoesNotCountNeedsRoomForAllThatMayComeOut() {
    Compression gzip = compressions().findFirst().orElseThrow();
    Compression plain =
        new Compression() {
          @Override
          public String name() {
            return "plain";
          }

          @Override
          public int id() {
            return 9;
          }

          @Override
          public ByteBuffer compress(ByteBuffer source) {
            return gzip.compress(source);
          }

          @Override
          public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
            return gzip.decompress(source, limitBytes);
          }
        };
    ByteBuffer frame = plain.compress(ByteBuffer.allocate(1_000));
    Counted room = new Counted(5_000);
    assertThat(plain.decompress(frame.duplicate(), 5_000, room).remaining()).isEqualTo(1_000);
    assertThat(room.taken).isEqualTo(1_000);
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> plain.decompress(frame.duplicate(), 4_001, room))
        .withMessageContaining("no room");
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void everyTruncationIsRefused(Compression compression) {
    for (byte[] body : List.of(new byte[0], text(500), random(300, 3))) {
      byte[] frame = compressed(compression, body);
      for (int length = 0; length < frame.length; length++) {
        for (ByteBuffer source : RoundTripTest.buffersOf(Arrays.copyOf(frame, length))) {
          assertThatExceptionOfType(CodecException.class)
              .as("first %s bytes", length)
              .isThrownBy(() -> compression.decompress(source, LIMIT))
              .matches(e -> !e.isTooLarge());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void everyBitFlipIsABodyOrRefused(Compression compression) {
    for (byte[] body : List.of(new byte[0], text(500), random(300, 3), new byte[100_000])) {
      byte[] frame = compressed(compression, body);
      for (int bit = 0; bit < frame.length * 8; bit++) {
        byte[] flipped = frame.clone();
        flipped[bit >> 3] ^= (byte) (1 << (bit & 7));
        ByteBuffer source = RoundTripTest.bufferOf(flipped, bit);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
          assertThat(compression.decompress(source, 200_000).remaining())
              .isLessThanOrEqualTo(200_000);
        } catch (CodecException e) {
          assertThat(e.getMessage()).startsWith(compression.name());
        }
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
            .isLessThan(2 * 200_000 + 512 * 1024);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void randomBytesAreRefused(Compression compression) {
    SplittableRandom random = new SplittableRandom(11);
    byte[] start = compressed(compression, text(64));
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = random(random.nextInt(80), i);
      System.arraycopy(start, 0, bytes, 0, Math.min(random.nextInt(8), bytes.length));
      try {
        compression.decompress(ByteBuffer.wrap(bytes), LIMIT);
      } catch (CodecException e) {
        assertThat(e.getMessage()).startsWith(compression.name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void whatFollowsTheFrameIsRefused(Compression compression) {
    byte[] frame = compressed(compression, text(100));
    byte[] garbage = Arrays.copyOf(frame, frame.length + 1);
    byte[] twice = ByteBuffer.allocate(2 * frame.length).put(frame).put(frame).array();
    for (byte[] bytes : List.of(garbage, twice)) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> compression.decompress(ByteBuffer.wrap(bytes), LIMIT))
          .withMessageContaining("follow the end");
    }
  }

  /** Made by gzip 1.12, zstd 1.5.4 and lz4 1.9.4 on a command line. */
  @ParameterizedTest
  @CsvSource({
    "gzip, 1f8b0800000000000003cb48cdc9c957c8c04e0200f6d253381d000000",
    "gzip, 1f8b0808af93036b000368656c6c6f00cb48cdc9c957c8c04e0200f6d253381d000000",
    "zstd, 28b52ffd241d6500003068656c6c6f200100a94b11874e200a",
    "lz4, 04224d186440a70f0000006e68656c6c6f2006005068656c6c6f0000000079b1fff9",
  })
  void framesOfOtherProgramsAreRead(String name, String hex) {
    ByteBuffer body =
        Codecs.standard()
            .compressionByName(name)
            .decompress(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), LIMIT);
    assertThat(new String(array(body), StandardCharsets.US_ASCII))
        .isEqualTo("hello hello hello hello hello");
  }

  /**
   * Linked blocks of 64 KiB, block checksums, content size and checksum: {@code lz4 -B4 -BD -BX
   * --content-size}.
   */
  @Test
  void linkedLz4BlocksAreRead() throws Exception {
    StringBuilder lines = new StringBuilder();
    long x = 1;
    for (int i = 0; i < 20_000; i++) {
      x = (x * 1103515245 + 12345) & 0x7fffffff;
      lines.append("line ").append(x % 50).append(';');
    }
    byte[] frame = CompressionTest.class.getResourceAsStream("lines.lz4").readAllBytes();
    Compression lz4 = Codecs.standard().compressionByName("lz4");
    assertThat(array(lz4.decompress(ByteBuffer.wrap(frame), LIMIT)))
        .isEqualTo(lines.toString().getBytes(StandardCharsets.US_ASCII));
    for (int bit = 80; bit < frame.length * 8; bit += 1_009) {
      byte[] flipped = frame.clone();
      flipped[bit >> 3] ^= (byte) (1 << (bit & 7));
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> lz4.decompress(ByteBuffer.wrap(flipped), LIMIT));
    }
  }

  @Test
  void zstdWindowsBeyondEightMebibytesAreRefused() {
    Compression zstd = Codecs.standard().compressionByName("zstd");
    ByteBuffer eight = ByteBuffer.wrap(HexFormat.of().parseHex("28b52ffd0068010000"));
    ByteBuffer sixteen = ByteBuffer.wrap(HexFormat.of().parseHex("28b52ffd0070010000"));
    assertThat(zstd.decompress(eight, LIMIT).remaining()).isZero();
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> zstd.decompress(sixteen, LIMIT));
  }

  @Test
  void zstdFramesThatNeedADictionarySaySo() {
    byte[] dictionary = "a dictionary of words: hello, world".repeat(20).getBytes(US_ASCII);
    byte[] hello = "hello, world: a dictionary of words".repeat(3).getBytes(US_ASCII);
    byte[] unnamed = com.github.luben.zstd.Zstd.compressUsingDict(hello, dictionary, 3);
    byte[] named = new byte[unnamed.length + 1];
    System.arraycopy(unnamed, 0, named, 0, 5);
    named[4] |= 1; // One byte names the dictionary; there is no window before it.
    named[5] = 7;
    System.arraycopy(unnamed, 5, named, 6, unnamed.length - 5);
    assertThat(unnamed[4] & 0x23).isEqualTo(0x20);
    Compression zstd = Codecs.standard().compressionByName("zstd");
    for (byte[] frame : List.of(named, unnamed)) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> zstd.decompress(ByteBuffer.wrap(frame), LIMIT))
          .withMessageContaining("needs a dictionary");
    }
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> zstd.decompress(ByteBuffer.wrap(named, 0, 5), LIMIT));
  }

  @Test
  void lz4FramesThatClaimMoreThanTheLimitAreRefusedByTheirHeader() {
    Compression lz4 = Codecs.standard().compressionByName("lz4");
    byte[] frame = array(lz4.compress(ByteBuffer.wrap("hello".getBytes(US_ASCII))));
    for (long claimed : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, LIMIT + 1}) {
      ByteBuffer lying = ByteBuffer.wrap(frame.clone()).order(ByteOrder.LITTLE_ENDIAN);
      lying.putLong(6, claimed);
      int checksum =
          net.jpountz.xxhash.XXHashFactory.safeInstance().hash32().hash(lying.array(), 4, 10, 0);
      lying.put(14, (byte) (checksum >> 8));
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> lz4.decompress(lying, LIMIT))
          .matches(CodecException::isTooLarge);
    }
  }

  @Test
  void skippableFramesAreNoBody() {
    for (String hex : List.of("502a4d1800000000", "502a4d180100000000")) {
      for (String name : List.of("zstd", "lz4")) {
        assertThatExceptionOfType(CodecException.class)
            .isThrownBy(() ->
                Codecs.standard()
                    .compressionByName(name)
                    .decompress(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), LIMIT));
      }
    }
  }

  @Test
  void gzipHeadersMayHaveEveryField() {
    byte[] body = HexFormat.of().parseHex("cb48cdc9c957c8c04e0200f6d253381d000000");
    byte[] head = HexFormat.of().parseHex("1f8b081e0000000000ff" + "0200aabb" + "6e00" + "6300");
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(head);
    ByteBuffer frame =
        ByteBuffer.allocate(head.length + 2 + body.length)
            .put(head)
            .put((byte) crc.getValue())
            .put((byte) (crc.getValue() >> 8))
            .put(body)
            .flip();
    Compression gzip = Codecs.standard().compressionByName("gzip");
    assertThat(gzip.decompress(frame.duplicate(), LIMIT).remaining()).isEqualTo(29);
    frame.put(4, (byte) 1);
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> gzip.decompress(frame.duplicate(), LIMIT));
  }
}
