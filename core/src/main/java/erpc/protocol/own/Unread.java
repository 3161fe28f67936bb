package erpc.protocol.own;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a frame whose end has not arrived. Only what is missing of it is copied from
 * what comes next, which is then parsed where it lies. Belongs to a connection's event loop.
 */
final class Unread {
  private static final int LEAST_BYTES = 64;

  private ByteBuf begun = Unpooled.EMPTY_BUFFER;

  boolean isEmpty() {
    return !begun.isReadable();
  }

  /** Memory that is held, which is more than the bytes in it. */
  int bytes() {
    return begun.isReadable() ? begun.capacity() : 0;
  }

  /**
   * Takes what is missing of the frame that was begun.
   *
   * @param length tells how long the frame is that begins like this, as far as this can be told
   * @return the whole frame, until {@link #clear}; null if more of it has yet to come
   */
  @Nullable ByteBuf completed(ByteBuf in, Length length) {
    while (true) {
      int have = begun.readableBytes();
      int missing = length.of(begun) - have;
      if (missing == 0) {
        return begun;
      }
      if (missing > in.readableBytes()) {
        begun.writeBytes(in);
        return null;
      }
      begun.writeBytes(in, missing);
    }
  }

  /** How long a frame is. */
  interface Length {
    /** Bytes of the frame, or of that part of it that will tell. */
    int of(ByteBuf begun);
  }

  /** Keeps what is left of the buffer, which belongs to this from now on. */
  void keep(ByteBufAllocator memory, ByteBuf unread, Length length) {
    try {
      int bytes = unread.readableBytes();
      if (bytes > 0) {
        // A few bytes must not pin a read buffer. Twice the room: a frame that comes byte by byte
        // must not be copied with each of them.
        int whole = Math.max(LEAST_BYTES, length.of(unread));
        int room = Math.min(whole, Math.max(LEAST_BYTES, 2 * bytes));
        begun = memory.ioBuffer(room).writeBytes(unread);
      }
    } finally {
      unread.release();
    }
  }

  /** Forgets what was kept. */
  void clear() {
    begun.release();
    begun = Unpooled.EMPTY_BUFFER;
  }
}
