package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private final RetryBudget budget = new RetryBudget();

  private int takeAll() {
    int taken = 0;
    while (budget.take()) {
      taken++;
    }
    return taken;
  }

  @Test
  void beginsFullAndNeedsAWholeTokenForEachRetry() {
    assertThat(takeAll()).isEqualTo(10);
    assertThat(budget.take()).isFalse();
    assertThat(budget.tokens()).isZero();
  }

  @Test
  void tenSuccessesBringOneTokenBack() {
    takeAll();
    for (int i = 0; i < 9; i++) {
      budget.succeeded();
    }
    assertThat(budget.take()).isFalse();
    budget.succeeded();
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
  }

  @Test
  void isNeverMoreThanFull() {
    for (int i = 0; i < 1_000; i++) {
      budget.succeeded();
    }
    assertThat(takeAll()).isEqualTo(10);
  }

  @Test
  void callsThatAllFailAreTriedAgainTenTimesTogetherAndThenNoMore() {
    int retries = 0;
    for (int call = 0; call < 1_000; call++) {
      for (int attempt = 1; attempt < 3 && budget.take(); attempt++) {
        retries++;
      }
    }
    assertThat(retries).isEqualTo(10);
  }

  @Test
  void retriesAreATenthOfCallsInTheLongRun() {
    int retries = 0;
    for (int call = 0; call < 100_000; call++) {
      budget.succeeded();
      if (budget.take()) {
        retries++;
      }
    }
    assertThat(retries).isBetween(10_000, 10_010);
  }

  @Test
  void noTokenIsLostOrMadeByThreadsThatMeet() throws Exception {
    int threads = 4;
    int rounds = 20_000;
    takeAll();
    AtomicInteger taken = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    try (var executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(
            executor.submit(() -> {
              go.await();
              for (int round = 0; round < rounds; round++) {
                budget.succeeded();
                // Taken at once, so that it is never full and every success counts.
                if (budget.take()) {
                  taken.incrementAndGet();
                }
              }
              return null;
            }));
      }
      go.countDown();
      for (Future<?> each : all) {
        each.get();
      }
    }
    int left = takeAll();
    assertThat(taken.get() + left).isEqualTo(threads * rounds / 10);
  }
}
