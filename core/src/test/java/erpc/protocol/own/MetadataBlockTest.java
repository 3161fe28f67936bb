package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.Tries;
import erpc.call.Metadata;
import erpc.call.RpcException;
import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class MetadataBlockTest {
  private static Metadata read(byte[] block) {
    ByteBuf in = Unpooled.wrappedBuffer(block);
    return MetadataBlock.read(in, in.writerIndex());
  }

  private static Metadata metadata(RandomGenerator chance) {
    Metadata.Builder builder = Metadata.builder();
    for (int left = chance.nextInt(81); left > 0; left--) {
      builder.addRaw(key(chance) + "-bin", bytes(chance, 60));
    }
    return builder.build();
  }

  private static String key(RandomGenerator chance) {
    String letters = "abcz0189._-";
    StringBuilder key = new StringBuilder();
    for (int left = chance.nextInt(1, 31); left > 0; left--) {
      key.append(letters.charAt(chance.nextInt(letters.length())));
    }
    return key.toString();
  }

  private static byte[] bytes(RandomGenerator chance, int most) {
    byte[] bytes = new byte[chance.nextInt(most + 1)];
    chance.nextBytes(bytes);
    return bytes;
  }

  /**
   * Bytes that mean nothing, small ones among them, or what metadata become with a few of them
   * changed.
   */
  private static byte[] block(RandomGenerator chance) {
    if (chance.nextBoolean()) {
      byte[] bytes = bytes(chance, 255);
      int mask = chance.nextBoolean() ? 0xff : 0x0f;
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= (byte) mask;
      }
      return bytes;
    }
    ByteBuf out = Unpooled.buffer();
    MetadataBlock.write(metadata(chance), out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    for (int left = chance.nextInt(4); left > 0 && bytes.length > 0; left--) {
      bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt();
    }
    return bytes;
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Tries.of(
        200,
        chance -> {
          Metadata metadata = metadata(chance);
          ByteBuf out = Unpooled.buffer();
          MetadataBlock.write(metadata, out);
          assertThat(out.readableBytes()).isEqualTo(metadata.encodedBytes());
          assertThat(MetadataBlock.read(out, out.writerIndex())).isEqualTo(metadata);
        });
  }

  @Test
  void anyBytesAreAValueOrAnError() {
    Tries.of(2_000, chance -> isAValueOrAnError(block(chance)));
  }

  private static void isAValueOrAnError(byte[] block) {
    try {
      Metadata metadata = read(block);
      assertThat(metadata.size()).isLessThanOrEqualTo(block.length);
    } catch (ProtocolViolation e) {
      assertThat(e.getMessage()).isNotEmpty();
    } catch (RpcException e) {
      assertThat(e.code()).isIn(Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED);
    }
  }

  @Test
  void takesAsMuchAsTheLimitsAllow() {
    byte[] block = new byte[0];
    for (int i = 0; i < Metadata.MAX_ENTRIES; i++) {
      block = Frames.concat(block, Frames.entry("k"));
    }
    assertThat(read(block).size()).isEqualTo(Metadata.MAX_ENTRIES);
    byte[] more = Frames.concat(block, Frames.entry("k"));
    assertThatThrownBy(() -> read(more))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
  }

  @Test
  void escapesWhatItSaysOfABadKey() {
    assertThatThrownBy(() -> read(Frames.entry("a\n\u001b", (byte) 1)))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.status().message()).doesNotContain("\n").doesNotContain("\u001b");
            });
  }
}
