package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.entry;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.hex;
import static erpc.protocol.own.Frames.request;
import static erpc.protocol.own.Frames.reset;
import static erpc.protocol.own.Frames.u16;
import static erpc.protocol.own.Frames.u32;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.RouteName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the page says of frames that come where, when or how they should not, at either end. */
class RulesOfFramesTest {
  private static final int LAST = Wire.RESPONSE | Wire.END;
  private static final byte[] HEADERS = headers(entry("k", (byte) 'v'));

  private static byte[] headers(byte[] block) {
    return concat(hex("04"), u16(block.length), block);
  }

  // ---- at a server

  private final TestServer server = TestServer.greeted();

  private List<Frames.Frame> answers() {
    return server.sent().stream().filter(each -> each.type() == Wire.RESPONSE).toList();
  }

  static Stream<Arguments> behindTheEnd() {
    return Stream.of(
        Arguments.of("a message", data(0, 1, (byte) 5, (byte) 1)),
        Arguments.of("a message with END", data(Wire.END, 1, (byte) 5)),
        Arguments.of("an empty frame", data(0, 1)),
        Arguments.of("a second END", data(Wire.END, 1)),
        Arguments.of("a large message", data(Wire.MORE, 1, hex("05 00400000 61"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("behindTheEnd")
  void dataBehindItsSendersEndEndsTheCall(String what, byte[] frame) {
    server.echo = false;
    server.receive(request(1, "a.b"), frame);
    assertThat(answers()).hasSize(1).allMatch(each -> each.code() == 3);
    assertThat(server.calls.get(0).cancelled).hasSize(1);
    assertThat(server.isOpen()).isTrue();
    server.receive(request(2, "a.b"));
    assertThat(server.calls).hasSize(2);
    assertThat(server.calls.get(1).cancelled).isEmpty();
    server.channel.finishAndReleaseAll();
  }

  @Test
  void dataBehindTheEndOfAnAnsweredCallIsSkipped() {
    server.receive(request(1, "a.b"), data(Wire.END, 1, (byte) 5));
    assertThat(answers()).hasSize(1).allMatch(each -> each.code() == 0);
    assertThat(server.isOpen()).isTrue();
    server.channel.finishAndReleaseAll();
  }

  @Test
  void aMethodThatStreamsTakesNoOneway() {
    byte[] oneway = head("stream.any");
    oneway[0] |= Wire.REQUEST_ONEWAY;
    server.receive(frame(Wire.REQUEST, 1, concat(oneway, hex("05 61"))));
    server.receive(data(0, 1, (byte) 5), data(Wire.END, 1));
    assertThat(server.sent()).as("nothing is said on it").isEmpty();
    TestServer.Call call = server.calls.get(0);
    assertThat(call.requests).as("not started").isNull();
    assertThat(call.cancelled).hasSize(1);
    assertThat(call.cancelled.get(0).code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(server.connection.streams.isEmpty()).isTrue();
    assertThat(server.isOpen()).isTrue();
    server.channel.finishAndReleaseAll();
  }

  @Test
  void withoutSettingsTheDefaultsHold() {
    TestServer other = new TestServer();
    other.receive(Frames.PREFACE, request(1, "a.b", (byte) 'x'));
    assertThat(other.calls).hasSize(1);
    List<Frames.Frame> sent = other.sent();
    assertThat(sent.get(sent.size() - 1).type()).isEqualTo(Wire.RESPONSE);
    other.channel.finishAndReleaseAll();
  }

  @Test
  void ticksOfExtensionsAreLookedAtAndTheRestIsSkipped() {
    server.receive(frame(9 | Wire.TICK, 3, u32(4_096)), frame(15, 0), request(1, "a.b"));
    assertThat(server.calls).hasSize(1);
    server.channel.finishAndReleaseAll();
  }

  @Test
  void anyCodeOfResetCancels() {
    server.echo = false;
    int[] codes = {0, 1, 4, 8, 16, 17, 255};
    for (int i = 0; i < codes.length; i++) {
      server.receive(request(i + 1, "a.b"), reset(i + 1, codes[i]));
      Status why = server.calls.get(i).cancelled.get(0);
      assertThat(why.code())
          .isEqualTo(codes[i] == 4 ? Status.Code.DEADLINE_EXCEEDED : Status.Code.CANCELLED);
    }
    assertThat(server.sent()).as("nothing more is sent on them").isEmpty();
    server.channel.finishAndReleaseAll();
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of("a window of 0", hex("0002 00000000")),
        Arguments.of("a window of 1", hex("0002 00000001")),
        Arguments.of("a window of 2^32 - 1", hex("0002 ffffffff")),
        Arguments.of("a window that is lowered", hex("0002 00100000 0002 00000001")),
        Arguments.of("messages of 0 bytes", hex("0001 00000000")),
        Arguments.of("messages of 2^32 - 1 bytes", hex("0001 ffffffff")),
        Arguments.of("no streams of a client, which takes none", hex("0003 00000000")),
        Arguments.of("id 0 and id 65,535", hex("0000 00000000 ffff ffffffff")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void extremeSettingsChangeNothingThatIsPromised(String what, byte[] settings) {
    server.receive(frame(Wire.SETTINGS, 0, settings), request(1, "a.b", (byte) 'x'));
    assertThat(answers()).hasSize(1).allMatch(each -> each.code() == 0);
    server.receive(credit(0, 1));
    assertThat(server.isOpen()).isTrue();
    server.channel.finishAndReleaseAll();
  }

  // ---- at a client

  private final TestClient client = TestClient.greeted();

  private String refusal() {
    Status ended = client.connection.whyClosed();
    client.channel.finishAndReleaseAll();
    return ended == null ? "" : ended.message();
  }

  static Stream<Arguments> violationsOfServers() {
    return Stream.of(
        Arguments.of("STATUS without END", frame(Wire.RESPONSE, 1, hex("01 05 0000"))),
        Arguments.of("DETAILS without END", frame(Wire.RESPONSE, 1, hex("02 0001 00"))),
        Arguments.of("TRAILERS without END", frame(Wire.RESPONSE, 1, hex("08 0000"))),
        Arguments.of("NOT_STARTED without END", frame(Wire.RESPONSE, 1, hex("10"))),
        Arguments.of("RETRY_AFTER without END", frame(Wire.RESPONSE, 1, hex("40 00000001"))),
        Arguments.of(
            "HEADERS twice",
            concat(frame(Wire.RESPONSE, 1, HEADERS), frame(Wire.RESPONSE, 1, HEADERS))),
        Arguments.of(
            "HEADERS once more with the status",
            concat(
                frame(Wire.RESPONSE, 1, HEADERS), frame(LAST, 1, concat(HEADERS, hex("05 61"))))),
        Arguments.of("REQUEST", request(1, "a.b")),
        Arguments.of("AUTH", frame(Wire.AUTH, 0, hex("01 61 0000"))),
        Arguments.of("GOAWAY cut", frame(Wire.GOAWAY, 0, hex("00000001 00 0002 61"))),
        Arguments.of("GOAWAY without text", frame(Wire.GOAWAY, 0, hex("00000001 00"))),
        Arguments.of("PING cut", frame(Wire.PING, 0, new byte[7])),
        Arguments.of("CREDIT cut", frame(Wire.CREDIT, 1, new byte[3])),
        Arguments.of("RESET cut", frame(Wire.RESET, 1)),
        Arguments.of("empty RESPONSE", frame(LAST, 1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("violationsOfServers")
  void aClientRefuses(String what, byte[] frames) {
    client.call("a.b", new byte[0]);
    client.receive(frames);
    assertThat(refusal()).startsWith("the peer broke the protocol");
  }

  @Test
  void headersBehindAMessageOfAStreamAreRefused() {
    Inbox in = new Inbox(client.ticker, () -> {});
    Outbox out = new Outbox(client.ticker, client.memory, () -> {});
    client.stream(new RouteName("a.b", 0), in, out);
    client.receive(
        frame(Wire.RESPONSE, 1, concat(HEADERS, hex("05 61"))), data(0, 1, hex("05 62")));
    assertThat(client.connection.whyClosed()).isNull();
    client.receive(frame(Wire.RESPONSE, 1, HEADERS));
    assertThat(refusal()).contains("headers of stream 1");
  }

  @Test
  void aFloodOfResponsesThatSayNothingIsRefused() {
    client.call("a.b", new byte[0]);
    byte[] empty = frame(Wire.RESPONSE, 1, hex("00"));
    byte[] thousand = concat(Stream.generate(() -> empty).limit(1_000).toArray(byte[][]::new));
    for (int i = 0; i < 100; i++) {
      client.receive(thousand);
    }
    assertThat(client.connection.whyClosed()).isNull();
    client.receive(empty);
    assertThat(refusal()).contains("flood of EMPTY_FRAMES");
  }

  @Test
  void aResponseForAStreamThatHasEndedIsReadAndDropped() {
    client.call("a.b", new byte[0]);
    client.receive(frame(LAST, 1, hex("00 05")), frame(LAST, 1, hex("20 0009 05 61")));
    assertThat(client.connection.whyClosed()).isNull();
    client.sent();
    client.call("a.b", new byte[0]);
    assertThat(client.sent().get(0).payload()[4] & 1).as("called by name").isEqualTo(1);
    client.receive(frame(LAST, 1, hex("04 0009 05")));
    assertThat(refusal()).startsWith("the peer broke the protocol");
  }

  @Test
  void theCodeOfAServersResetIsTheCalls() {
    int[] codes = {0, 4, 13, 17, 255};
    Status.Code[] expected = {
      Status.Code.CANCELLED,
      Status.Code.DEADLINE_EXCEEDED,
      Status.Code.INTERNAL,
      Status.Code.UNKNOWN,
      Status.Code.UNKNOWN
    };
    for (int i = 0; i < codes.length; i++) {
      TestClient.Call call = client.call("a.b", new byte[0]);
      client.receive(reset(i + 1, codes[i]));
      assertThat(call.code()).isEqualTo(expected[i]);
      assertThat(call.started()).isEqualTo(Status.Started.MAYBE);
    }
    assertThat(refusal()).isEmpty();
  }

  @Test
  void aServerThatTakesNoStreamsIsFull() {
    client.receive(frame(Wire.SETTINGS, 0, hex("0003 00000000")));
    assertThat(client.connection.isFull()).isTrue();
    client.receive(frame(Wire.SETTINGS, 0, hex("0003 ffffffff")));
    assertThat(client.connection.isFull()).isFalse();
    assertThat(refusal()).isEmpty();
  }

  @Test
  void partsOfALargeMessageAreLeftToTheFrameThatEndsIt() {
    TestClient.Call call =
        client.start(new RouteName("a.b", 0), Metadata.EMPTY, null, false, new byte[0]);
    client.receive(
        data(Wire.MORE, 1, hex("05 00000002 61")), frame(LAST, 1, concat(HEADERS, hex("62"))));
    assertThat(call.headersSeen.text("k")).isEqualTo("v");
    assertThat(refusal()).isEmpty();
  }
}
