package erpc.codec;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Arrays of large messages, used again: making one clears it first, and leaves garbage. Each thread
 * that takes some has its own, and so should be one of few, as an event loop.
 */
public final class SpareArrays {
  /** A shorter array is cheap to make. */
  static final int LEAST_BYTES = 32 * 1024;

  /** As much as each thread keeps. */
  private static final long MOST_BYTES = Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 32);

  private static final ThreadLocal<@Nullable SpareArrays> OF_THREAD = new ThreadLocal<>();

  private final TreeMap<Integer, ArrayDeque<byte[]>> spare = new TreeMap<>();
  private int spareBytes;

  private SpareArrays() {}

  /**
   * An array of at least so many bytes, and at most about twice that. A large one may have been
   * used before: what is in it then has no meaning.
   */
  public static byte[] take(int least) {
    if (least < LEAST_BYTES) {
      return new byte[least];
    }
    SpareArrays own = OF_THREAD.get();
    if (own == null) {
      own = new SpareArrays();
      OF_THREAD.set(own);
    }
    return own.spareOrNew(least);
  }

  /** As {@link #take}, but one that the calling thread has already; null if none fits. */
  public static byte @Nullable [] takeSpare(int least) {
    SpareArrays own = OF_THREAD.get();
    return own == null || least < LEAST_BYTES ? null : own.spareOrNull(least);
  }

  private byte[] spareOrNew(int least) {
    byte[] fitting = spareOrNull(least);
    return fitting == null ? new byte[least] : fitting;
  }

  private byte @Nullable [] spareOrNull(int least) {
    Map.Entry<Integer, ArrayDeque<byte[]>> fitting = spare.ceilingEntry(least);
    if (fitting == null || fitting.getKey() / 2 > least) {
      return null;
    }
    byte[] array = fitting.getValue().remove();
    if (fitting.getValue().isEmpty()) {
      spare.remove(fitting.getKey());
    }
    spareBytes -= array.length;
    return array;
  }

  /**
   * Nobody uses the array any more: the calling thread may for its next message. Forgotten on
   * threads that have never taken one.
   */
  public static void giveBack(byte[] array) {
    if (array.length >= LEAST_BYTES) {
      SpareArrays own = OF_THREAD.get();
      if (own != null) {
        own.keepIfRoom(array);
      }
    }
  }

  private void keepIfRoom(byte[] array) {
    if (array.length <= MOST_BYTES - spareBytes) {
      spareBytes += array.length;
      spare.computeIfAbsent(array.length, bytes -> new ArrayDeque<>(4)).add(array);
    }
  }
}
