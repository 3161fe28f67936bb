package erpc.breaker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How long calls of a method take, over all endpoints of a place: the last 20 to 30 s, in three
 * windows of 10 s. Its figures are as of a second ago at most. Thread-safe.
 *
 * <p>Samples are counted without a lock and without an atomic addition. Two threads that count in
 * the same bucket at once may count one; a thread that stops between reading and writing takes back
 * what others count there meanwhile. Both hit all buckets alike, so that shares stay what they are,
 * and nothing but shares is asked for.
 */
public final class MethodLatency {
  /** With fewer calls nobody knows what is long. */
  public static final int LEAST_SAMPLES = 20;

  private static final long LEAST_LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Buckets per doubling: each is an eighth wide at most. */
  private static final int PER_OCTAVE = 8;

  private static final int PER_OCTAVE_SHIFT = 3;

  /** 2^10 ns, about 1 µs: less is one bucket. */
  private static final int FIRST_OCTAVE = 10;

  /** 2^36 ns, about 69 s: more is one bucket. */
  private static final int END_OCTAVE = 36;

  private static final int BUCKETS = 2 + (END_OCTAVE - FIRST_OCTAVE) * PER_OCTAVE;
  private static final int WINDOWS = 3;
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** At the beginning figures change quickly, and somebody may need them soon. */
  private static final long FIRST_REFRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(int[].class);

  private final int[][] windows = new int[WINDOWS][BUCKETS];

  // Written by whoever has the lock; calls read them without.
  private volatile int current;
  private volatile long refreshAtNanos;
  private volatile Figures figures = new Figures(0, 0, new int[0]);

  @GuardedBy("this")
  private long windowBeganNanos;

  @GuardedBy("this")
  private long refreshNanos = FIRST_REFRESH_NANOS;

  /**
   * What the windows come to.
   *
   * @param upTo calls that took as long as each bucket or less
   * @param perNano a nanosecond as a part of the average
   */
  private record Figures(long averageNanos, long medianNanos, int[] upTo, double perNano) {
    Figures(long averageNanos, long medianNanos, int[] upTo) {
      this(averageNanos, medianNanos, upTo, 1.0 / averageNanos); // So that no call divides.
    }
  }

  /** Nothing is known yet. */
  public MethodLatency(long nowNanos) {
    windowBeganNanos = nowNanos;
    refreshAtNanos = nowNanos;
  }

  /** A call that has been answered took so long. */
  public void sample(long nanos, long nowNanos) {
    int[] counts = windows[current];
    int bucket = bucket(nanos);
    COUNT.setOpaque(counts, bucket, (int) COUNT.getOpaque(counts, bucket) + 1);
    if (nowNanos - refreshAtNanos >= 0) {
      refresh(nowNanos);
    }
  }

  /**
   * A limit that this share of calls does not pass, for what is to follow them.
   *
   * @return 1 ms at least, as timers are not exact enough for less; 0 while fewer than {@value
   *     #LEAST_SAMPLES} calls are known
   */
  public long limitNanos(double share) {
    return samples() < LEAST_SAMPLES ? 0 : Math.max(LEAST_LIMIT_NANOS, percentileNanos(share));
  }

  /** How many calls its figures are of. */
  int samples() {
    int[] upTo = figures.upTo;
    return upTo.length == 0 ? 0 : upTo[BUCKETS - 1];
  }

  /** The average; 0 if nothing is known yet. */
  public long averageNanos() {
    return figures.averageNanos;
  }

  /** The median; 0 if nothing is known yet. */
  public long medianNanos() {
    return figures.medianNanos;
  }

  /** What this share of calls does not pass, an eighth too much at most; 0 if nothing is known. */
  public long percentileNanos(double share) {
    return percentile(figures.upTo, share);
  }

  /**
   * How many times the average a call took, which says something of its endpoint whatever it asked
   * for; 1 while nothing is known.
   */
  public double relative(long nanos) {
    Figures now = figures;
    return now.averageNanos == 0 ? 1 : nanos * now.perNano;
  }

  private synchronized void refresh(long nowNanos) {
    if (nowNanos - refreshAtNanos < 0) {
      return; // Another thread has.
    }
    figures = sum();
    refreshAtNanos = nowNanos + refreshNanos;
    refreshNanos = Math.min(REFRESH_NANOS, 2 * refreshNanos);
    long windowsOver = (nowNanos - windowBeganNanos) / WINDOW_NANOS;
    for (int i = 0; i < Math.min(windowsOver, WINDOWS); i++) {
      int next = (current + 1) % WINDOWS;
      Arrays.fill(windows[next], 0);
      current = next;
    }
    windowBeganNanos += windowsOver * WINDOW_NANOS;
  }

  private Figures sum() {
    int[] upTo = new int[BUCKETS];
    double nanos = 0;
    int count = 0;
    for (int i = 0; i < BUCKETS; i++) {
      int inBucket = 0;
      for (int[] window : windows) {
        inBucket += window[i];
      }
      count += inBucket;
      nanos += inBucket * middleNanos(i);
      upTo[i] = count;
    }
    if (count == 0) {
      return figures;
    }
    return new Figures(Math.max(1, Math.round(nanos / count)), percentile(upTo, 0.5), upTo);
  }

  private static long percentile(int[] upTo, double share) {
    if (upTo.length == 0) {
      return 0;
    }
    long rank = Math.max(1, (long) Math.ceil(upTo[BUCKETS - 1] * Math.clamp(share, 0, 1)));
    int low = 0;
    int high = BUCKETS - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (upTo[middle] >= rank) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return endNanos(low);
  }

  private static int bucket(long nanos) {
    if (nanos < 1L << FIRST_OCTAVE) {
      return 0;
    }
    int octave = 63 - Long.numberOfLeadingZeros(nanos);
    if (octave >= END_OCTAVE) {
      return BUCKETS - 1;
    }
    int part = (int) (nanos >>> (octave - PER_OCTAVE_SHIFT)) & (PER_OCTAVE - 1);
    return 1 + (octave - FIRST_OCTAVE) * PER_OCTAVE + part;
  }

  private static double middleNanos(int bucket) {
    return bucket == 0
        ? (1L << FIRST_OCTAVE) / 2.0
        : (endNanos(bucket - 1) + endNanos(bucket)) / 2.0;
  }

  /** Where a bucket ends; the last one counts as a doubling. */
  private static long endNanos(int bucket) {
    if (bucket == BUCKETS - 1) {
      return 1L << (END_OCTAVE + 1);
    }
    int octave = FIRST_OCTAVE + bucket / PER_OCTAVE;
    long step = (1L << octave) >>> PER_OCTAVE_SHIFT;
    return (1L << octave) + bucket % PER_OCTAVE * step;
  }
}
