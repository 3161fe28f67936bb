package erpc.races;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Two threads that do a few operations of a class, in every order in which they may get in each
 * other's way, as far as there is time: what they see must be what one thread after the other sees.
 * The same ones each time: Lincheck draws them from a fixed seed.
 */
public final class Interleavings {
  private static final int SCENARIOS = 10;
  private static final int ORDERS = 200;

  private Interleavings() {}

  /** No order shows more than threads see that wait for each other. */
  public static void areHarmless(Class<?> operations) {
    areHarmless(operations, SCENARIOS, ORDERS);
  }

  /** The same of classes that take long: with so many scenarios, and so many orders of each. */
  public static void areHarmless(Class<?> operations, int scenarios, int orders) {
    options(scenarios, orders).check(operations);
  }

  /** One does: so it would be found if what is tested had such a fault. */
  public static void doHarm(Class<?> operations) {
    assertThatThrownBy(() -> options(SCENARIOS, ORDERS).check(operations))
        .isInstanceOf(LincheckAssertionError.class);
  }

  private static ModelCheckingOptions options(int scenarios, int orders) {
    return new ModelCheckingOptions()
        .iterations(scenarios)
        .invocationsPerIteration(orders)
        .threads(2)
        .actorsBefore(0)
        .actorsPerThread(3)
        .actorsAfter(2)
        .minimizeFailedScenario(false);
  }
}
