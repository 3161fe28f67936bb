package erpc.codec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of a length that is not known beforehand, gathered in pieces so that no more is held than
 * has come, and never more than a limit. Not thread-safe.
 */
final class Chunks {
  /**
   * The size of all pieces but the last; at least LZ4's reach of 65,535, so that a match spans two
   * at most.
   */
  private static final int CHUNK = 64 * 1024;

  /** There is always room: for what is made of something that is here, and shorter. */
  static final Room ANY =
      new Room() {
        @Override
        public boolean take(int bytes) {
          return true;
        }

        @Override
        public void giveBack(long bytes) {}
      };

  private final String what;
  private final int limit;
  private final Room room;
  private final List<byte[]> full = new ArrayList<>();
  private byte[] last;
  private int used;

  /**
   * Nothing yet.
   *
   * @param what who asks, for the error
   * @param limit how many bytes may come
   * @param sourceBytes what they come from; only a guess of their number
   * @param room what counts them
   */
  Chunks(String what, int limit, int sourceBytes, Room room) {
    this.what = what;
    this.limit = limit;
    this.room = room;
    this.last = taken(Math.min(allowed(), Math.max(256, Math.min(CHUNK, sourceBytes) * 4)));
  }

  /**
   * A view of the same bytes that native code may look into: direct or with an array, which a
   * read-only array is not.
   */
  static ByteBuffer lendable(ByteBuffer source) {
    return source.isDirect() || source.hasArray() ? source.duplicate() : inArray(source);
  }

  /** The same bytes with an array behind them, copied only if there is none. */
  static ByteBuffer inArray(ByteBuffer source) {
    return source.hasArray()
        ? source.duplicate()
        : ByteBuffer.allocate(source.remaining()).put(source.duplicate()).flip();
  }

  /** One byte more than the limit may be stored, so that passing it shows. */
  private int allowed() {
    return (int) Math.min(CHUNK, 1L + limit - (long) full.size() * CHUNK);
  }

  long size() {
    return (long) full.size() * CHUNK + used;
  }

  /** The array to write into, from {@link #offset} on; there is always room for a byte. */
  byte[] array() {
    if (used == last.length) {
      if (last.length < allowed()) {
        byte[] before = last;
        last = taken(Math.min(allowed(), before.length * 2));
        System.arraycopy(before, 0, last, 0, before.length);
        room.giveBack(before.length);
      } else {
        byte[] next = taken(allowed());
        full.add(last);
        last = next;
        used = 0;
      }
    }
    return last;
  }

  private byte[] taken(int bytes) {
    if (!room.take(bytes)) {
      throw CodecException.tooLarge(
          what + ": there is no room for more than " + size() + " bytes of what comes out");
    }
    return new byte[bytes];
  }

  int offset() {
    return used;
  }

  int free() {
    return last.length - used;
  }

  /**
   * Counts bytes that were written into the array.
   *
   * @throws CodecException if the limit is passed
   */
  void advance(int bytes) {
    used += bytes;
    if (size() > limit) {
      throw CodecException.tooLarge(
          what + ": more than the limit of " + limit + " bytes comes out");
    }
  }

  /** Appends bytes. */
  void put(byte[] source, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      byte[] target = array();
      int n = Math.min(left, free());
      System.arraycopy(source, from, target, used, n);
      advance(n);
      from += n;
      left -= n;
    }
  }

  /**
   * Repeats what came before.
   *
   * @param distance how far back it starts, from 1 to 65,535 and not before the first byte
   * @param length how many bytes; may be more than the distance, which repeats the repeated
   */
  void repeat(int distance, long length) {
    long left = length;
    while (left > 0) {
      byte[] target = array();
      int start = used - distance;
      byte[] from = start >= 0 ? target : full.get(full.size() - 1);
      int n = (int) Math.min(left, free());
      if (start < 0) {
        start += CHUNK;
        n = Math.min(n, CHUNK - start);
      }
      // Byte by byte on purpose: where source and target overlap, later bytes repeat earlier ones.
      for (int i = 0; i < n; i++) {
        target[used + i] = from[start + i];
      }
      advance(n);
      left -= n;
    }
  }

  /** All bytes in one array buffer. */
  ByteBuffer joined() {
    if (full.isEmpty()) {
      return ByteBuffer.wrap(last, 0, used);
    }
    ByteBuffer all = ByteBuffer.wrap(taken(Math.toIntExact(size())));
    full.forEach(all::put);
    all.put(last, 0, used);
    room.giveBack((long) full.size() * CHUNK + last.length);
    return all.flip();
  }
}
