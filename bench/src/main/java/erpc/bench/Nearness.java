package erpc.bench;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * How near to each other the machine's processors are. Those of a virtual machine are moved about
 * by its host: a word from one to another and back was seen to take 60 ns at some times and 450 ns
 * at others, which halves what programs do that hand work from thread to thread. So it is measured
 * around every run, and runs can wait for it.
 */
final class Nearness {
  /** Sees how long a word takes between two processors and back, in nanoseconds. */
  private final DoubleSupplier probe;

  /** The most a run is to have, or infinite. */
  private final double wanted;

  private final long lookMillis;
  private long patienceNanos;

  /**
   * Nearness of this machine's processors.
   *
   * @param wanted the most nanoseconds that a run is to have; infinite to take it as it is
   * @param patienceSeconds what all its runs together may spend on waiting and on being repeated
   */
  Nearness(double wanted, int patienceSeconds) {
    this(HandOver::nanos, wanted, 1_000, TimeUnit.SECONDS.toNanos(patienceSeconds));
  }

  Nearness(DoubleSupplier probe, double wanted, long lookMillis, long patienceNanos) {
    this.probe = probe;
    this.wanted = wanted;
    this.lookMillis = lookMillis;
    this.patienceNanos = patienceNanos;
  }

  /** What can be run again. */
  interface Repeatable {
    void run() throws Exception;
  }

  /**
   * Runs something while processors are near, again if they were not until its end, and in any case
   * once patience is at its end.
   *
   * @return how long a word took before or after it, whichever was longer, in nanoseconds; NaN with
   *     one processor
   */
  double during(Repeatable run) throws Exception {
    while (true) {
      double before = await();
      long start = System.nanoTime();
      run.run();
      double apart = Math.max(before, probe.getAsDouble());
      if (!isTooFar(apart)) {
        return apart;
      }
      spend(start);
    }
  }

  private double await() throws InterruptedException {
    double apart = probe.getAsDouble();
    while (isTooFar(apart)) {
      long start = System.nanoTime();
      TimeUnit.MILLISECONDS.sleep(lookMillis);
      apart = probe.getAsDouble();
      spend(start);
    }
    return apart;
  }

  private boolean isTooFar(double apart) {
    return apart > wanted && patienceNanos > 0;
  }

  private void spend(long since) {
    patienceNanos -= System.nanoTime() - since;
  }

  /** What to say of it, for sorted figures. */
  static String describe(double[] sorted) {
    if (sorted.length == 0 || Double.isNaN(sorted[sorted.length - 1])) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "a word between two processors and back: %.0f ns (%.0f to %.0f)",
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }
}
