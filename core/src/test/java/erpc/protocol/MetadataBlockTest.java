package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Metadata;
import erpc.call.RpcException;
import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MetadataBlockTest {
  private static Metadata read(byte[] block) {
    ByteBuf in = Unpooled.wrappedBuffer(block);
    return MetadataBlock.read(in, in.writerIndex());
  }

  @Provide
  Arbitrary<Metadata> metadata() {
    Arbitrary<String> keys =
        Arbitraries.strings().withChars("abcz0189._-").ofMinLength(1).ofMaxLength(30);
    Arbitrary<byte[]> values = Arbitraries.bytes().array(byte[].class).ofMaxSize(60);
    return Combinators.combine(keys, values)
        .as(MetadataBlockTest::one)
        .list()
        .ofMaxSize(80)
        .map(all -> {
          Metadata.Builder builder = Metadata.builder();
          all.forEach(each -> builder.addRaw(each.key(), each.toBytes()));
          return builder.build();
        });
  }

  private static Metadata.Entry one(String key, byte[] value) {
    String binary = key + "-bin";
    return Metadata.EMPTY.with(binary, value).entries().get(0);
  }

  @Property(tries = 200)
  void whatIsWrittenIsReadAgain(@ForAll("metadata") Metadata metadata) {
    ByteBuf out = Unpooled.buffer();
    MetadataBlock.write(metadata, out);
    assertThat(out.readableBytes()).isEqualTo(metadata.encodedBytes());
    assertThat(MetadataBlock.read(out, out.writerIndex())).isEqualTo(metadata);
  }

  @Property(tries = 2_000)
  void anyBytesAreAValueOrAnError(@ForAll byte[] block) {
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
