package erpc.breaker;

import erpc.settings.Mode;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of verdicts when too few endpoints are healthy: below half of the weight they would
 * get more than they can bear, and what is wrong is rather not the endpoints. Unhealthy ones then
 * get calls again, the more, the fewer are healthy. Not thread-safe.
 */
public final class Panic {
  /** Below this part of the weight it begins. */
  public static final double LEAST_HEALTHY = 0.5;

  private boolean panics;

  /** No panic. */
  public Panic() {}

  /**
   * Which part of its weight an unhealthy endpoint counts with, beside healthy ones that count with
   * all of theirs: together they get the share 1 − 2h. 0 without panic.
   *
   * <p>If none is healthy, all count alike whatever the mode: a client always tries.
   *
   * @param healthy the weight of healthy endpoints
   * @param all that of all
   */
  public static double factor(double healthy, double all, Mode mode) {
    if (healthy <= 0) {
      return 1;
    }
    double h = healthy / all;
    return mode != Mode.ON || h >= LEAST_HEALTHY ? 0 : (1 - 2 * h) / (2 * (1 - h));
  }

  /**
   * What there is to say when healthy endpoints have become more or fewer; null if nothing.
   *
   * @param healthyEndpoints how many are healthy
   * @param endpoints how many there are
   */
  public @Nullable String changed(
      double healthy, double all, int healthyEndpoints, int endpoints, Mode mode) {
    boolean panicked = panics;
    double h = all <= 0 ? 1 : healthy / all;
    panics = mode != Mode.OFF && h < LEAST_HEALTHY;
    if (panics == panicked) {
      return null;
    }
    String state =
        healthyEndpoints
            + " of "
            + endpoints
            + " endpoints ("
            + Texts.percent(h)
            + " of the weight) are healthy";
    if (!panics) {
      return "panic is over: " + state;
    }
    String share = Texts.percent(1 - 2 * h) + " of the calls";
    return mode == Mode.ON || healthy <= 0
        ? "panic: " + state + "; unhealthy ones get " + share
        : "would panic, were it no dry run: " + state + "; unhealthy ones would get " + share;
  }
}
