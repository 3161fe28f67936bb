package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import erpc.call.BodyType;
import erpc.call.Sink;
import erpc.fixture.EchoRequest;
import erpc.fixture.Everything;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MessageBytesTest {
  private static final BodyType<EchoRequest> HELLO = BodyType.of(EchoRequest.class);
  private static final BodyType<Everything> EVERYTHING = BodyType.of(Everything.class);

  private static final int LIMIT = 1 << 20;

  private final Codec pb = Codecs.standard().byName("pb");

  private static byte[] bytes(MessageBytes written) {
    return Arrays.copyOf(written.array(), written.length());
  }

  private static Everything large(int bytes) {
    return Everything.newBuilder().setB(ByteString.copyFrom(new byte[bytes])).build();
  }

  @Test
  void aThreadWritesItsShortMessagesIntoTheSameArray() {
    MessageBytes first =
        MessageBytes.ofThread().encodeAgain(HELLO, Samples.hello(), pb, null, LIMIT);
    assertThat(first.ownership()).isEqualTo(Ownership.LENT);
    assertThat(bytes(first)).isEqualTo(Samples.hello().toByteArray());
    byte[] array = first.array();
    MessageBytes second =
        MessageBytes.ofThread().encodeAgain(EVERYTHING, Samples.everything(), pb, null, LIMIT);
    assertThat(second.array()).isSameAs(array);
    assertThat(bytes(second)).isEqualTo(Samples.everything().toByteArray());
  }

  @Test
  void aLongMessagesArrayIsNobodyElses() {
    MessageBytes one =
        MessageBytes.ofThread().encodeAgain(EVERYTHING, large(50_000), pb, null, LIMIT);
    assertThat(one.ownership()).isEqualTo(Ownership.GIVEN);
    byte[] array = one.array();
    MessageBytes other =
        MessageBytes.ofThread().encodeAgain(HELLO, Samples.hello(), pb, null, LIMIT);
    assertThat(other.ownership()).isEqualTo(Ownership.LENT);
    assertThat(other.array()).isNotSameAs(array);
  }

  @Test
  void oneThatIsUsedAgainLendsShortMessagesOnly() {
    MessageBytes again = MessageBytes.reusable(300);
    MessageBytes first = again.encodeAgain(HELLO, Samples.hello(), pb, null, LIMIT);
    assertThat(first.ownership()).isEqualTo(Ownership.LENT);
    byte[] array = first.array();
    MessageBytes longer = again.encodeAgain(EVERYTHING, large(300), pb, null, LIMIT);
    assertThat(longer.ownership()).isEqualTo(Ownership.GIVEN);
    assertThat(bytes(longer)).isEqualTo(large(300).toByteArray());
    MessageBytes next = again.encodeAgain(HELLO, Samples.hello(), pb, null, LIMIT);
    assertThat(next.array()).isSameAs(array);
    assertThat(bytes(next)).isEqualTo(Samples.hello().toByteArray());
    assertThat(bytes(longer)).isEqualTo(large(300).toByteArray());
  }

  @Test
  void whatWasCompressedIsNotLent() {
    Compression gzip = Codecs.standard().compressionByName("gzip");
    MessageBytes packed =
        MessageBytes.ofThread().encodeAgain(EVERYTHING, large(5_000), pb, gzip, LIMIT);
    assertThat(packed.ownership()).isEqualTo(Ownership.SHARED);
    assertThat(packed.length()).isLessThan(1_000);
    ByteBuffer source = ByteBuffer.wrap(packed.array(), 0, packed.length());
    assertThat(MessageBytes.decode(pb, gzip, source, EVERYTHING, LIMIT)).isEqualTo(large(5_000));
  }

  @Test
  void aMessageThatIsTooLongLeavesNothingBehind() {
    assertThatThrownBy(
            () -> MessageBytes.ofThread().encodeAgain(EVERYTHING, large(5_000), pb, null, 100))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("passes the limit of 100 bytes");
    assertThat(MessageBytes.ofThread().array().length).isLessThan(5_000);
    MessageBytes next =
        MessageBytes.ofThread().encodeAgain(HELLO, Samples.hello(), pb, null, LIMIT);
    assertThat(bytes(next)).isEqualTo(Samples.hello().toByteArray());
  }

  @Test
  void aCodecMayWriteAMessageWhileItWritesOne() {
    Codec nesting =
        new Codec() {
          @Override
          public String name() {
            return "nesting";
          }

          @Override
          public int id() {
            return 9;
          }

          @Override
          public boolean supports(BodyType<?> type) {
            return true;
          }

          @Override
          public void write(BodyType<?> type, Object message, Sink sink) {
            sink.write(1);
            MessageBytes inner =
                MessageBytes.ofThread().encodeAgain(HELLO, Samples.hello(), pb, null, LIMIT);
            sink.write(inner.array(), 0, inner.length());
          }

          @Override
          public <T> T read(BodyType<T> type, ByteBuffer source) {
            throw new UnsupportedOperationException();
          }
        };
    MessageBytes outer =
        MessageBytes.ofThread().encodeAgain(BodyType.of(String.class), "x", nesting, null, LIMIT);
    byte[] hello = Samples.hello().toByteArray();
    assertThat(outer.length()).isEqualTo(1 + hello.length);
    assertThat(Arrays.copyOfRange(outer.array(), 1, outer.length())).isEqualTo(hello);
  }
}
