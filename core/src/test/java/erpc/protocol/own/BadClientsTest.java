package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.entry;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.opening;
import static erpc.protocol.own.Frames.request;
import static erpc.protocol.own.Frames.reset;
import static erpc.protocol.own.Frames.u16;
import static erpc.protocol.own.Frames.u32;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A server refuses what no client may send: it closes the connection, or ends one call. */
class BadClientsTest {
  private static final int END = Wire.END;
  private static final int MORE = Wire.MORE;

  private final TestServer server = TestServer.greeted();

  @AfterEach
  void leavesNothingBehind() {
    server.finish();
  }

  private static Arguments refused(String why, byte[]... frames) {
    return Arguments.of(why, concat(frames));
  }

  static Stream<Arguments> violations() {
    return Stream.concat(violationsOfFrames(), violationsOfRequests());
  }

  private static Stream<Arguments> violationsOfFrames() {
    byte[] first = request(5, "demo.echo");
    return Stream.of(
        refused("the same stream again", first, request(5, "demo.echo")),
        refused("a lower stream", first, request(4, "demo.echo")),
        refused("a lower stream, unsigned", request(-1, "demo.echo"), request(1, "demo.echo")),
        refused("DATA never opened", first, data(0, 6, (byte) 1)),
        refused("CREDIT never opened", first, credit(6, 1)),
        refused("RESET never opened", first, reset(6, 1)),
        refused("DATA before any", data(END, 1, (byte) 1)),
        refused("CREDIT of 0", credit(0, 0)),
        refused("CREDIT over 2^31 - 1", credit(0, 0x8000_0000L)),
        refused("CREDIT sum over 2^31 - 1", credit(0, 0x7fff_ffffL)),
        refused("CREDIT of a stream too large", opening(1, "a.b", 10), credit(1, 0x7fff_ffffL)),
        refused("CREDIT cut", frame(Wire.CREDIT, 0, new byte[3])),
        refused("SETTINGS of 5 bytes", frame(Wire.SETTINGS, 0, new byte[5])),
        refused("SETTINGS on a stream", frame(Wire.SETTINGS, 1)),
        refused("PING on a stream", frame(Wire.PING, 1, new byte[8])),
        refused("PING of 7 bytes", frame(Wire.PING, 0, new byte[7])),
        refused("AUTH on a stream", frame(Wire.AUTH, 1, new byte[3])),
        refused("AUTH without content", frame(Wire.AUTH, 0, new byte[0])),
        refused("AUTH without a scheme", frame(Wire.AUTH, 0, Frames.hex("00 0001 78"))),
        refused("AUTH that ends in its scheme", frame(Wire.AUTH, 0, Frames.hex("06 6265"))),
        refused(
            "AUTH that ends in its credential",
            frame(Wire.AUTH, 0, Frames.hex("06 626561726572 0002 78"))),
        refused("AUTH over its limit", frame(Wire.AUTH, 0, longCredential())),
        refused("GOAWAY on a stream", frame(Wire.GOAWAY, 1, new byte[7])),
        refused("GOAWAY cut in its stream", frame(Wire.GOAWAY, 0, new byte[3])),
        refused("GOAWAY without code", frame(Wire.GOAWAY, 0, new byte[4])),
        refused("GOAWAY without text", frame(Wire.GOAWAY, 0, new byte[6])),
        refused("GOAWAY cut in its text", frame(Wire.GOAWAY, 0, Frames.hex("00000001 00 0002 61"))),
        refused("ACK of 7 bytes", frame(Wire.PING | Wire.ACK, 0, new byte[7])),
        refused("CREDIT of a stream cut", first, frame(Wire.CREDIT, 5, new byte[3])),
        refused("RESET of a stream that has ended cut", first, frame(Wire.RESET, 4)),
        refused("tick cut on an extension", frame(9 | Wire.TICK, 3, new byte[3])),
        refused("REQUEST without stream", request(0, "demo.echo")),
        refused("DATA without stream", data(0, 0, (byte) 1)),
        refused("RESET without stream", reset(0, 1)),
        refused("RESET without code", first, frame(Wire.RESET, 5)),
        refused("RESPONSE from a client", frame(Wire.RESPONSE, 1, (byte) 0)),
        refused("tick cut", frame(Wire.PING | Wire.TICK, 0, new byte[3])));
  }

