package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.ManualTicker;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboxTest {
  private final TestStream stream = new TestStream();
  private final Outbox outbox = new Outbox(new ManualTicker(1), TestStream.MEMORY, () -> {});

  OutboxTest() {
    stream.id = 7;
    stream.sends(outbox);
    outbox.open(stream);
  }

  private static byte[] frames(StreamOutbound item) {
    StreamBatch batch = (StreamBatch) item;
    return Arrays.copyOfRange(batch.bytes, batch.from(), batch.until());
  }

  private static byte[] frame(int... message) {
    byte[] data = new byte[1 + message.length];
    data[0] = 5;
    for (int i = 0; i < message.length; i++) {
      data[i + 1] = (byte) message[i];
    }
    return Frames.data(0, 7, data);
  }

  private void send(int... message) {
    byte[] bytes = new byte[message.length];
    for (int i = 0; i < message.length; i++) {
      bytes[i] = (byte) message[i];
    }
    assertThat(outbox.send(Frames.message(bytes))).isNull();
  }

  @Test
  void shortMessagesAreQueuedTogetherUntilTheyAreTaken() {
    send(1);
    send();
    send(2, 3);
    assertThat(stream.submitted).hasSize(1);
    stream.drain();
    send(4);
    send(5);
    assertThat(stream.submitted).hasSize(1);
    stream.drain();
    assertThat(stream.written).hasSize(2);
    assertThat(frames(stream.written.get(0)))
        .isEqualTo(Frames.concat(frame(1), frame(), frame(2, 3)));
    assertThat(frames(stream.written.get(1))).isEqualTo(Frames.concat(frame(4), frame(5)));
    StreamBatch first = (StreamBatch) stream.written.get(0);
    assertThat(first.frames()).isEqualTo(3);
    assertThat(first.dataBytes()).isEqualTo(6);
    assertThat(first.size()).isEqualTo(Stream.FRAME_OVERHEAD_BYTES + 8 * 3 + 6);
    assertThat(first.bytes).isSameAs(((StreamBatch) stream.written.get(1)).bytes);
  }

  @Test
  void whatIsNoShortMessageKeepsItsPlaceAmongThem() {
    outbox.headers(Metadata.of("h", "1"));
    send(1);
    assertThat(outbox.send(Frames.message(new byte[2_000]))).isNull();
    send(2);
    assertThat(outbox.finish()).isNull();
    assertThat(stream.submitted)
        .extracting(each -> each.getClass().getSimpleName())
        .containsExactly(
            "StreamMessage", "StreamBatch", "StreamMessage", "StreamBatch", "StreamMessage");
  }

  @Test
  void aFullArrayIsFollowedByAnotherOne() {
    for (int i = 0; i < 100; i++) {
      send(new int[i % 60]);
    }
    assertThat(stream.submitted.size()).isBetween(2, 6);
    stream.drain();
    int frames = stream.written.stream().mapToInt(each -> ((StreamBatch) each).frames()).sum();
    assertThat(frames).isEqualTo(100);
  }

  @Test
  void aSecondThreadIsRefusedBeforeItGarblesAnything() {
    var unused = outbox.claim();
    assertThatThrownBy(outbox::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one message at a time");
    outbox.release();
    assertThat(outbox.finish()).isNull();
  }

  @Test
  void nothingIsAppendedToWhatWasRefused() {
    stream.answer = OutboundQueue.Offer.CLOSED;
    for (int i = 0; i < 2; i++) {
      assertThat(outbox.send(Frames.message(new byte[1])))
          .extracting(Status::code)
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
    assertThat(stream.submitted).hasSize(2);
  }

  @Test
  void aBatchThatIsDroppedMakesRoomAndTakesNothingMore() {
    send(1);
    stream.submitted.remove(0).dropped();
    send(2);
    assertThat(stream.submitted).hasSize(1);
  }

  @Test
  void aSenderThatIsFarAheadWaitsUntilHalfOfItHasLeft() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    int size = StreamBatch.frameBytes(1_000);
    CompletableFuture<Void> sender =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 70; i++) {
                assertThat(outbox.send(Frames.message(new byte[1_000]))).isNull();
                sent.incrementAndGet();
              }
            },
            Thread::startVirtualThread);
    while (outbox.waiter == null) {
      assertThat(sender).isNotCompletedExceptionally();
      Thread.onSpinWait();
    }
    int ahead = sent.get();
    assertThat(ahead * size).isBetween(Outbox.AHEAD_BYTES, Outbox.AHEAD_BYTES + size);
    outbox.released(ahead * size - Outbox.AHEAD_BYTES / 2);
    assertThat(outbox.waiter).as("still waits").isNotNull();
    outbox.released(1);
    sender.get(20, TimeUnit.SECONDS);
    assertThat(sent.get()).isEqualTo(70);
  }

  @Test
  void everyMessageIsTakenOnceWhileOthersAreAppended() throws Exception {
    int count = 200_000;
    BlockingQueue<Outbound> queue = new LinkedBlockingQueue<>();
    TestStream busy =
        new TestStream() {
          @Override
          OutboundQueue.Offer submit(Outbound item) {
            queue.add(item);
            return OutboundQueue.Offer.QUEUED;
          }
        };
    busy.sends(outbox);
    outbox.open(busy);
    CompletableFuture<Void> sender =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < count; i++) {
                byte[] number = ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
                assertThat(outbox.send(Frames.message(number))).isNull();
              }
            },
            Thread::startVirtualThread);
    for (int next = 0; next < count; ) {
      Outbound item = queue.poll(20, TimeUnit.SECONDS);
      assertThat(item).as("the sender has gone to sleep at " + next).isNotNull();
      item.write();
      StreamBatch batch = (StreamBatch) busy.written.remove(0);
      for (Frames.Frame each : Frames.parse(frames(batch))) {
        ByteBuffer message = ByteBuffer.wrap(each.payload(), 1, Integer.BYTES);
        assertThat(message.getInt()).isEqualTo(next++);
      }
      outbox.released(batch.aheadBytes());
    }
    sender.get(20, TimeUnit.SECONDS);
    assertThat(queue).isEmpty();
  }
}
