package erpc.codec;

import java.nio.ByteBuffer;

/**
 * How a body becomes shorter and back. Implementations are thread-safe, give the same bytes for the
 * same input, and grow what they allocate with what really comes out, never by a size they were
 * told. Both ways throw {@link MissingLibraryException} if an optional library is missing.
 */
public interface Compression {
  /** The name it is asked for by: {@code gzip}, {@code zstd}, {@code lz4}. */
  String name();

  /** Its number on erpc's wire, 1 to 15; 0 stands for none. */
  int id();

  /**
   * Compresses the source's remaining bytes, an array or direct, into a new array buffer; the
   * source's position afterwards is unspecified.
   */
  ByteBuffer compress(ByteBuffer source);

  /**
   * Decompresses the source's remaining bytes, which must be exactly one frame, into a new array
   * buffer; the source may be an array or direct, and its position afterwards is unspecified.
   *
   * @param limitBytes how much may come out
   * @throws CodecException if the bytes are no such frame, are cut short or have something behind
   *     them; with {@link CodecException#isTooLarge()} if more than the limit would come out
   */
  ByteBuffer decompress(ByteBuffer source, int limitBytes);

  /**
   * Decompresses as {@link #decompress(ByteBuffer, int)} does, and has what comes out counted
   * before there is memory for it. What is counted in the end is what is returned; if nothing is,
   * whoever made the room gives it back. Unless an implementation counts piece by piece, as those
   * of the library do, it needs room for all that may come out.
   *
   * @throws CodecException with {@link CodecException#isTooLarge()} also if there is no room
   */
  default ByteBuffer decompress(ByteBuffer source, int limitBytes, Room room) {
    if (!room.take(limitBytes)) {
      throw CodecException.tooLarge(
          name() + ": there is no room for " + limitBytes + " bytes, which may come out");
    }
    ByteBuffer body = decompress(source, limitBytes);
    room.giveBack(limitBytes - body.remaining());
    return body;
  }
}
