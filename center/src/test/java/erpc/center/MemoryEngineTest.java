package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.center.Engine.Compacted;
import erpc.center.Engine.Feed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryEngineTest extends EngineContract {
  @Override
  Engine open() {
    return MemoryEngine.open();
  }

  @Test
  void whoeverIsTooFarBehindIsToldFromWhereOnItGoes() throws Exception {
    try (Engine engine = MemoryEngine.open();
        Feed late = engine.watch(0)) {
      for (int i = 0; i < MemoryEngine.KEPT_BATCHES + 7; i++) {
        engine.propose(List.of(put("a", "" + i)), null);
      }
      assertThat(late.next(Duration.ZERO)).isEqualTo(new Compacted(7));
      try (Feed oldest = engine.watch(7)) {
        assertThat(batch(oldest).revision()).isEqualTo(8);
      }
    }
  }

  @Test
  void eachStartIsAHistoryOfItsOwn() {
    try (Engine one = MemoryEngine.open();
        Engine other = MemoryEngine.open()) {
      assertThat(one.history()).isNotEqualTo(other.history());
    }
  }
}
