package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.CallHead;
import erpc.protocol.ServerLoad;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The extension blocks of heads, as strangers may send them. */
class HeadExtensionsTest {
  private static final String REQUEST = "82 0001 000003e8";

  private static CallHead request(byte[] bytes) {
    CallHead head = new CallHead();
    RequestHead.read(head, Unpooled.wrappedBuffer(bytes), bytes.length);
    return head;
  }

  private static ResponseHead response(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    return ResponseHead.read(Wire.RESPONSE | Wire.END, in.readUnsignedByte(), in, bytes.length);
  }

  @Test
  void theLastOfTwoCounts() {
    assertThat(request(Frames.hex(REQUEST + "0006 010100 010102")).criticality())
        .isEqualTo(Criticality.SHEDDABLE);
    assertThat(response(Frames.hex("80 0014 0108 00000001 00000002 0108 00000003 00000004")).load)
        .isEqualTo(new ServerLoad(3, 4));
  }

  @Test
  void theNextCallSaysNothingOfTheLastOne() {
    CallHead head = new CallHead();
    byte[] said = Frames.hex("a2 0001 000003e8 0003 010103");
    RequestHead.read(head, Unpooled.wrappedBuffer(said), said.length);
    assertThat(head.criticality()).isEqualTo(Criticality.SHEDDABLE_LATER);
    assertThat(head.isRetried()).isTrue();
    assertThat(head.copy().criticality()).isEqualTo(Criticality.SHEDDABLE_LATER);
    assertThat(head.copy().isRetried()).isTrue();
    for (String next : new String[] {"02 0001 000003e8 05", "00 0001"}) {
      byte[] plain = Frames.hex(next);
      RequestHead.read(head, Unpooled.wrappedBuffer(plain), plain.length);
      assertThat(head.criticality()).isEqualTo(Criticality.DEFAULT);
      assertThat(head.isRetried()).isFalse();
    }
  }

  @Test
  void withAStatusThatIsOkTheyMeanNothing() {
    ResponseHead head = response(Frames.hex("c0 00000005 0002 0200"));
    assertThat(head.status).isEqualTo(Status.OK);
    assertThat(head.status.isPassedOn()).isFalse();
  }

  @Test
  void cutAnywhereTheyAreRefused() {
    byte[] whole = Frames.hex(REQUEST + "0009 010102 aa04 01020304");
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> request(cut)).isInstanceOf(ProtocolViolation.class);
    }
    assertThat(request(whole).criticality()).isEqualTo(Criticality.SHEDDABLE);
  }

  @Test
  void whateverIsInThemIsReadOrRefusedAndNothingBehindThemIsTouched() {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] block = new byte[random.nextInt(12)];
      random.nextBytes(block);
      for (int at = 0; at < block.length && random.nextInt(4) > 0; at++) {
        block[at] &= 3; // Known ids and short lengths.
      }
      byte[] length = Frames.u16(block.length);
      byte[] data = {5, 1, 2};
      read(Frames.concat(Frames.hex(REQUEST), length, block, data), true);
      read(Frames.concat(Frames.hex("80"), length, block, data), false);
    }
  }

  private static void read(byte[] bytes, boolean request) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    try {
      if (request) {
        RequestHead.read(new CallHead(), in, bytes.length);
      } else {
        ResponseHead unused = ResponseHead.read(in.readUnsignedByte(), in, bytes.length);
      }
    } catch (ProtocolViolation e) {
      return;
    }
    assertThat(in.readableBytes()).isEqualTo(3);
  }

  @Test
  void aHeadTakesNoMoreThanItSays() {
    Status status =
        Status.of(Status.Code.UNAVAILABLE, "é".repeat(300))
            .withDetails(new byte[500])
            .withRetryAfter(Duration.ofDays(1))
            .asPassedOn();
    Metadata metadata = Metadata.of("k", "v".repeat(100));
    ByteBuf out = Unpooled.buffer();
    ServerLoad load = new ServerLoad(1, 2);
    ResponseHead.write(out, status, metadata, metadata, 7, load);
    assertThat(out.readableBytes())
        .isLessThanOrEqualTo(ResponseHead.most(status, metadata, metadata));
    ResponseHead read = response(Frames.bytes(out));
    assertThat(read.load).isEqualTo(load);
    assertThat(read.status.isPassedOn()).isTrue();
    assertThat(read.status.retryAfter()).isEqualTo(Duration.ofDays(1));
  }
}
