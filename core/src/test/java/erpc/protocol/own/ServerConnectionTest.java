package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.opening;
import static erpc.protocol.own.Frames.request;
import static erpc.protocol.own.Frames.reset;
import static erpc.protocol.own.Frames.u32;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.Ownership;
import erpc.protocol.ConnectionSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server does with each frame, byte by byte. */
class ServerConnectionTest {
  private static final int END = Wire.END;
  private static final int MORE = Wire.MORE;
  private TestServer server = TestServer.greeted();

  @AfterEach
  void leavesNothingBehind() {
    server.finish();
  }

  @Test
  void skipsWhatItDoesNotKnow() {
    for (int type = 9; type <= 15; type++) {
      server.receive(frame(type, 0, new byte[7]), frame(type | 0xb0, 77, new byte[0]));
      server.receive(frame(type | Wire.TICK, 0, new byte[4]));
    }
    server.receive(frame(Wire.SETTINGS, 0, Frames.hex("00ff 00000001 0000 ffffffff")));
    server.receive(frame(Wire.AUTH, 0, Frames.hex("06 626561726572 0001 78")));
    server.receive(frame(Wire.PING | Wire.ACK, 0, new byte[8]));
    server.receive(frame(Wire.REQUEST | END | 0x10, 1, Frames.hex("80 0001 0003 aa01cc 05 61")));
    assertThat(server.sent()).hasSize(1);
    assertThat(server.calls).hasSize(1);
    assertThat(server.calls.get(0).messages.get(0)).containsExactly('a');
  }

  @Test
  void takesATraceWithAnIdOfZerosAsNone() {
    server.echo = false;
    String one = "0000000000000001";
    String none = "0000000000000000";
    for (String ids : List.of(one + none + one, none + none + one, one + one + none)) {
      byte[] fields = Frames.hex("04 0001" + ids + "01 05");
      server.receive(frame(Wire.REQUEST | END, server.calls.size() + 1, fields));
    }
    assertThat(server.calls.get(0).trace).isEqualTo(TraceContext.of(1, 0, 1, 1));
    assertThat(server.calls.get(1).trace).isNull();
    assertThat(server.calls.get(2).trace).isNull();
  }

  @Test
  void answersPingsWithTheirBytes() {
    server.receive(frame(Wire.PING, 0, Frames.hex("0102030405060708")));
    server.receive(frame(Wire.PING | Wire.TICK, 0, Frames.hex("00001000 1112131415161718")));
    List<Frames.Frame> sent = server.sent();
    assertThat(sent).hasSize(2).allMatch(f -> f.kind() == (Wire.PING | Wire.ACK));
    assertThat(sent.get(0).payload()).isEqualTo(Frames.hex("0102030405060708"));
    assertThat(sent.get(1).payload()).isEqualTo(Frames.hex("1112131415161718"));
  }

