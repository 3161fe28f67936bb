package erpc.breaker;

import erpc.races.Interleavings;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** Tokens that calls of several threads take and bring back. */
class RetryBudgetRaceTest {
  /** A budget with one token, and nine of ten parts of another. */
  public static class NearlyEmpty {
    private final RetryBudget budget = new RetryBudget();

    public NearlyEmpty() {
      for (int i = 1; i < RetryBudget.TOKENS; i++) {
        boolean unused = budget.take();
      }
      for (int i = 1; i < RetryBudget.SUCCESSES_PER_TOKEN; i++) {
        budget.succeeded();
      }
    }

    @Operation
    public boolean take() {
      return budget.take();
    }

    @Operation
    public void succeeded() {
      budget.succeeded();
    }

    @Operation
    public int tokens() {
      return budget.tokens();
    }
  }

  /** A budget that a success fills. */
  public static class NearlyFull {
    private final RetryBudget budget = new RetryBudget();

    public NearlyFull() {
      boolean unused = budget.take();
      for (int i = 1; i < RetryBudget.SUCCESSES_PER_TOKEN; i++) {
        budget.succeeded();
      }
    }

    @Operation
    public boolean take() {
      return budget.take();
    }

    @Operation
    public void succeeded() {
      budget.succeeded();
    }

    @Operation
    public int tokens() {
      return budget.tokens();
    }
  }

  /** As a budget would be that looked first and wrote then. */
  public static class Careless {
    private final AtomicInteger tokens = new AtomicInteger(1);

    @Operation
    public boolean take() {
      int before = tokens.get();
      if (before > 0) {
        tokens.set(before - 1);
      }
      return before > 0;
    }
  }

  @Test
  void noTokenIsTakenTwiceOrLostWhileThereAreFew() {
    Interleavings.areHarmless(NearlyEmpty.class);
  }

  @Test
  void noTokenIsTakenTwiceOrLostWhileItIsNearlyFull() {
    Interleavings.areHarmless(NearlyFull.class);
  }

  @Test
  void tokenThatIsTakenTwiceWouldBeFound() {
    Interleavings.doHarm(Careless.class);
  }
}
