package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final int KIB = 1 << 10;

  private static byte[] large(int stream, String name, int bytes, int flags) {
    return Frames.frame(
        Wire.REQUEST | flags,
        stream,
        Frames.concat(Frames.head(name), new byte[] {5}, Frames.u32(4 << 20), new byte[bytes]));
  }

  private static byte[] streamed(int stream) {
    return Frames.frame(
        Wire.REQUEST,
        stream,
        Frames.concat(Frames.head("stream.both"), new byte[] {5}, new byte[60_000]));
  }

  @Test
  void smallMessagesAreNotCountedByThemselvesAndCallsCountAsOneKib() {
    MemoryBudget budget = new MemoryBudget(10 * KIB);
    assertThat(budget.charge(MemoryBudget.CALL_BYTES - 1)).isZero();
    assertThat(budget.heldBytes()).isZero();
    assertThat(budget.hasRoomFor(10)).isTrue();
    assertThat(budget.hasRoomFor(11)).isFalse();
    int charged = budget.charge(9 * KIB + 1);
    assertThat(budget.isExhausted()).isFalse();
    assertThat(budget.hasRoomFor(1)).isFalse();
    budget.release(budget.charge(KIB * 5));
    assertThat(budget.heldBytes()).isEqualTo(9 * KIB + 1);
    budget.release(charged);
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void theStandardIsAQuarterOfTheHeapOrLess() {
    MemoryBudget budget = new MemoryBudget(0);
    int quarter = (int) (Runtime.getRuntime().maxMemory() / 4 / MemoryBudget.CALL_BYTES);
    assertThat(budget.hasRoomFor(1)).isTrue();
    assertThat(budget.hasRoomFor(quarter + 1)).isFalse();
  }

  @Test
  void aConnectionCountsInStepsAndDoesNotFlutter() {
    MemoryBudget budget = new MemoryBudget(1 << 30);
    MemoryShare share = new MemoryShare(budget);
    share.hold(MemoryShare.STEP_BYTES - 1);
    assertThat(budget.heldBytes()).isZero();
    share.hold(3L * MemoryShare.STEP_BYTES + 5);
    assertThat(budget.heldBytes()).isEqualTo(3L * MemoryShare.STEP_BYTES);
    share.hold(3L * MemoryShare.STEP_BYTES - 5);
    assertThat(budget.heldBytes()).isEqualTo(3L * MemoryShare.STEP_BYTES);
    share.hold(0);
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void messagesThatNeverBecomeWholeAreCountedAndMoreOfThemRefused() {
    TestServer server = TestServer.greeted(ConnectionSettings.DEFAULTS, 100 * KIB);
    server.receive(large(1, "demo.echo", 60_000, Wire.MORE));
    server.receive(large(2, "demo.echo", 60_000, Wire.MORE));
    assertThat(server.memory.isExhausted()).isTrue();
    server.sent();
    server.receive(large(3, "demo.echo", 60_000, Wire.MORE));
    assertThat(server.sent())
        .anyMatch(frame ->
            frame.stream() == 3
                && frame.type() == Wire.RESPONSE
                && frame.code() == Status.Code.RESOURCE_EXHAUSTED.number());
    server.advance(Duration.ofSeconds(60));
    assertThat(server.memory.heldBytes()).isZero();
  }

  @Test
  void messagesThatNobodyReadsAreCountedUntilTheyAreTaken() {
    TestServer server = TestServer.greeted(ConnectionSettings.DEFAULTS, 100 * KIB);
    server.receive(streamed(1));
    server.receive(streamed(2));
    assertThat(server.memory.isExhausted()).isTrue();
    server.sent();
    server.receive(streamed(3));
    assertThat(server.sent())
        .anyMatch(frame ->
            frame.stream() == 3 && frame.code() == Status.Code.RESOURCE_EXHAUSTED.number());
    Inbox inbox = server.calls.get(0).requests;
    assertThat(inbox).isNotNull();
    ByteBuffer taken = inbox.next();
    assertThat(taken).isNotNull();
    inbox.discard();
    server.channel.runPendingTasks();
    assertThat(server.memory.isExhausted()).isFalse();
    server.connection.closeNow(Status.of(Status.Code.UNAVAILABLE, "over"));
    server.channel.runPendingTasks();
    assertThat(server.memory.heldBytes()).isZero();
  }
}
