package erpc.protocol;

import erpc.codec.SpareArrays;
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

  Assembly(int encoding, int total) {
    this.encoding = encoding;
    this.total = total;
  }

  /** Takes the next part; false if it is more than was announced. */
  boolean add(ByteBuf in, int size) {
    if (size > total - length) {
      return false;
    }
    if (length + size > bytes.length) {
      byte[] larger = SpareArrays.takeSpare(total);
      if (larger == null) {
        long wanted = Math.max(LEAST_BYTES, (long) GROWTH * (length + size));
        larger = SpareArrays.take((int) Math.min(total, wanted));
      }
      System.arraycopy(bytes, 0, larger, 0, length);
      SpareArrays.giveBack(bytes);
      bytes = larger;
    }
    in.readBytes(bytes, length, size);
    length += size;
    return true;
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
   * What has arrived, to be read until {@link #over}, or kept; it needs no release. No part may be
   * added any more.
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
  void over() {
    if (delivered == null || !delivered.isKept()) {
      SpareArrays.giveBack(bytes);
    }
    bytes = NOTHING;
  }
}
