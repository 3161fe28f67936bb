package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.u32;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of messages at either end of a connection, frame by frame. */
@Timeout(60)
class StreamFramesTest {
  private static final byte PLAIN = 5;

  // ---- the server's end

  private final TestServer server = TestServer.greeted();

  private TestServer.Call open(int id) {
    server.receive(frame(Wire.REQUEST, id, head("stream.any")));
    return server.calls.get(server.calls.size() - 1);
  }

  private static Inbox requests(TestServer.Call call) {
    return (Inbox) Objects.requireNonNull(call.requests);
  }

  private static Outbox replies(TestServer.Call call) {
    return (Outbox) Objects.requireNonNull(call.replies);
  }

  private static byte[] message(int length) {
    byte[] part = new byte[1 + length];
    part[0] = PLAIN;
    return part;
  }

  private static byte @Nullable [] next(Inbox inbox) {
    assertThat(inbox.hasNext()).isTrue();
    ByteBuffer bytes = inbox.next();
    if (bytes == null) {
      return null;
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  private int creditOf(int stream) {
    server.channel.runPendingTasks();
    return server.sent().stream()
        .filter(each -> each.type() == Wire.CREDIT && each.stream() == stream)
        .mapToInt(each -> each.in().readInt())
        .sum();
  }

  @Test
  void messagesAndTheEndReachTheHandler() {
    Inbox in = requests(open(1));
    assertThat(in.hasNext()).isFalse();
    server.receive(data(0, 1, PLAIN, (byte) 'a'), data(0, 1, PLAIN));
    assertThat(next(in)).containsExactly('a');
    assertThat(next(in)).isEmpty();
    server.receive(data(Wire.END, 1));
    assertThat(next(in)).isNull();
    assertThat(in.end()).isEqualTo(Status.OK);
  }

  @Test
  void theOpeningMayCarryAMessageAndTheEnd() {
    server.receive(
        frame(Wire.REQUEST | Wire.END, 1, concat(head("stream.any"), new byte[] {PLAIN, 'x'})));
    Inbox in = requests(server.calls.get(0));
    assertThat(next(in)).containsExactly('x');
    assertThat(next(in)).isNull();
  }

  @Test
  void aMessageOfSeveralFramesArrivesWhole() {
    Inbox in = requests(open(1));
    server.receive(
        data(Wire.MORE, 1, concat(new byte[] {PLAIN}, u32(5), new byte[] {1, 2})),
        data(Wire.MORE, 1, new byte[] {3}));
    assertThat(in.hasNext()).isFalse();
    server.receive(data(Wire.END, 1, new byte[] {4, 5}));
    assertThat(next(in)).containsExactly(1, 2, 3, 4, 5);
    assertThat(next(in)).isNull();
  }

  @Test
  void aMessageAfterTheEndAndAnEndInsideAMessageAreRefused() {
    open(1);
    server.receive(data(Wire.END, 1), data(0, 1, PLAIN, (byte) 1));
    assertThat(server.sent())
        .anyMatch(each -> each.type() == Wire.RESPONSE && each.code() == 3 && each.stream() == 1);
    open(2);
    server.receive(data(Wire.END | Wire.MORE, 2, concat(new byte[] {PLAIN}, u32(5))));
    assertThat(server.sent())
        .anyMatch(each -> each.type() == Wire.RESPONSE && each.code() == 3 && each.stream() == 2);
    assertThat(server.calls).allMatch(call -> call.cancelled.size() == 1);
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void creditComesBackWhenMessagesAreTakenAndNotBefore() {
    Inbox in = requests(open(1));
    for (int i = 0; i < 4; i++) {
      server.receive(data(0, 1, message(60_000)));
    }
    assertThat(creditOf(1)).isZero();
    for (int i = 0; i < 4; i++) {
      var unused = next(in);
    }
    assertThat(creditOf(1)).isGreaterThanOrEqualTo(Wire.STREAM_WINDOW / 2);
  }

  @Test
  void creditComesBackForWhatAHandlerDoesNotWant() {
    Inbox in = requests(open(1));
    server.receive(data(0, 1, message(10)), data(0, 1, message(60_000)));
    var unused = next(in);
    int sent = 11 + 60_001;
    in.discard();
    int back = creditOf(1);
    for (int i = 0; i < 20; i++) {
      byte[] part = message(50_000);
      server.receive(
          data(0, 1, part),
          data(Wire.MORE, 1, concat(new byte[] {PLAIN}, u32(50_001), part)),
          frame(Wire.DATA, 1, new byte[0]));
      sent += 2 * part.length + 5;
      back += creditOf(1);
      assertThat(server.isOpen()).as(server.ended()).isTrue();
      assertThat(sent - back).isLessThan(Wire.STREAM_WINDOW / 2);
    }
    assertThat(server.connection.inflow.heldBytes()).isZero();
  }

  @Test
  void creditComesBackForWhatComesAfterAHandlerWasInterrupted() {
    Inbox in = requests(open(1));
    in.end(Status.of(Status.Code.CANCELLED, "interrupted"), Metadata.EMPTY);
    int back = 0;
    for (int i = 0; i < 10; i++) {
      server.receive(data(0, 1, message(50_000)));
      back += creditOf(1);
    }
    assertThat(server.isOpen()).as(server.ended()).isTrue();
    assertThat(500_010 - back).isLessThan(Wire.STREAM_WINDOW / 2);
  }

  @Test
  void aSenderThatIgnoresCreditIsRefused() {
    open(1);
    for (int i = 0; i < 5 && server.isOpen(); i++) {
      server.receive(data(0, 1, message(60_000)));
    }
    assertThat(server.isOpen()).isFalse();
    assertThat(server.ended()).contains("credit of stream 1");
  }

  @Test
  void partsOfALargeMessageArePaidBackWhileTheReaderWaits() throws Exception {
    Inbox in = requests(open(1));
    Thread reader = Thread.startVirtualThread(() -> in.next());
    while (in.waitingSince() == 0 || in.deferCredit()) {
      Thread.onSpinWait();
    }
    server.receive(data(Wire.MORE, 1, concat(new byte[] {PLAIN}, u32(200_000), message(60_000))));
    server.receive(data(Wire.MORE, 1, message(65_000)));
    server.receive(data(Wire.MORE, 1, message(65_000)));
    assertThat(creditOf(1)).isGreaterThanOrEqualTo(Wire.STREAM_WINDOW / 2);
    server.receive(data(Wire.END | Wire.MORE, 1, message(0)));
    in.end(Status.OK, Metadata.EMPTY);
    reader.join();
  }

  @Test
  void whatAnEndedStreamHeldIsGivenBackToTheConnection() {
    for (int id = 1; id <= 60; id++) {
      open(id);
      for (int i = 0; i < 4; i++) {
        server.receive(data(0, id, message(60_000)));
      }
      server.receive(Frames.reset(id, 1));
    }
    // Far more than the connection's window has been sent, and nothing was taken.
    assertThat(server.isOpen()).isTrue();
    assertThat(creditOf(0)).isGreaterThan(Wire.CONNECTION_WINDOW / 2);
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void aConnectionShortOfCreditGetsEveryByteBackThatIsTaken() {
    for (int id = 1; id <= 32; id++) {
      open(id);
    }
    // 32 streams hold nearly all there is; each of them has little enough to keep quiet about.
    for (int round = 0; round < 4; round++) {
      for (int id = 1; id <= 32; id++) {
        server.receive(data(0, id, message(60_000)));
      }
    }
    int before = creditOf(0);
    Inbox in = requests(server.calls.get(0));
    var unused = next(in);
    assertThat(before).isZero();
    assertThat(creditOf(0)).isEqualTo(60_001);
  }

  @Test
  void repliesGoOutInOrderWithTheStatusBehindThem() {
    TestServer.Call call = open(1);
    server.sent();
    replies(call).headers(Metadata.of("h", "1"));
    assertThat(replies(call).send(Frames.message((byte) 1))).isNull();
    assertThat(replies(call).send(Frames.message((byte) 2, (byte) 3))).isNull();
    call.responder.respond(Status.OK, Metadata.EMPTY, Metadata.of("t", "2"));
    server.channel.runPendingTasks();
    List<Frames.Frame> sent = server.sent();
    assertThat(sent)
        .extracting(Frames.Frame::type)
        .containsExactly(Wire.RESPONSE, Wire.DATA, Wire.DATA, Wire.RESPONSE);
    assertThat(sent.get(0).has(Wire.END)).isFalse();
    assertThat(sent.get(1).payload()).containsExactly(PLAIN, 1);
    assertThat(sent.get(2).payload()).containsExactly(PLAIN, 2, 3);
    assertThat(sent.get(3).has(Wire.END)).isTrue();
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void aReplyWithoutCreditWaitsAndTheStatusWaitsBehindIt() {
    TestServer.Call call = open(1);
    byte[] large = new byte[Wire.STREAM_WINDOW + 10];
    assertThat(replies(call).send(Frames.message(large))).isNull();
    call.responder.respond(Status.OK, Metadata.EMPTY, Metadata.EMPTY);
    server.channel.runPendingTasks();
    List<Frames.Frame> sent = server.sent();
    assertThat(sent).noneMatch(each -> each.type() == Wire.RESPONSE);
    server.receive(credit(1, 100));
    sent = server.sent();
    assertThat(sent.get(sent.size() - 1).type()).isEqualTo(Wire.RESPONSE);
    assertThat(sent.get(sent.size() - 2).has(Wire.MORE)).isFalse();
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void shortRepliesWithoutCreditWaitTogetherAndAreCutWhereItEnds() {
    TestServer.Call call = open(1);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    // More than the window by some hundreds of messages, of every length that is sent in batches.
    for (int i = 0; all.size() < Wire.STREAM_WINDOW + 40_000; i++) {
      byte[] message = new byte[i * 37 % 1_024];
      Arrays.fill(message, (byte) i);
      assertThat(replies(call).send(Frames.message(message))).isNull();
      all.write(message.length >> 8);
      all.write(message.length);
      all.writeBytes(message);
    }
    assertThat(replies(call).pendingCount()).isBetween(2, 30);
    call.responder.respond(Status.OK, Metadata.EMPTY, Metadata.EMPTY);
    server.channel.runPendingTasks();
    List<Frames.Frame> sent = new ArrayList<>(server.sent());
    for (int amount = 1; server.connection.streams.get(1) != null; amount = amount * 3 % 1_999) {
      server.receive(credit(1, amount));
      sent.addAll(server.sent());
    }
    assertThat(sent.get(sent.size() - 1).type()).isEqualTo(Wire.RESPONSE);
    assertThat(sent).filteredOn(each -> each.has(Wire.MORE)).hasSizeGreaterThan(10);
    assertThat(messagesOf(sent)).isEqualTo(all.toByteArray());
    assertThat(replies(call).pendingBytes()).isZero();
  }

  /** The messages in these frames, each after its length. */
  private static byte[] messagesOf(List<Frames.Frame> sent) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    boolean inside = false;
    for (Frames.Frame each : sent) {
      if (each.type() == Wire.DATA) {
        byte[] payload = each.payload();
        int prefix = inside ? 0 : each.has(Wire.MORE) ? 5 : 1;
        if (!inside) {
          int length = prefix == 1 ? payload.length - 1 : ByteBuffer.wrap(payload).getInt(1);
          all.write(length >> 8);
          all.write(length);
        }
        all.write(payload, prefix, payload.length - prefix);
        inside = each.has(Wire.MORE);
      }
    }
    return all.toByteArray();
  }

  @Test
  void repliesOfAllKindsKeepTheirOrderWhileThereIsNoCredit() {
    TestServer.Call call = open(1);
    assertThat(replies(call).send(Frames.message(new byte[Wire.STREAM_WINDOW - 5]))).isNull();
    server.sent();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int length : new int[] {3, 2_000, 4, 5, 30_000, 6}) {
      byte[] message = new byte[length];
      Arrays.fill(message, (byte) length);
      assertThat(replies(call).send(Frames.message(message))).isNull();
      all.write(length >> 8);
      all.write(length);
      all.writeBytes(message);
    }
    assertThat(server.sent()).isEmpty();
    server.receive(credit(1, 40_000));
    assertThat(messagesOf(server.sent())).isEqualTo(all.toByteArray());
  }

  @Test
  void cancellingAStreamLetsGoOfTheShortRepliesItKeeps() {
    TestServer.Call call = open(1);
    assertThat(replies(call).send(Frames.message(new byte[Wire.STREAM_WINDOW - 5]))).isNull();
    for (int i = 0; i < 600; i++) {
      assertThat(replies(call).send(Frames.message(new byte[90]))).isNull();
    }
    assertThat(replies(call).pendingBytes()).isEqualTo(600 * 91);
    server.sent();
    server.receive(Frames.reset(1, 1));
    assertThat(replies(call).pendingBytes()).isZero();
    assertThat(server.connection.outflow.heldBytes()).isZero();
    // Its sender is 59 KiB ahead no more: it would wait here, on the event loop, for ever.
    for (int i = 0; i < 600; i++) {
      assertThat(replies(call).send(Frames.message(new byte[90]))).isNull();
    }
  }

  @Test
  void sendingOnAClosedConnectionIsRefusedAtOnce() {
    TestServer.Call call = open(1);
    server.channel.close();
    server.channel.runPendingTasks();
    assertThat(replies(call).send(Frames.message(new byte[1])))
        .extracting(Status::code)
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aCancelledStreamSendsNothingMore() {
    TestServer.Call call = open(1);
    byte[] large = new byte[Wire.STREAM_WINDOW + 10];
    assertThat(replies(call).send(Frames.message(large))).isNull();
    server.channel.runPendingTasks();
    server.sent();
    server.receive(Frames.reset(1, 1), credit(1, 1_000));
    assertThat(server.sent()).isEmpty();
    assertThat(call.cancelled).hasSize(1);
    assertThat(replies(call).send(Frames.message(new byte[1]))).isNull();
    server.channel.runPendingTasks();
    assertThat(server.sent()).isEmpty();
  }

  @Test
  void aStreamIsEndedWhenItsReaderHasWaitedTooLong() throws Exception {
    TestServer.Call call = openForever(1);
    Thread reader = Thread.startVirtualThread(() -> requests(call).next());
    while (requests(call).waitingSince() == 0) {
      Thread.onSpinWait();
    }
    server.advance(Duration.ofSeconds(29));
    keepAlive();
    assertThat(server.sent()).noneMatch(each -> each.type() == Wire.RESPONSE);
    server.receive(data(0, 1, PLAIN));
    reader.join();
    server.advance(Duration.ofSeconds(8));
    keepAlive();
    assertThat(call.cancelled).as("nobody waits").isEmpty();
    var unused = Thread.startVirtualThread(() -> requests(call).next());
    while (requests(call).waitingSince() == 0) {
      Thread.onSpinWait();
    }
    for (int i = 0; i < 31; i++) {
      server.advance(Duration.ofSeconds(1));
      keepAlive();
    }
    assertThat(server.sent()).anyMatch(each -> each.type() == Wire.RESPONSE && each.code() == 4);
    assertThat(call.cancelled).hasSize(1);
    requests(call).end(Status.OK, Metadata.EMPTY);
  }

  @Test
  void aStreamThatItsHandlerHasLeftIsEndedWhenNothingOfItIsTaken() {
    TestServer.Call call = openForever(1);
    assertThat(replies(call).send(Frames.message(new byte[Wire.STREAM_WINDOW + 5_000]))).isNull();
    call.responder.respond(Status.OK, Metadata.EMPTY, Metadata.EMPTY);
    for (int i = 0; i < 60; i++) {
      server.advance(Duration.ofSeconds(1));
      keepAlive();
      if (i % 20 == 0) {
        server.receive(credit(1, 10)); // Slowly is not too slowly.
      }
    }
    assertThat(server.sent()).noneMatch(each -> each.type() == Wire.RESPONSE);
    for (int i = 0; i < 20; i++) {
      server.advance(Duration.ofSeconds(1));
      keepAlive();
    }
    assertThat(server.sent()).anyMatch(each -> each.type() == Wire.RESPONSE && each.code() == 4);
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  private TestServer.Call openForever(int id) {
    byte[] name = Frames.named("stream.any");
    server.receive(
        frame(
            Wire.REQUEST,
            id,
            concat(new byte[] {Wire.REQUEST_NAME | Wire.REQUEST_TIMEOUT}, name, u32(1L << 31))));
    return server.calls.get(server.calls.size() - 1);
  }

  private void keepAlive() {
    server.receive(frame(Wire.PING, 0, new byte[8]));
  }

  @Test
  void everyCutOfAStreamLeavesNothingBehind() {
    byte[] whole =
        concat(
            Frames.GREETING,
            frame(Wire.REQUEST, 1, head("stream.any")),
            data(0, 1, PLAIN, (byte) 1),
            data(Wire.MORE, 1, concat(new byte[] {PLAIN}, u32(3), new byte[] {1})),
            data(0, 1, new byte[] {2, 3}),
            data(Wire.END, 1));
    for (int cut = 0; cut < whole.length; cut++) {
      TestServer one = new TestServer();
      one.receive(Arrays.copyOf(whole, cut));
      one.channel.close();
      one.channel.runPendingTasks();
      assertThat(one.connection.streams.isEmpty()).isTrue();
      assertThat(one.calls).allMatch(call -> call.cancelled.size() == 1);
    }
  }
}
