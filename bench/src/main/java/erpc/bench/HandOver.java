package erpc.bench;

import java.util.concurrent.atomic.AtomicInteger;

/** Measures what it takes to hand a word from one processor to another and back. */
final class HandOver {
  private static final int TRIES = 10;
  private static final int WORDS = 2_000;

  private static final int CALLED = 1;
  private static final int ANSWERED = 2;
  private static final int OVER = 3;

  private HandOver() {}

  /**
   * The best of a few tries, in nanoseconds; takes some 20 ms of two processors. NaN if there is
   * but one.
   */
  static double nanos() {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      return Double.NaN;
    }
    AtomicInteger word = new AtomicInteger(ANSWERED);
    Thread other = Thread.ofPlatform().daemon().name("answers").start(() -> answer(word));
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIES; i++) {
      long start = System.nanoTime();
      for (int j = 0; j < WORDS; j++) {
        word.set(CALLED);
        while (word.get() != ANSWERED) {
          Thread.onSpinWait();
        }
      }
      best = Math.min(best, (System.nanoTime() - start) / (double) WORDS);
    }
    word.set(OVER);
    boolean interrupted = false;
    while (other.isAlive()) {
      try {
        other.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return best;
  }

  private static void answer(AtomicInteger word) {
    for (int seen = word.get(); seen != OVER; seen = word.get()) {
      if (seen == CALLED) {
        word.set(ANSWERED);
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
