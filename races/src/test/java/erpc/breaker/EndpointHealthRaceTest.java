package erpc.breaker;

import erpc.breaker.EndpointHealth.Change;
import erpc.breaker.EndpointHealth.Modes;
import erpc.breaker.EndpointHealth.Verdict;
import erpc.races.Interleavings;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** The verdict about an endpoint, while calls of several threads end there. */
class EndpointHealthRaceTest {
  private static final Modes MODES = Modes.ALL_ON;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Calls that have begun before this end now. */
  private static final long NOW = 100 * SECOND;

  private static EndpointHealth after(int failures) {
    EndpointHealth health = new EndpointHealth();
    for (int i = 0; i < failures; i++) {
      var unused = health.failed(NOW - 2 * SECOND, MODES, () -> Double.NaN, NOW - SECOND);
    }
    return health;
  }

  private static String verdict(Change change) {
    return change == null ? "" : change.verdict().toString();
  }

  /** One failure more, and it is broken. */
  public static class Failing {
    private final EndpointHealth health = after(FailureCounts.IN_A_ROW - 1);

    @Operation
    public String failed() {
      return verdict(health.failed(NOW - 1, MODES, () -> Double.NaN, NOW));
    }

    @Operation
    public boolean isBroken() {
      return health.verdict(NOW) == Verdict.BROKEN;
    }

    @Operation
    public boolean isAvoided() {
      return health.share(MODES, NOW) == 0;
    }
  }

  /**
   * Two failures more with no success between them, and it is broken. Nobody looks meanwhile: a
   * success that ends while a failure is counted may count after it.
   */
  public static class Mixed {
    private final EndpointHealth health = after(FailureCounts.IN_A_ROW - 2);

    @Operation
    public String failed() {
      return verdict(health.failed(NOW - 1, MODES, () -> Double.NaN, NOW));
    }

    @Operation
    public String succeeded() {
      return verdict(health.succeeded(NOW - 1, MODES, NOW));
    }
  }

  /** A success more, and it is back. */
  public static class Recovering {
    private final EndpointHealth health = after(FailureCounts.IN_A_ROW);

    public Recovering() {
      for (int i = 1; i < EndpointHealth.SUCCESSES_WANTED; i++) {
        var unused = health.succeeded(NOW, MODES, NOW);
      }
    }

    @Operation
    public String succeeded() {
      return verdict(health.succeeded(NOW, MODES, NOW));
    }

    @Operation
    public String failed() {
      return verdict(health.failed(NOW, MODES, () -> Double.NaN, NOW));
    }

    @Operation
    public boolean takeProbe() {
      return health.takeProbe(MODES, NOW);
    }

    @Operation
    public boolean isBroken() {
      return health.verdict(NOW) == Verdict.BROKEN;
    }
  }

  /** As if whoever sees that a probe is due were the one. */
  public static class Careless {
    private final EndpointHealth health = after(FailureCounts.IN_A_ROW);

    @Operation
    public boolean takeProbe() {
      boolean due = health.isProbeDue(MODES, NOW);
      boolean unused = health.takeProbe(MODES, NOW);
      return due;
    }
  }

  @Test
  void oneOfSeveralFailuresBreaksItAndSaysSo() {
    Interleavings.areHarmless(Failing.class);
  }

  @Test
  void successesAndFailuresAreAllCounted() {
    Interleavings.areHarmless(Mixed.class);
  }

  @Test
  void oneOfSeveralSuccessesBringsItBackAndOneCallIsTheProbe() {
    Interleavings.areHarmless(Recovering.class);
  }

  @Test
  void twoProbesAtOnceWouldBeFound() {
    Interleavings.doHarm(Careless.class);
  }
}
