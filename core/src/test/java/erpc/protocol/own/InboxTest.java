package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.ManualTicker;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages between an event loop and a reader. */
@Timeout(30)
class InboxTest {
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final Inbox inbox = new Inbox(new ManualTicker(), this::interrupted);

  private void interrupted() {
    interrupted.countDown();
    inbox.end(Status.of(Status.Code.CANCELLED, "interrupted"), Metadata.EMPTY);
  }

  private void add(int encoding, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    inbox.add(encoding, Unpooled.wrappedBuffer(bytes), bytes.length, bytes.length + 1);
  }

  private static @Nullable String text(@Nullable ByteBuffer bytes) {
    return bytes == null ? null : StandardCharsets.UTF_8.decode(bytes).toString();
  }

  @Test
  void givesMessagesInOrderWithTheirEncodings() {
    add(0x15, "one");
    add(1, "");
    assertThat(text(inbox.next())).isEqualTo("one");
    assertThat(inbox.encoding()).isEqualTo(0x15);
    add(0xff, "three");
    assertThat(text(inbox.next())).isEmpty();
    assertThat(inbox.encoding()).isEqualTo(1);
    assertThat(text(inbox.next())).isEqualTo("three");
    assertThat(inbox.encoding()).isEqualTo(0xff);
  }

  @Test
  void givesTheEndBehindTheMessages() {
    add(1, "last");
    inbox.end(Status.OK, Metadata.of("t", "1"));
    add(1, "too late");
    assertThat(text(inbox.next())).isEqualTo("last");
    assertThat(inbox.next()).isNull();
    assertThat(inbox.next()).isNull();
    assertThat(inbox.end()).isEqualTo(Status.OK);
    assertThat(inbox.trailers().text("t")).isEqualTo("1");
  }

  @Test
  void theFirstEndCounts() {
    inbox.end(Status.OK, Metadata.EMPTY);
    inbox.end(Status.of(Status.Code.ABORTED, "later"), Metadata.EMPTY);
    assertThat(inbox.end()).isEqualTo(Status.OK);
  }

  @Test
  void owesTheSenderWhatWasTakenAndNothingElse() {
    add(1, "four");
    add(1, "more");
    assertThat(inbox.collect()).isZero();
    var unused = inbox.next();
    assertThat(inbox.collect()).isEqualTo(5);
    assertThat(inbox.collect()).isZero();
    inbox.add(1, Unpooled.wrappedBuffer(new byte[100]), 100, 7);
    unused = inbox.next();
    unused = inbox.next();
    assertThat(inbox.collect()).isEqualTo(5 + 7);
  }

  @Test
  void owesWhatIsThrownAway() {
    add(1, "four");
    inbox.discard();
    assertThat(inbox.collect()).isEqualTo(5);
    add(1, "later");
    assertThat(inbox.collect()).isEqualTo(6);
    assertThat(inbox.next()).isNull();
  }

  @Test
  void messagesOfAllSizesKeepTheirOrderHoweverFarTheReaderIsBehind() {
    int round = 0;
    for (int behind = 1; behind < 300; behind = 2 * behind + 1) {
      for (int i = 0; i < behind; i++) {
        add(1, "x".repeat(i * i % 3_001));
      }
      add(1, "y".repeat(50_000));
      for (int i = 0; i < behind; i++) {
        assertThat(text(inbox.next())).hasSize(i * i % 3_001);
      }
      assertThat(text(inbox.next())).startsWith("y").hasSize(50_000);
      round++;
    }
    assertThat(round).isGreaterThan(5);
  }

  @Test
  void owesAllOfManyMessagesThatAreThrownAway() {
    for (int i = 0; i < 100; i++) {
      add(1, "x".repeat(999));
    }
    var unused = inbox.next();
    inbox.discard();
    // What the reader has taken away with the first message is settled when the stream ends.
    assertThat(inbox.collect()).isBetween(90_000, 100_000);
  }

