package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who loses what is incomplete when there is too much of it. */
class IncompleteTest {
  private final Incomplete all = new Incomplete(1_000);
  private int asked;

  @Test
  void goesOnDroppingAfterAnEventLoopThatHadNoMemoryToDoSo() {
    all.join(
        new Incomplete.Holder() {
          @Override
          public long incompleteBytes() {
            return all.heldBytes();
          }

          @Override
          public long incompleteSinceNanos() {
            return 0;
          }

          @Override
          public void dropIncomplete(Runnable done) {
            asked++;
            if (asked == 1) {
              throw new OutOfMemoryError("no task");
            }
            all.add(-all.heldBytes());
            done.run();
          }
        });
    all.add(1_001);
    all.add(1);
    assertThat(asked).isEqualTo(2);
    assertThat(all.heldBytes()).isZero();
  }
}