  private static Stream<Arguments> violationsOfRequests() {
    return Stream.of(
        refused("empty REQUEST", frame(Wire.REQUEST | END, 1)),
        refused("route cut", frame(Wire.REQUEST | END, 1, (byte) 0, (byte) 0)),
        refused("name cut", frame(Wire.REQUEST | END, 1, (byte) 1, (byte) 9, (byte) 'd')),
        refused("timeout cut", frame(Wire.REQUEST | END, 1, Frames.hex("02 0001 000000"))),
        refused("trace cut", frame(Wire.REQUEST | END, 1, Frames.hex("04 0001" + "00".repeat(24)))),
        refused("metadata cut", frame(Wire.REQUEST | END, 1, Frames.hex("08 0001 0005 01 61 00"))),
        refused("extension cut", frame(Wire.REQUEST | END, 1, Frames.hex("80 0001 0002 00"))),
        refused("reserved bit", frame(Wire.REQUEST | END, 1, Frames.hex("40 0001 05"))),
        refused("entry cut in its key", withMetadata(Frames.hex("05 61"))),
        refused("entry cut in its length", withMetadata(Frames.hex("01 61 00"))),
        refused("entry cut in its value", withMetadata(Frames.hex("01 61 0002 61"))),
        refused("head of 16,385 bytes", extended(16_385)),
        refused(
            "total cut",
            frame(Wire.REQUEST | MORE, 1, concat(head("a.b"), Frames.hex("05000000")))),
        refused("no total", frame(Wire.REQUEST | MORE, 1, head("a.b"))),
        refused("total cut in DATA", frame(Wire.REQUEST, 1, head("a.b")), data(MORE, 1, (byte) 5)),
        refused(
            "data part of 65,537 bytes",
            frame(Wire.REQUEST | END, 1, concat(head("a.b"), new byte[65_537]))),
        refused("frame of 81,921 bytes", Frames.hex("014001 82 00000001")),
        refused("frame of 2^24 - 1 bytes", Frames.hex("ffffff 84 00000001")));
  }

  private static byte[] longCredential() {
    byte[] head = Frames.hex("06 626561726572 2001");
    return java.util.Arrays.copyOf(head, head.length + 0x2001);
  }

  private static byte[] withMetadata(byte[] block) {
    return frame(Wire.REQUEST | END, 1, concat(head("a.b", block), Frames.hex("05")));
  }

