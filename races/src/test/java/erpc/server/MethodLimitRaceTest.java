package erpc.server;

import erpc.races.Interleavings;
import erpc.settings.Mode;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** How many calls of a method a server takes per second, from several threads. */
class MethodLimitRaceTest {
  /** Twenty calls per second, and so two at once. */
  public static class PerSecond {
    private final MethodLimit limit = new MethodLimit("demo.hello", () -> 0);

    public PerSecond() {
      limit.fix(Integer.MAX_VALUE, 20);
    }

    @Operation
    public boolean enter() {
      return limit.enter(Mode.ON, 0) == null;
    }

    @Operation
    public boolean enterLater() {
      return limit.enter(Mode.ON, 50_000_000) == null;
    }
  }

  @Test
  void noMoreComeInThanARateAllows() {
    Interleavings.areHarmless(PerSecond.class);
  }
}