  @Test
  void handsOverTheFirstAnswersBeforeItHasHandledAllThatOneReadBrought() {
    byte[][] requests = new byte[256][];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = request(i + 1, "demo.echo", (byte) i);
    }
    server.receive(requests);
    assertThat(server.channel.outboundMessages()).hasSize(4);
    List<Frames.Frame> sent = server.sent();
    assertThat(sent).hasSize(256);
    for (int i = 0; i < 256; i++) {
      assertThat(sent.get(i).stream()).isEqualTo(i + 1);
    }
  }

  @Test
  void servesAConversationThatComesByteByByte() {
    byte[] large = new byte[100_000];
    Arrays.fill(large, (byte) 7);
    byte[] whole =
        concat(
            Frames.GREETING,
            request(1, "demo.echo", (byte) 'a'),
            opening(2, "demo.echo", large.length, Arrays.copyOf(large, 60_000)),
            data(END, 2, Arrays.copyOfRange(large, 60_000, 100_000)),
            frame(Wire.PING, 0, new byte[8]));
    server = new TestServer();
    for (byte b : whole) {
      server.receive(new byte[] {b});
    }
    assertThat(server.calls).hasSize(2);
    assertThat(server.calls.get(1).messages.get(0)).isEqualTo(large);
    List<Frames.Frame> sent = server.sent();
    assertThat(sent.get(sent.size() - 1).kind()).isEqualTo(Wire.PING | Wire.ACK);
  }

  @Test
  void holdsOnlyWhatHasArrivedOfAnAnnouncedMessage() {
    server.echo = false;
    for (int id = 1; id <= 100; id++) {
      server.receive(opening(id, "a.b", 4 << 20, (byte) 1));
    }
    assertThat(server.connection.streams.size()).isEqualTo(100);
    long held =
        server.connection.streams.values().stream()
            .mapToLong(ServerConnectionTest::assemblyBytes)
            .sum();
    assertThat(held).isPositive().isLessThanOrEqualTo(100 * 4_096);
    server.advance(Duration.ofSeconds(11));
    assertThat(server.sent().stream().filter(f -> f.type() == Wire.RESPONSE))
        .hasSize(100)
        .allMatch(f -> f.code() == 4 && f.isNotStarted());
  }

  @Test
  void boundsWhatItHoldsOfUnfinishedMessagesOnAConnection() {
    server =
        TestServer.greeted(
            ConnectionSettings.DEFAULTS.withMaxStreams(100).withMaxAssemblyBytes(1_000));
    server.sent();
    for (int round = 0; round < 5; round++) {
      int id = 10 * round;
      // One that is refused for its length must not count for ever.
      server.receive(opening(id + 1, "a.b", 10, new byte[900]));
      assertThat(server.sent()).singleElement().satisfies(f -> assertThat(f.code()).isEqualTo(3));
      server.receive(opening(id + 2, "a.b", 2_000, new byte[900]));
      server.receive(opening(id + 3, "a.b", 2_000, new byte[101]));
      assertThat(server.sent())
          .singleElement()
          .satisfies(f -> {
            assertThat(f.stream()).isEqualTo(id + 3);
            assertThat(f.code()).isEqualTo(8);
          });
      server.receive(reset(id + 2, 1));
    }
  }

  @Test
  void givesCreditBackWhileAMessageArrives() {
    server.echo = false;
    server.maxMessageBytes = 64 << 20;
    byte[] part = new byte[65_536];
    server.receive(opening(1, "a.b", 64 << 20));
    int sent = 5;
    int given = 0;
    for (int i = 0; i < 64; i++) {
      server.receive(data(MORE, 1, part));
      sent += part.length;
      for (Frames.Frame f : server.sent()) {
        assertThat(f.type()).isEqualTo(Wire.CREDIT);
        given += f.stream() == 1 ? f.in().readInt() : 0;
      }
      assertThat(sent - given).isLessThanOrEqualTo(Wire.STREAM_WINDOW);
    }
    assertThat(given).isGreaterThan(Wire.STREAM_WINDOW);
  }

  @Test
  void answersACallWhoseTimeoutIsZeroWithoutAMessageReachingIt() {
    byte[] late = concat(new byte[] {3}, Frames.named("a.b"), u32(0), Frames.hex("05"));
    server.echo = false;
    server.receive(frame(Wire.REQUEST | END, 1, late));
    // What to answer is the stack's to say; the head tells it.
    assertThat(server.calls.get(0).timeoutNanos).isZero();
  }

  @Test
  void takesTimeInBuffersOffTheTimeout() {
    server.echo = false;
    byte[] body = concat(head("a.b"), Frames.hex("05"));
    server.receive(frame(Wire.REQUEST | END | Wire.TICK, 1, concat(u32(50_000), body)));
    // Ever longer, by too little at a time to be a clock that stood still.
    for (int id = 2; id <= 4; id++) {
      server.advance(Duration.ofMillis(99));
      server.receive(frame(Wire.REQUEST | END | Wire.TICK, id, concat(u32(50_000), body)));
    }
    server.receive(frame(Wire.REQUEST | END, 5, body));
    server.advance(Duration.ofSeconds(20));
    server.receive(frame(Wire.REQUEST | END | Wire.TICK, 6, concat(u32(50_300), body)));
    server.receive(frame(Wire.REQUEST | END | Wire.TICK, 7, concat(u32(70_297), body)));
    assertThat(server.calls.stream().map(call -> Duration.ofNanos(call.timeoutNanos).toMillis()))
        .containsExactly(10_000L, 9_901L, 9_802L, 9_703L, 9_703L, 0L, 10_000L);
  }

  @Test
  void asksWhetherTheCallersClockStoodStillBeforeItTakesTimeOff() {
    server.echo = false;
    byte[] body = concat(head("a.b"), Frames.hex("05"));
    server.receive(frame(Wire.REQUEST | END | Wire.TICK, 1, concat(u32(50_000), body)));
    server.advance(Duration.ofSeconds(4));
    // Four seconds have passed here, and none there.
    server.receive(frame(Wire.REQUEST | END | Wire.TICK, 2, concat(u32(50_000), body)));
    Frames.Frame ping =
        server.sent().stream().filter(f -> f.kind() == Wire.PING).findFirst().orElseThrow();
    server.advance(Duration.ofMillis(2));
    byte[] pong = concat(u32(50_001), ping.payload());
    server.receive(frame(Wire.PING | Wire.ACK | Wire.TICK, 0, pong));
    server.advance(Duration.ofMillis(10));
    server.receive(frame(Wire.REQUEST | END | Wire.TICK, 3, concat(u32(50_011), body)));
    assertThat(server.calls.stream().map(call -> Duration.ofNanos(call.timeoutNanos).toMillis()))
        .containsExactly(10_000L, 10_000L, 9_997L);
  }

  @Test
  void refusesOneStreamMoreThanItTakes() {
    server = TestServer.greeted(ConnectionSettings.DEFAULTS.withMaxStreams(3));
    server.echo = false;
    for (int id = 1; id <= 4; id++) {
      server.receive(request(id, "a.b"));
    }
    assertThat(server.calls).hasSize(3);
    assertThat(server.sent())
        .singleElement()
        .satisfies(f -> {
          assertThat(f.stream()).isEqualTo(4);
          assertThat(f.code()).isEqualTo(8);
          assertThat(f.isNotStarted()).isTrue();
        });
    server.calls.get(0).answer(new byte[0]);
    server.channel.runPendingTasks();
    server.receive(request(5, "a.b"));
    assertThat(server.calls).hasSize(4);
  }

  @Test
  void announcesSettingsThatAreNotTheDefaults() {
    server = new TestServer(ConnectionSettings.DEFAULTS.withMaxMessageBytes(1_000));
    assertThat(server.sentBytes())
        .isEqualTo(concat(Frames.PREFACE, frame(Wire.SETTINGS, 0, Frames.hex("0001 000003e8"))));
    server.receive(Frames.GREETING);
  }

  @Test
  void cancelsWhatTheCallerResets() {
    server.echo = false;
    server.receive(request(1, "a.b"), request(2, "a.b"), reset(1, 1), reset(2, 4));
    assertThat(server.calls.get(0).cancelled.get(0).code()).isEqualTo(Status.Code.CANCELLED);
    assertThat(server.calls.get(1).cancelled.get(0).code())
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    server.calls.get(0).answer(new byte[3]);
    server.channel.runPendingTasks();
    assertThat(server.sent()).isEmpty();
  }

  @Test
  void answersAtTheDeadlineWhateverTheHandlerDoes() {
    server.echo = false;
    server.receive(request(1, "a.b"));
    server.advance(Duration.ofMillis(9_990));
    assertThat(server.sent()).noneMatch(f -> f.type() == Wire.RESPONSE);
    server.receive(frame(Wire.PING | Wire.ACK, 0, new byte[8]));
    server.advance(Duration.ofMillis(10));
    server.advance(Duration.ofMillis(10));
    server.advance(Duration.ofMillis(10));
    assertThat(server.sent())
        .singleElement()
        .satisfies(f -> {
          assertThat(f.code()).isEqualTo(4);
          assertThat(f.isNotStarted()).isFalse();
        });
    server.calls.get(0).answer(new byte[1]);
    server.channel.runPendingTasks();
    assertThat(server.sent()).isEmpty();
  }

  @Test
  void answersNothingToAOnewayCall() {
    byte[] body = concat(Frames.hex("10 0001 05"), new byte[3]);
    server.receive(frame(Wire.REQUEST | END, 1, body));
    server.receive(frame(Wire.REQUEST | END, 2, Frames.hex("10 0001")));
    assertThat(server.calls).hasSize(2);
    assertThat(server.calls.get(0).messages).hasSize(1);
    assertThat(server.sent()).isEmpty();
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  // ---- GOAWAY

  @Test
  void finishesWhatItHasWhenItDrainsAndSkipsWhatComesLater() {
    server.echo = false;
    server.receive(request(1, "a.b"));
    server.connection.drain("leaving");
    server.channel.runPendingTasks();
    assertThat(server.sent())
        .singleElement()
        .satisfies(f -> {
          assertThat(f.type()).isEqualTo(Wire.GOAWAY);
          assertThat(f.in().readInt()).isEqualTo(1);
          assertThat(f.payload()[4]).isEqualTo((byte) Status.Code.UNAVAILABLE.number());
        });
    // The client sent these before it read that.
    server.receive(request(2, "a.b"), opening(3, "a.b", 10, (byte) 1));
    server.receive(data(END, 3, new byte[9]), credit(3, 100), reset(2, 1));
    assertThat(server.calls).hasSize(1);
    assertThat(server.isOpen()).isTrue();
    server.calls.get(0).answer(new byte[1]);
    server.channel.runPendingTasks();
    assertThat(server.sent()).singleElement().satisfies(f -> assertThat(f.code()).isZero());
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void closesAtOnceWhenItDrainsWithNothingToDo() {
    server.connection.drain("leaving");
    server.channel.runPendingTasks();
    assertThat(server.isOpen()).isFalse();
  }

  // ---- version and handshake

  @Test
  void answersAnotherVersionWithItsOwn() {
    server = new TestServer();
    server.receive(Frames.hex("3bef5c02 000000"));
    byte[] sent = server.sentBytes();
    assertThat(Arrays.copyOf(sent, 4)).isEqualTo(Frames.PREFACE);
    List<Frames.Frame> frames = Frames.parse(sent);
    Frames.Frame last = frames.get(frames.size() - 1);
    assertThat(last.type()).isEqualTo(Wire.GOAWAY);
    assertThat(last.payload()[4]).isEqualTo((byte) Status.Code.UNIMPLEMENTED.number());
    server.advance(Duration.ofSeconds(3));
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void closesIfThePrefaceDoesNotComeInTime() {
    server = new TestServer();
    server.receive(Frames.hex("3bef5c"));
    server.advance(Duration.ofMillis(9_999));
    assertThat(server.isOpen()).isTrue();
    server.advance(Duration.ofMillis(1));
    assertThat(server.isOpen()).isFalse();
  }

  // ---- replies

  @Test
  void sendsALargeReplyWithinTheCredit() {
    server.echo = false;
    byte[] large = new byte[400_000];
    Arrays.fill(large, (byte) 3);
    server.receive(request(1, "a.b"));
    server.calls.get(0).answer(large);
    server.channel.runPendingTasks();
    List<Frames.Frame> sent = server.sent();
    assertThat(sent).allMatch(f -> f.kind() == (Wire.DATA | MORE));
    assertThat(sent.stream().mapToInt(f -> f.payload().length).sum()).isEqualTo(Wire.STREAM_WINDOW);
    assertThat(sent.get(0).payload()).startsWith(concat(Frames.hex("05"), u32(large.length)));
    server.receive(credit(1, 1_000_000));
    List<Frames.Frame> rest = server.sent();
    Frames.Frame last = rest.get(rest.size() - 1);
    assertThat(last.kind()).isEqualTo(Wire.RESPONSE | END);
    // The head: ROUTE 1.
    assertThat(last.payload()).startsWith(Frames.hex("20 0001"));
    int total = Stream.concat(sent.stream(), rest.stream()).mapToInt(f -> f.payload().length).sum();
    assertThat(total).isEqualTo(5 + large.length + 3);
  }

  @Test
  void refusesToSendAReplyWhoseHeadNoClientTakes() {
    server.echo = false;
    Metadata full = Metadata.EMPTY.with("k", "v".repeat(8_188));
    assertThat(full.encodedBytes()).isEqualTo(8_192);
    server.receive(request(1, "a.b"), request(2, "a.b"), request(3, "a.b"));
    server.calls.get(0).responder.reply(full, full, 5, new byte[1], 1, Ownership.SHARED);
    Status failed =
        Status.of(Status.Code.NOT_FOUND, "€".repeat(1_024))
            .withDetails(new byte[6 * 1_024])
            .withStarted(Status.Started.YES);
    server.calls.get(1).responder.respond(failed, full, full);
    server.calls.get(2).responder.reply(full, Metadata.EMPTY, 5, new byte[1], 1, Ownership.SHARED);
    server.channel.runPendingTasks();
    List<Frames.Frame> sent = server.sent();
    assertThat(sent.stream().map(Frames.Frame::code)).containsExactly(8, 5, 0);
    assertThat(sent.get(0).isNotStarted()).isFalse();
    for (Frames.Frame f : sent) {
      // What a client of ours makes of it.
      var in = f.in();
      ResponseHead.read(in.readUnsignedByte(), in, f.payload().length);
    }
  }

  // ---- peers that do not read

  private static void setWritable(TestServer server, boolean writable) {
    server.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
    server.channel.runPendingTasks();
  }

  @Test
  void stopsReadingWhenItsRepliesAreNotRead() {
    server =
        TestServer.greeted(
            ConnectionSettings.DEFAULTS
                .withMaxMessageBytes(6_100)
                .withMaxStreams(100)
                .withMaxBacklogBytes(10_000));
    setWritable(server, false);
    server.receive(request(1, "a.b", new byte[6_000]));
    assertThat(server.channel.config().isAutoRead()).isTrue();
    server.receive(request(2, "a.b", new byte[6_000]));
    assertThat(server.channel.config().isAutoRead()).isFalse();
    // What was read before that is answered all the same, up to a point with refusals.
    server.receive(request(3, "a.b", new byte[6_000]), request(4, "a.b", new byte[6_000]));
    assertThat(server.calls).hasSize(4);
    server.receive(request(5, "a.b", new byte[10]));
    assertThat(server.calls).hasSize(4);
    setWritable(server, true);
    assertThat(server.channel.config().isAutoRead()).isTrue();
    assertThat(server.sent().stream().filter(f -> f.type() == Wire.RESPONSE)).hasSize(5);
  }

  private static long assemblyBytes(ServerStream stream) {
    Assembly assembly = stream.assembly();
    return assembly == null ? 0 : assembly.capacity();
  }
}
