package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.opening;
import static erpc.protocol.own.Frames.request;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames, messages and calls that begin and don't go on. */
@Timeout(60)
class UnfinishedTest {
  private static final Duration STEP = Duration.ofSeconds(5);
  private static final byte[] PING = frame(Wire.PING, 0, new byte[8]);
  private static final int LONG = 3_600_000;

  private final TestServer server = TestServer.greeted();

  private static byte[] withLongTimeout(byte... rest) {
    byte fields = Wire.REQUEST_NAME | Wire.REQUEST_TIMEOUT;
    return concat(new byte[] {fields}, Frames.named("demo.echo"), Frames.u32(LONG), rest);
  }

  /** A REQUEST with the first part of a message of 100,000 bytes. */
  private static byte[] begun(int stream, int bytes) {
    return frame(
        Wire.REQUEST | Wire.MORE,
        stream,
        concat(withLongTimeout((byte) 5), Frames.u32(100_000), new byte[bytes]));
  }

  private static byte[] withoutMessage(int stream) {
    return frame(Wire.REQUEST, stream, withLongTimeout());
  }

  private static String text(Frames.Frame frame) {
    return new String(frame.payload(), StandardCharsets.UTF_8);
  }

  private Frames.Frame response(int stream) {
    return server.sent().stream()
        .filter(each -> each.type() == Wire.RESPONSE && each.stream() == stream)
        .findFirst()
        .orElseThrow();
  }

  private void pass(int steps, byte[]... meanwhile) {
    for (int i = 0; i < steps; i++) {
      server.advance(STEP);
      if (server.isOpen()) {
        server.receive(concat(meanwhile));
      }
    }
  }

  @Test
  void aFrameOfWhichNowAndThenAByteComesEndsItsConnection() {
    server.receive(Arrays.copyOf(request(1, "demo.echo", new byte[1_000]), 100));
    pass(5, new byte[1]);
    assertThat(server.isOpen()).isTrue();
    pass(3, new byte[1]);
    assertThat(server.isOpen()).isFalse();
    assertThat(server.ended()).contains("a frame has not come whole", "progressTimeout");
    List<Frames.Frame> sent = server.sent();
    assertThat(sent).anyMatch(each -> each.type() == Wire.GOAWAY && each.payload()[4] == 4);
    assertThat(server.memory.incomplete().heldBytes()).isZero();
  }

  @Test
  void framesThatAreEachWholeInTimeDoNotEndIt() {
    for (int i = 1; i < 30; i++) {
      byte[] whole = request(i, "demo.echo", new byte[1_000]);
      server.receive(Arrays.copyOf(whole, 500));
      server.advance(STEP);
      server.receive(Arrays.copyOfRange(whole, 500, whole.length));
      server.receive(Arrays.copyOf(PING, 3));
      server.advance(STEP);
      server.receive(Arrays.copyOfRange(PING, 3, PING.length));
    }
    assertThat(server.isOpen()).isTrue();
    assertThat(server.calls).hasSize(29);
  }