  /** A REQUEST by number whose head has this many bytes. */
  private static byte[] extended(int headBytes) {
    int skipped = headBytes - 5;
    return frame(
        Wire.REQUEST | END,
        1,
        concat(Frames.hex("80 0001"), u16(skipped), Frames.extensions(skipped), Frames.hex("05")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("violations")
  void refusesWhatBreaksTheProtocol(String why, byte[] bytes) {
    server.echo = false;
    // The last frame is the bad one; the call before it is let go of.
    server.receive(bytes);
    List<Frames.Frame> sent = server.sent();
    Frames.Frame last = sent.get(sent.size() - 1);
    assertThat(last.type()).isEqualTo(Wire.GOAWAY);
    assertThat(last.payload()[4]).isEqualTo((byte) Status.Code.INVALID_ARGUMENT.number());
    assertThat(last.payload().length).isGreaterThan(7);
    server.advance(Duration.ofSeconds(3));
    assertThat(server.isOpen()).isFalse();
    assertThat(server.ended()).startsWith("the peer broke the protocol");
    assertThat(server.calls).allSatisfy(call -> assertThat(call.cancelled).hasSize(1));
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void namesInItsGoodbyeTheLastStreamThatMayHaveStarted() {
    server.receive(request(7, "demo.echo"), data(0, 9, (byte) 1));
    Frames.Frame goAway = server.sent().get(1);
    assertThat(goAway.in().readInt()).isEqualTo(7);
  }

  @Test
  void takesHeadsUpToTheirLimit() {
    server.receive(extended(16_384));
    assertThat(server.calls).hasSize(1);
    assertThat(server.sent().get(0).type()).isEqualTo(Wire.RESPONSE);
  }

  @Test
  void takesTheLargestFrame() {
    server.maxMessageBytes = 1 << 20;
    byte[] part = new byte[65_536 - 5];
    byte[] frame =
        frame(
            Wire.REQUEST | MORE,
            1,
            concat(
                Frames.hex("80 0001"),
                u16(16_379),
                Frames.extensions(16_379),
                Frames.hex("05"),
                u32(part.length),
                part));
    assertThat(frame.length - 8).isEqualTo(81_920);
    server.receive(frame, data(END, 1));
    assertThat(server.calls.get(0).messages).hasSize(1);
    assertThat(server.calls.get(0).messages.get(0)).hasSize(part.length);
  }

  static Stream<Arguments> badCalls() {
    byte[] many = entry("k", new byte[0]);
    for (int i = 0; i < 100; i++) {
      many = concat(many, entry("k"));
    }
    return Stream.of(
        Arguments.of("capital in a key", 3, withMetadata(entry("Key", (byte) 'v'))),
        Arguments.of("empty key", 3, withMetadata(entry(""))),
        Arguments.of("control character in text", 3, withMetadata(entry("k", (byte) '\n'))),
        Arguments.of("8,193 bytes of metadata", 8, withMetadata(entry("k", new byte[8_189]))),
        Arguments.of("101 entries", 8, withMetadata(many)),
        Arguments.of("END without a message", 3, frame(Wire.REQUEST | END, 1, head("a.b"))),
        Arguments.of(
            "END in its message",
            3,
            frame(Wire.REQUEST | END | MORE, 1, concat(head("a.b"), Frames.hex("05 00000002 61")))),
        Arguments.of(
            "fewer bytes than announced",
            3,
            concat(opening(1, "a.b", 3, (byte) 1), data(END, 1, (byte) 2))),
        Arguments.of(
            "more bytes than announced",
            3,
            concat(opening(1, "a.b", 1, (byte) 1), data(END, 1, (byte) 2))),
        Arguments.of("total over the limit", 8, opening(1, "a.b", (4 << 20) + 1)),
        Arguments.of("total of 2^32 - 1", 8, opening(1, "a.b", 0xffff_ffffL)),
        Arguments.of("total of 2^31", 8, opening(1, "a.b", 0x8000_0000L)),
        Arguments.of(
            "a second message",
            3,
            concat(
                frame(Wire.REQUEST, 1, concat(head("a.b"), Frames.hex("05 61"))),
                data(END, 1, Frames.hex("05 62")))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badCalls")
  void endsABadCallAndGoesOn(String why, int code, byte[] bytes) {
    server.echo = false;
    server.receive(bytes);
    List<Frames.Frame> sent = server.sent();
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).kind()).isEqualTo(Wire.RESPONSE | END);
    assertThat(sent.get(0).code()).isEqualTo(code);
    assertThat(server.calls).allSatisfy(call -> assertThat(call.cancelled).hasSize(1));
    server.echo = true;
    // What was still on its way of the old stream is skipped.
    server.receive(data(END, 1, (byte) 9), credit(1, 5), reset(1, 1), request(3, "demo.echo"));
    assertThat(server.sent()).singleElement().satisfies(f -> assertThat(f.code()).isZero());
  }

  @Test
  void saysThatACallWithBadMetadataWasNotStarted() {
    server.receive(withMetadata(entry("Key", (byte) 'v')));
    assertThat(server.calls).isEmpty();
    assertThat(server.sent().get(0).isNotStarted()).isTrue();
  }
}
