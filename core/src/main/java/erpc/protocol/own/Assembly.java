package erpc.protocol.own;

import erpc.codec.SpareArrays;
import erpc.protocol.Scratch;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A message of several frames on its way in. Has room made for what has arrived and a few times
 * that, never for what was only announced; but an array for all of it that the event loop has spare
 * is taken at once, or half of the message would be copied once more while it grows.
 */
final class Assembly {
  /** So that a message of 64 KiB fits into the array that is made for its first frame. */
  static final int GROWTH = 5;

  static final int LEAST_BYTES = 4 * 1024;

  private static final byte[] NOTHING = {};

  final int encoding;
  final int total;
  private byte[] bytes = NOTHING;
  private int length;
  private Scratch.@Nullable Kept delivered;

  /**
   * Credit for what has arrived that its sender has not been given back, on a stream of messages.
   */
  int owed;

  /** When its first part came. */
  final long begunNanos;

  /** When it was last seen to have grown enough, and how long it was then. */
  private long grownNanos;

  private int grownTo;

  /** Whether it was found not to have grown: it is looked at once more before it is given up. */
  private boolean overdue;

  Assembly(int encoding, int total, long nowNanos) {
    this.encoding = encoding;
    this.total = total;
    this.begunNanos = nowNanos;
    this.grownNanos = nowNanos;
  }

  /** A part has come. */
  void grown(long nowNanos) {
    if (length - grownTo >= Unfinished.LEAST_GROWTH_BYTES) {
      restartTimeout(nowNanos);
    }
  }

  /** Its sender has as much time again. */
  void restartTimeout(long nowNanos) {
    grownTo = length;
    grownNanos = nowNanos;
    overdue = false;
  }

  /** How long it may still take to grow; 0 or less if it has taken too long. */
  long leftNanos(long nowNanos, long limitNanos) {
    long left = limitNanos - (nowNanos - grownNanos);
    if (left > 0 || overdue) {
      return left;
    }
    overdue = true;
    return Unfinished.SECOND_LOOK_NANOS;
  }

  /** Takes the next part; false if it is more than was announced. */
  boolean add(ByteBuf in, int size) {
    if (size > total - length) {
      return false;
    }
    if (length + size > bytes.length) {
      byte[] larger = SpareArrays.takeSpare(total);
      if (larger == null) {
        larger = SpareArrays.take(roomFor(size));
      }
      System.arraycopy(bytes, 0, larger, 0, length);
      SpareArrays.giveBack(bytes);
      bytes = larger;
    }
    in.readBytes(bytes, length, size);
    length += size;
    return true;
  }

  private int roomFor(int size) {
    return (int) Math.min(total, Math.max(LEAST_BYTES, (long) GROWTH * (length + size)));
  }

  /** By how many bytes it would hold more with another part of this size. */
  int growth(int size) {
    return length + size > bytes.length ? Math.max(0, roomFor(size) - bytes.length) : 0;
  }

  int length() {
    return length;
  }

  /** Bytes that are held, for what has arrived and what may follow soon. */
  int capacity() {
    return bytes.length;
  }

  /** Bytes that have yet to come. */
  int missing() {
    return total - length;
  }

  boolean isWhole() {
    return length == total;
  }

  /**
   * What has arrived, to be read until {@link #release}, or kept; it needs no release. No part may
   * be added any more.
   */
  ByteBuf deliver() {
    Scratch.Kept whole = new Scratch.Kept(bytes, length);
    delivered = whole;
    return whole;
  }

  boolean isDelivered() {
    return delivered != null;
  }

  /** Whoever it was delivered to has returned, or nobody will ask for it. */
  void release() {
    if (delivered == null || !delivered.isKept()) {
      SpareArrays.giveBack(bytes);
    }
    bytes = NOTHING;
  }
}
