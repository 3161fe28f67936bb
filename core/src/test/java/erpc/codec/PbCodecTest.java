package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import erpc.call.BodyType;
import erpc.fixture.EchoRequest;
import erpc.fixture.Everything;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PbCodecTest {
  private final Codec pb = Codecs.standard().byName("pb");

  private static ByteBuffer hex(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  @Test
  void bytesAreThoseOfProtobuf() {
    assertThat(BufferSink.bytes(pb, Samples.hello())).asHexString().isEqualTo("0A0568656C6C6F");
    assertThat(BufferSink.bytes(pb, EchoRequest.getDefaultInstance())).isEmpty();
  }

  @Test
  void unknownFieldsAreKept() {
    ByteBuffer bytes = hex("0a0568656c6c6f" + "f80105" + "8202036a6b6c");
    EchoRequest read = pb.read(BodyType.of(EchoRequest.class), bytes.duplicate());
    assertThat(ByteBuffer.wrap(BufferSink.bytes(pb, read))).isEqualTo(bytes);
  }

  @Test
  void dynamicMessagesAreWrittenButNotRead() {
    DynamicMessage message = DynamicMessage.newBuilder(Samples.everything()).build();
    assertThat(BufferSink.bytes(pb, message)).hasSameSizeAs(Samples.everything().toByteArray());
    for (Class<?> type :
        new Class<?>[] {DynamicMessage.class, Message.class, MessageLite.class, String.class}) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> pb.read(BodyType.of(type), hex("")))
          .withMessageContaining(type.getName());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0c",
        "0a0568656c6c6f0c",
        "f4010a00",
        "00",
        "0f",
        "0a01ff",
        "0a05",
        "ffffffffffffffffffff01"
      })
  void whatIsNoMessageIsRefused(String bytes) {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> pb.read(BodyType.of(EchoRequest.class), hex(bytes)))
        .withMessageContaining("not a erpc.fixture.EchoRequest, at byte ");
  }

  @Test
  void whatIsReadDoesNotLookIntoTheSourceLater() {
    byte[] bytes = Samples.everything().toByteArray();
    Everything read = pb.read(BodyType.of(Everything.class), ByteBuffer.wrap(bytes));
    java.util.Arrays.fill(bytes, (byte) 0);
    assertThat(read).isEqualTo(Samples.everything());
  }

  @Test
  void errorsDoNotQuoteTheBody() {
    byte[] bytes = "\n\u0006secretX".getBytes(StandardCharsets.UTF_8);
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> pb.read(BodyType.of(EchoRequest.class), ByteBuffer.wrap(bytes)))
        .satisfies(e -> assertThat(e.toString()).doesNotContain("secret"));
  }

  @Test
  void aMessageTooDeepToWriteIsRefused() {
    Everything deep = Everything.getDefaultInstance();
    for (int i = 0; i < 200_000; i++) {
      deep = Everything.newBuilder().setChild(deep).build();
    }
    Everything message = deep;
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> pb.write(BodyType.of(message.getClass()), message, new BufferSink(false)))
        .withMessageContaining("too deep");
  }

  @Test
  void otherObjectsAreRefused() {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> pb.write(BodyType.of(String.class), "text", new BufferSink(false)))
        .withMessageContaining("java.lang.String");
    assertThat(pb.supports(BodyType.of(String.class))).isFalse();
  }
}
