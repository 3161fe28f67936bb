package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import erpc.call.BodyType;
import erpc.call.Sink;
import erpc.fixture.EchoRequest;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodecsTest {
  private final Codecs codecs = Codecs.standard();

  record Named(String name, int id) implements Codec {
    @Override
    public boolean supports(BodyType<?> type) {
      return false;
    }

    @Override
    public void write(BodyType<?> type, Object message, Sink sink) {
      throw new CodecException("never");
    }

    @Override
    public <T> T read(BodyType<T> type, ByteBuffer source) {
      throw new CodecException("never");
    }
  }

  @Test
  void theNumbersOnTheWireStay() {
    assertThat(codecs.all()).extracting(Codec::name).containsExactly("pb", "json", "binary");
    assertThat(codecs.all()).extracting(Codec::id).containsExactly(1, 2, 5);
    assertThat(codecs.compressions())
        .extracting(Compression::name)
        .containsExactly("gzip", "zstd", "lz4");
    assertThat(codecs.compressions()).extracting(Compression::id).containsExactly(1, 2, 3);
  }

  @Test
  void codecsAreFoundByNameAndNumber() {
    for (Codec codec : codecs.all()) {
      assertThat(codecs.byId(codec.id())).isSameAs(codec).isSameAs(codecs.byName(codec.name()));
    }
    for (Compression compression : codecs.compressions()) {
      assertThat(codecs.compressionById(compression.id()))
          .isSameAs(compression)
          .isSameAs(codecs.compressionByName(compression.name()));
    }
  }

  @Test
  void unknownNumbersAreNullAndUnknownNamesSayWhatIsKnown() {
    for (int id : new int[] {Integer.MIN_VALUE, -1, 0, 3, 4, 6, 15, 16, Integer.MAX_VALUE}) {
      assertThat(codecs.byId(id)).isNull();
    }
    for (int id : new int[] {Integer.MIN_VALUE, -1, 0, 4, 15, 16, Integer.MAX_VALUE}) {
      assertThat(codecs.compressionById(id)).isNull();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codecs.byName("x\nml"))
        .withMessage("no codec is named 'x\\u000aml'; known are pb, json, binary");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codecs.compressionByName("br"))
        .withMessage("no compression is named 'br'; known are gzip, zstd, lz4");
  }

  @Test
  void aTypeHasADefault() {
    assertThat(codecs.forType(BodyType.of(EchoRequest.class)).name()).isEqualTo("pb");
    assertThat(codecs.forType(BodyType.of(byte[].class)).name()).isEqualTo("binary");
    assertThat(codecs.forType(BodyType.of(ByteBuffer.class)).name()).isEqualTo("binary");
    assertThat(codecs.forType(BodyType.of(String.class)).name()).isEqualTo("json");
    assertThat(codecs.forType(BodyType.of(Samples.Person.class)).name()).isEqualTo("json");
  }

  @Test
  void anotherCodecIsAddedToACopy() {
    Codec mine = new Named("mine", 8);
    Codecs more = codecs.with(mine);
    assertThat(more.byName("mine")).isSameAs(mine).isSameAs(more.byId(8));
    assertThat(more.byId(1)).isSameAs(codecs.byId(1));
    assertThat(codecs.byId(8)).isNull();
  }

  @Test
  void aTakenNameOrNumberIsRefused() {
    for (Codec clash : List.of(new Named("pb", 8), new Named("mine", 1), new Named("pb", 1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> codecs.with(clash))
          .withMessageContaining("pb (1)");
    }
    for (Codec outside :
        List.of(new Named("mine", 0), new Named("mine", 16), new Named("mine", -1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> codecs.with(outside))
          .withMessageContaining("1 to 15");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> codecs.with(new GzipCompression()));
  }

  @Test
  void aCodecIsReplacedOnlyOnPurpose() {
    Codec mine = new Named("json", 2);
    assertThat(codecs.replacing(mine).byId(2)).isSameAs(mine);
    assertThat(codecs.replacing(mine).all()).hasSameSizeAs(codecs.all());
    assertThatIllegalArgumentException().isThrownBy(() -> codecs.replacing(new Named("json", 3)));
    assertThatIllegalArgumentException().isThrownBy(() -> codecs.replacing(new Named("mine", 2)));
  }

  @Test
  void aDepthLimitOutOfRangeIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Codecs.standard(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Codecs.standard(1_001));
  }

  @Test
  void aMessageTooLargeForItsSinkIsToldApart() {
    for (Codec codec : codecs.all()) {
      for (Object sample : Samples.of(codec)) {
        if (BufferSink.bytes(codec, sample).length > 0) {
          assertThatExceptionOfType(CodecException.class)
              .isThrownBy(() ->
                  codec.write(BodyType.of(sample.getClass()), sample, new BufferSink(false, 0)))
              .matches(CodecException::isTooLarge);
        }
      }
    }
  }
}
