package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.SameMoment;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final int KIB = 1 << 10;

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

  @Test
  void manyConnectionsCountInSmallerSteps() {
    MemoryBudget budget = new MemoryBudget(64 << 20);
    budget.connections(1_000);
    assertThat(1_000L * budget.stepBytes()).isLessThanOrEqualTo((64 << 20) / 8);
    budget.connections(-999);
    assertThat(budget.stepBytes()).isEqualTo(MemoryShare.STEP_BYTES);
  }

  @Test
  void stepsFitAllConnectionsThoughTwoThreadsCountAtTheSameMoment() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final MemoryBudget budget = new MemoryBudget(1 << 20);

          @Override
          public void one() {
            budget.connections(100);
          }

          @Override
          public void other() {
            budget.connections(100);
          }

          @Override
          public void check() {
            assertThat(200 * budget.stepBytes()).isLessThanOrEqualTo((1 << 20) / 8);
          }
        });
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