  @Test
  void aMessageThatDoesNotGoOnEndsItsCallAlone() {
    server.receive(begun(1, 60_000));
    pass(5, PING);
    assertThat(server.connection.streams.isEmpty()).isFalse();
    pass(3, PING);
    Frames.Frame ended = response(1);
    assertThat(ended.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED.number());
    assertThat(text(ended)).contains("too little of a message", "progressTimeout");
    assertThat(ended.isNotStarted()).isTrue();
    assertThat(server.connection.streams.isEmpty()).isTrue();
    assertThat(server.memory.incomplete().heldBytes()).isZero();
    assertThat(server.calls.get(0).cancelled).hasSize(1);
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void aMessageOfWhichNowAndThenAByteComesEndsToo() {
    server.receive(begun(1, 60_000));
    pass(8, data(Wire.MORE, 1, (byte) 0));
    assertThat(response(1).code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED.number());
  }

  @Test
  void aMessageWhoseLastBytesDoNotComeEndsAlthoughLittleCreditIsLeft() {
    int total = Wire.STREAM_WINDOW - 5;
    int part = Wire.MAX_DATA_BYTES;
    byte[] start = concat(withLongTimeout((byte) 5), Frames.u32(total), new byte[part - 5]);
    server.receive(frame(Wire.REQUEST | Wire.MORE, 1, start));
    server.receive(data(Wire.MORE, 1, new byte[part]), data(Wire.MORE, 1, new byte[part]));
    server.receive(data(Wire.MORE, 1, new byte[part - 3]));
    pass(8, PING);
    assertThat(text(response(1))).contains("too little of a message", "progressTimeout");
  }

  @Test
  void aSlowMessageThatGoesOnArrives() {
    server.receive(begun(1, 20_000));
    for (int sent = 20_000; sent < 100_000; sent += 20_000) {
      pass(5, PING);
      boolean last = sent == 80_000;
      server.receive(data(last ? Wire.END : Wire.MORE, 1, new byte[20_000]));
    }
    assertThat(server.calls.get(0).messages).hasSize(1);
    assertThat(server.calls.get(0).messages.get(0)).hasSize(100_000);
  }

  @Test
  void aCallWhoseMessageDoesNotComeEnds() {
    server.receive(withoutMessage(1));
    assertThat(server.memory.incomplete().heldBytes()).isEqualTo(MemoryBudget.CALL_BYTES);
    pass(5, PING);
    assertThat(server.connection.callsInFlight).isEqualTo(1);
    pass(3, PING);
    Frames.Frame ended = response(1);
    assertThat(ended.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED.number());
    assertThat(text(ended)).contains("no message has come", "progressTimeout");
    assertThat(server.connection.callsInFlight).isZero();
    assertThat(server.memory.incomplete().heldBytes()).isZero();
  }

  @Test
  void aCallWhoseMessageComesLaterGoesOn() {
    server.echo = false;
    server.receive(withoutMessage(1));
    pass(5, PING);
    server.receive(data(Wire.END, 1, (byte) 5, (byte) 7));
    assertThat(server.calls.get(0).messages).hasSize(1);
    assertThat(server.memory.incomplete().heldBytes()).isZero();
    pass(20, PING);
    assertThat(server.calls.get(0).cancelled).isEmpty();
  }

  @Test
  void partsOfAStreamsMessageEndItUnlessTheyWaitForItsReader() {
    server.receive(frame(Wire.REQUEST, 1, head("stream.any", LONG)));
    server.receive(
        data(Wire.MORE, 1, concat(new byte[] {5}, Frames.u32(1_000_000), new byte[60_000])));
    pass(8, PING);
    assertThat(response(1).code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED.number());
    server.receive(frame(Wire.REQUEST, 2, head("stream.any", LONG)));
    // A message that nobody takes, and another for which then no credit is left.
    server.receive(data(0, 2, concat(new byte[] {5}, new byte[2_143])));
    byte[] part = concat(new byte[] {5}, Frames.u32(1_000_000), new byte[59_995]);
    server.receive(data(Wire.MORE, 2, part));
    for (int i = 1; i < 4; i++) {
      server.receive(data(Wire.MORE, 2, new byte[i == 3 ? 80_000 - 20_000 : 60_000]));
    }
    server.receive(data(Wire.MORE, 2, new byte[Wire.STREAM_WINDOW - 240_000 - 2_144]));
    pass(20, PING);
    assertThat(server.connection.streams.isEmpty()).isFalse();
  }

  @Test
  void aReplyThatDoesNotGoOnEndsAtItsCaller() {
    TestClient client = TestClient.greeted();
    TestClient.Call call = client.patient("demo.echo", Duration.ofHours(1));
    client.receive(
        data(Wire.MORE, 1, concat(new byte[] {5}, Frames.u32(100_000), new byte[60_000])));
    for (int i = 0; i < 8; i++) {
      client.advance(STEP);
      client.receive(PING);
    }
    assertThat(call.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(call.status.message()).contains("progressTimeout");
  }

  // ---- what all of it may hold

  private static TestServer sharing(MemoryBudget memory) {
    TestServer made = new TestServer(ConnectionSettings.DEFAULTS, memory);
    made.receive(Frames.GREETING);
    made.sent();
    return made;
  }

  @Test
  void theConnectionWhoseIncompleteBytesAreOldestLosesThem() {
    MemoryBudget memory = new MemoryBudget(1_000_000);
    TestServer first = sharing(memory);
    TestServer second = sharing(memory);
    TestServer third = sharing(memory);
    first.receive(begun(1, 60_000), begun(2, 60_000));
    second.advance(STEP);
    second.receive(begun(1, 60_000), begun(2, 60_000));
    third.advance(STEP.multipliedBy(2));
    third.receive(begun(1, 60_000));
    assertThat(memory.incomplete().heldBytes()).isEqualTo(500_000);
    third.receive(begun(2, 60_000));
    first.channel.runPendingTasks();
    second.channel.runPendingTasks();
    third.channel.runPendingTasks();
    assertThat(first.connection.streams.isEmpty()).isTrue();
    assertThat(first.sent())
        .hasSize(2)
        .allMatch(each -> each.code() == Status.Code.RESOURCE_EXHAUSTED.number())
        .allMatch(each -> text(each).contains("the oldest"));
    assertThat(first.isOpen()).isTrue();
    assertThat(second.connection.streams.size()).isEqualTo(2);
    assertThat(third.connection.streams.size()).isEqualTo(2);
    assertThat(memory.incomplete().heldBytes()).isEqualTo(400_000);
  }

  @Test
  void aConnectionWithHalfAFrameIsClosedForIt() {
    MemoryBudget memory = new MemoryBudget(1_000_000);
    TestServer stranger = sharing(memory);
    stranger.receive(Arrays.copyOf(request(1, "demo.echo", new byte[60_000]), 50_000));
    stranger.advance(STEP);
    TestServer[] others = new TestServer[5];
    for (int i = 0; i < others.length; i++) {
      others[i] = sharing(memory);
      others[i].advance(STEP.multipliedBy(i + 1)); // The last is the youngest.
      others[i].receive(begun(1, 60_000));
    }
    stranger.channel.runPendingTasks();
    assertThat(stranger.isOpen()).isFalse();
    assertThat(stranger.ended()).contains("the oldest");
    for (TestServer each : others) {
      each.channel.runPendingTasks();
    }
    // A little more than must be is freed, the oldest of the others too.
    assertThat(others[4].connection.streams.size()).isEqualTo(1);
    assertThat(memory.incomplete().heldBytes()).isBetween(300_000L, 400_000L);
  }

  /** A frame that has just begun costs an honest peer its calls at most. */
  @Test
  void aConnectionLosesItsMessagesBeforeItIsClosed() {
    MemoryBudget memory = new MemoryBudget(1_000_000);
    TestServer first = sharing(memory);
    first.receive(begun(1, 60_000), Arrays.copyOf(request(2, "demo.echo", new byte[99]), 50));
    TestServer second = sharing(memory);
    second.advance(STEP);
    second.receive(begun(1, 60_000), begun(2, 60_000), begun(3, 60_000));
    TestServer third = sharing(memory);
    third.advance(STEP);
    third.receive(begun(1, 60_000));
    first.channel.runPendingTasks();
    assertThat(first.connection.streams.isEmpty()).isTrue();
    assertThat(first.isOpen()).isTrue();
    assertThat(second.connection.streams.size()).isEqualTo(3);
  }

  @Test
  void oneConnectionAloneIsRefusedMoreBeforeItLosesAll() {
    TestServer alone = sharing(new MemoryBudget(1_000_000));
    for (int i = 1; i < 10; i++) {
      alone.receive(begun(i, 60_000));
    }
    assertThat(alone.connection.streams.size()).isEqualTo(3);
    assertThat(alone.sent()).allMatch(each -> each.stream() > 3).hasSize(6);
  }

  /** It has always something that is not whole, but never the same for long. */
  @Test
  void aBusyConnectionIsNotTakenForAnOldOne() {
    MemoryBudget memory = new MemoryBudget(1_000_000);
    TestServer busy = sharing(memory);
    busy.receive(begun(1, 60_000));
    TestServer stranger = sharing(memory);
    stranger.advance(Duration.ofSeconds(1));
    stranger.receive(begun(1, 60_000), begun(2, 60_000));
    for (int i = 2; i < 6; i++) {
      busy.advance(Duration.ofSeconds(1));
      busy.receive(begun(i, 60_000));
      busy.receive(data(Wire.END, i - 1, new byte[40_000]));
    }
    TestServer next = sharing(memory);
    next.advance(Duration.ofSeconds(6));
    next.receive(begun(1, 60_000), begun(2, 60_000), begun(3, 60_000));
    for (int i = 0; i < 3; i++) {
      busy.channel.runPendingTasks();
      stranger.channel.runPendingTasks();
      next.channel.runPendingTasks();
    }
    assertThat(busy.connection.streams.isEmpty()).isFalse();
    assertThat(stranger.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void callsThatSomebodyStillWorksAtCountForTheirConnection() {
    server.echo = false;
    server.receive(request(1, "demo.echo", (byte) 1), request(2, "demo.echo", (byte) 2));
    server.calls.forEach(each -> each.underWay = true);
    server.receive(Frames.reset(1, 1));
    assertThat(server.connection.callsInFlight).isEqualTo(2);
    server.calls.get(0).responder.respond(Status.OK, Metadata.EMPTY, Metadata.EMPTY);
    assertThat(server.connection.callsInFlight).isEqualTo(1);
    server.calls.get(1).answer(new byte[1]);
    assertThat(server.connection.callsInFlight).isZero();
    server.receive(opening(3, "demo.echo", 10, (byte) 1));
    assertThat(server.connection.callsInFlight).isEqualTo(1);
    server.receive(Frames.reset(3, 1));
    assertThat(server.connection.callsInFlight).isZero();
  }
}
