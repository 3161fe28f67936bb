package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.hex;
import static erpc.protocol.own.Frames.ok;
import static erpc.protocol.own.Frames.reset;
import static erpc.protocol.own.Frames.text;
import static erpc.protocol.own.Frames.u16;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client refuses what no server may send: it closes the connection, or ends one call. */
class BadServersTest {
  private static final int LAST = Wire.RESPONSE | Wire.END;

  private TestClient client = TestClient.greeted();

  @AfterEach
  void leavesNothingBehind() {
    client.finish();
  }

  @Test
  void takesAnUnknownCodeForUnknown() {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.receive(frame(LAST, 1, hex("01 63 0000")));
    assertThat(call.code()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(call.started()).isEqualTo(Status.Started.YES);
  }

  static Stream<Arguments> badReplies() {
    return Stream.of(
        Arguments.of("OK without a message", Status.Code.INTERNAL, frame(LAST, 1, hex("00"))),
        Arguments.of(
            "END and MORE",
            Status.Code.INTERNAL,
            frame(LAST | Wire.MORE, 1, hex("00 05 00000002 61"))),
        Arguments.of(
            "END and MORE on a second part",
            Status.Code.INTERNAL,
            concat(
                data(Wire.MORE, 1, hex("05 00000003 61")),
                frame(LAST | Wire.MORE, 1, hex("00 62")))),
        Arguments.of(
            "a whole message before the status", Status.Code.INTERNAL, data(0, 1, hex("05 61"))),
        Arguments.of(
            "less than announced",
            Status.Code.INTERNAL,
            concat(data(Wire.MORE, 1, hex("05 00000003 61")), frame(LAST, 1, hex("00 62")))),
        Arguments.of(
            "more than announced",
            Status.Code.INTERNAL,
            data(Wire.MORE, 1, hex("05 00000001 6162"))),
        Arguments.of(
            "total over the limit",
            Status.Code.RESOURCE_EXHAUSTED,
            data(Wire.MORE, 1, hex("05 00400001"))),
        Arguments.of(
            "total of 2^32 - 1",
            Status.Code.RESOURCE_EXHAUSTED,
            data(Wire.MORE, 1, hex("05 ffffffff"))),
        Arguments.of("reset", Status.Code.UNAVAILABLE, reset(1, 14)),
        Arguments.of("reset with OK", Status.Code.CANCELLED, reset(1, 0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badReplies")
  void endsACallWithABadReplyAndGoesOn(String why, Status.Code code, byte[] bytes) {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.receive(bytes);
    assertThat(call.code()).isEqualTo(code);
    TestClient.Call next = client.call("demo.echo", new byte[0]);
    client.receive(data(Wire.MORE, 1, new byte[9]), ok(1), credit(1, 3), reset(1, 2));
    client.receive(ok(2, (byte) 'x'));
    assertThat(next.code()).isEqualTo(Status.Code.OK);
    assertThat(next.reply).containsExactly('x');
    assertThat(client.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void takesOnlyRepliesWithinItsLimit() {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    call.maxReply = 3;
    client.receive(ok(1, new byte[4]));
    assertThat(call.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  static Stream<Arguments> violations() {
    return Stream.of(
        Arguments.of("RESPONSE never opened", ok(2)),
        Arguments.of("RESPONSE of a huge stream", ok(-1)),
        Arguments.of("DATA never opened", data(0, 2, (byte) 5)),
        Arguments.of("CREDIT never opened", credit(2, 1)),
        Arguments.of("RESET never opened", reset(2, 1)),
        Arguments.of("REQUEST from a server", Frames.request(2, "a.b")),
        Arguments.of("AUTH from a server", frame(Wire.AUTH, 0, new byte[3])),
        Arguments.of("empty RESPONSE", frame(LAST, 1)),
        Arguments.of("status cut", frame(LAST, 1, hex("01"))),
        Arguments.of("text cut", frame(LAST, 1, hex("01 05 0004 61"))),
        Arguments.of("details cut", frame(LAST, 1, hex("02 0004 61"))),
        Arguments.of("headers cut", frame(LAST, 1, hex("04 0004 61"))),
        Arguments.of("trailers cut", frame(LAST, 1, hex("08 0004 61"))),
        Arguments.of("route cut", frame(LAST, 1, hex("20 00"))),
        Arguments.of("wait cut", frame(LAST, 1, hex("40 000000"))),
        Arguments.of("extension cut", frame(LAST, 1, hex("80 0001"))),
        Arguments.of("bad metadata", frame(LAST, 1, hex("08 0005 01 41 0001 61"))),
        Arguments.of(
            "head of 16,385 bytes",
            frame(LAST, 1, concat(hex("80"), u16(16_382), new byte[16_382], hex("05")))),
        Arguments.of("GOAWAY cut", frame(Wire.GOAWAY, 0, new byte[6])),
        Arguments.of("GOAWAY's text cut", frame(Wire.GOAWAY, 0, hex("00000001 0e 0002 61"))),
        Arguments.of("PING of 7 bytes", frame(Wire.PING, 0, new byte[7])),
        Arguments.of("CREDIT over 2^31 - 1", credit(0, 0x7fff_ffffL)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("violations")
  void refusesWhatBreaksTheProtocol(String why, byte[] bytes) {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.sent();
    client.receive(bytes);
    assertThat(call.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(call.started()).isEqualTo(Status.Started.MAYBE);
    Frames.Frame last = client.sent().get(0);
    assertThat(last.type()).isEqualTo(Wire.GOAWAY);
    client.advance(Duration.ofSeconds(3));
    assertThat(client.isOpen()).isFalse();
    assertThat(client.connection.isUsable()).isFalse();
  }

  @Test
  void takesResponseHeadsUpToTheirLimit() {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    byte[] extensions = new byte[16_381];
    for (int at = 0; at < extensions.length; at += 2 + (extensions[at + 1] & 0xff)) {
      extensions[at] = 9;
      extensions[at + 1] = (byte) Math.min(255, extensions.length - at - 2);
    }
    client.receive(frame(LAST, 1, concat(hex("80"), u16(16_381), extensions, hex("05"))));
    assertThat(call.code()).isEqualTo(Status.Code.OK);
  }

  @Test
  void closesWhatDoesNotSpeakErpc() {
    client = new TestClient();
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.receive(text("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assertThat(call.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(client.connection.wasGreeted()).isFalse();
    client.advance(Duration.ofSeconds(3));
    assertThat(client.isOpen()).isFalse();
  }
}