  @Test
  void whoWaitsForWhatIsThrownAwayWaitsNoMore() throws Exception {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    Thread.startVirtualThread(() -> ended.complete(inbox.next() == null));
    while (inbox.waitingSince() == 0) {
      Thread.onSpinWait();
    }
    inbox.discard();
    assertThat(ended.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(inbox.end()).isNull();
  }

  @Test
  void partsOfAMessageAreDueOnceTheReaderWaitsForThem() throws Exception {
    add(1, "before");
    assertThat(inbox.deferCredit()).isTrue();
    assertThat(inbox.takeDeferredCredit()).isFalse();
    var unused = inbox.next();
    CompletableFuture<@Nullable String> read = new CompletableFuture<>();
    Thread reader = Thread.startVirtualThread(() -> read.complete(text(inbox.next())));
    while (inbox.deferCredit()) {
      Thread.onSpinWait();
    }
    assertThat(inbox.takeDeferredCredit()).isTrue();
    add(1, "whole");
    assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo("whole");
    assertThat(inbox.deferCredit()).isTrue();
    reader.join();
  }

  @Test
  void aWaitingReaderWakesForTheEndAndForAnInterrupt() throws Exception {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    Thread reader =
        Thread.startVirtualThread(() -> {
          boolean nothing = inbox.next() == null;
          ended.complete(nothing && Thread.currentThread().isInterrupted());
        });
    reader.interrupt();
    assertThat(ended.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(interrupted.await(0, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void readersThatTakeTurnsAreWokenEachTime() throws Exception {
    int turns = 2_000;
    List<Semaphore> turn = List.of(new Semaphore(1), new Semaphore(0));
    Semaphore read = new Semaphore(0);
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int reader = 0; reader < 2; reader++) {
      Semaphore own = turn.get(reader);
      Semaphore other = turn.get(1 - reader);
      readers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < turns; i++) {
                  own.acquireUninterruptibly();
                  assertThat(text(inbox.next())).isEqualTo("m");
                  other.release();
                  read.release();
                }
              },
              task -> Thread.ofPlatform().daemon().start(task)));
    }
    for (int i = 0; i < 2 * turns; i++) {
      add(1, "m");
      assertThat(read.tryAcquire(20, TimeUnit.SECONDS)).as("turn " + i).isTrue();
    }
    for (CompletableFuture<Void> reader : readers) {
      reader.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void aMessagesByteOrderIsNotThatOfTheOneBefore() {
    inbox.add(1, Unpooled.wrappedBuffer(new byte[] {0, 1}), 2, 3);
    inbox.add(1, Unpooled.wrappedBuffer(new byte[] {0, 1}), 2, 3);
    for (int i = 0; i < 2; i++) {
      ByteBuffer message = inbox.next();
      assertThat(message).isNotNull();
      assertThat(message.getShort()).isEqualTo((short) 1);
      message.order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Test
  void losesAndRepeatsNothingBetweenTwoThreads() throws Exception {
    int count = 100_000;
    Random random = new Random(7);
    CompletableFuture<Long> read = new CompletableFuture<>();
    Thread reader =
        Thread.startVirtualThread(() -> {
          long next = 0;
          for (ByteBuffer m = inbox.next(); m != null; m = inbox.next()) {
            if (m.getLong() != next++) {
              break;
            }
          }
          read.complete(next);
        });
    long owed = 0;
    for (long i = 0; i < count; i++) {
      byte[] bytes = new byte[8 + random.nextInt(200)];
      ByteBuffer.wrap(bytes).putLong(i);
      inbox.add(1, Unpooled.wrappedBuffer(bytes), bytes.length, bytes.length + 1);
      owed += bytes.length + 1 - inbox.collect();
    }
    inbox.end(Status.OK, Metadata.EMPTY);
    assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(count);
    reader.join();
    assertThat(inbox.collect()).isEqualTo(owed);
  }
}
