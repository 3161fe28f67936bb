package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final int KIB = 1 << 10;

  private static byte[] large(int stream, String name, int bytes, int flags) {
    return Frames.frame(
        Wire.REQUEST | flags,
        stream,
        Frames.concat(Frames.head(name), new byte[] {5}, Frames.u32(100_000), new byte[bytes]));
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
    MemoryShare share = new MemoryShare(budget, 1);
    share.hold(MemoryShare.STEP_BYTES - 1);
    assertThat(budget.heldBytes()).isZero();
    share.hold(3L * MemoryShare.STEP_BYTES + 5);
    assertThat(budget.heldBytes()).isEqualTo(3L * MemoryShare.STEP_BYTES);
    share.hold(3L * MemoryShare.STEP_BYTES - 5);
    assertThat(budget.heldBytes()).isEqualTo(3L * MemoryShare.STEP_BYTES);
    share.hold(0);
    assertThat(budget.heldBytes()).isZero();
  }

  private static boolean isRefused(TestServer server, int stream, String word) {
    return server.sent().stream()
        .anyMatch(frame ->
            frame.stream() == stream
                && frame.type() == Wire.RESPONSE
                && frame.code() == Status.Code.RESOURCE_EXHAUSTED.number()
                && new String(frame.payload(), StandardCharsets.UTF_8).contains(word));
  }

  @Test
  void messagesThatNeverBecomeWholeAreCountedAndMoreOfThemRefused() {
    TestServer server = TestServer.greeted(ConnectionSettings.DEFAULTS, 300 * KIB);
    server.receive(large(1, "demo.echo", 60_000, Wire.MORE));
    assertThat(server.memory.heldBytes()).isBetween(80_000L, 100_000L);
    assertThat(server.memory.incomplete().heldBytes()).isEqualTo(100_000);
    server.sent();
    server.receive(large(2, "demo.echo", 60_000, Wire.MORE));
    assertThat(isRefused(server, 2, "connectionShare")).isTrue();
    server.advance(Duration.ofSeconds(60));
    assertThat(server.memory.heldBytes()).isZero();
    assertThat(server.memory.incomplete().heldBytes()).isZero();
  }

  @Test
  void messagesThatNobodyReadsAreCountedUntilTheyAreTaken() {
    TestServer server =
        TestServer.greeted(ConnectionSettings.DEFAULTS.withConnectionShare(100), 150 * KIB);
    server.receive(streamed(1));
    server.receive(streamed(2));
    server.sent();
    server.receive(streamed(3));
    assertThat(isRefused(server, 3, "maxBufferedBytes")).isTrue();
    Inbox inbox = server.calls.get(0).requests;
    assertThat(inbox).isNotNull();
    ByteBuffer taken = inbox.next();
    assertThat(taken).isNotNull();
    inbox.discard();
    server.channel.runPendingTasks();
    server.receive(streamed(4));
    assertThat(isRefused(server, 4, "")).isFalse();
    server.connection.closeNow(Status.of(Status.Code.UNAVAILABLE, "over"));
    server.channel.runPendingTasks();
    assertThat(server.memory.heldBytes()).isZero();
  }

  @Test
  void manyConnectionsCountInSmallerSteps() {
    MemoryBudget budget = new MemoryBudget(64 << 20);
    budget.connections(1_000);
    assertThat(1_000L * budget.stepBytes()).isLessThanOrEqualTo((64 << 20) / 8);
    budget.connections(-999);
    assertThat(budget.stepBytes()).isEqualTo(MemoryShare.STEP_BYTES);
  }

  @Test
  void aConnectionMayHoldAsMuchAsIsFree() {
    MemoryBudget budget = new MemoryBudget(1_000 * KIB);
    MemoryShare one = new MemoryShare(budget, 1);
    MemoryShare other = new MemoryShare(budget, 1);
    one.hold(480 * KIB);
    assertThat(one.hasRoomFor(20 * KIB)).isTrue();
    assertThat(one.hasRoomFor(60 * KIB)).isFalse();
    assertThat(other.hasRoomFor(500 * KIB)).isTrue();
    assertThat(one.take(20 * KIB)).isTrue();
    assertThat(one.take(20 * KIB)).isFalse();
    assertThat(one.hasRoomForCall(0, 0)).isFalse();
    assertThat(other.hasRoomForCall(400, 400)).isFalse();
    assertThat(other.hasRoomForCall(40, 400)).isTrue();
    one.giveBack(20 * KIB);
    one.hold(0);
    assertThat(budget.heldBytes()).isZero();
  }
}
