package erpc.codec;

import java.nio.ByteBuffer;

/**
 * How a body becomes shorter and back. Implementations are thread-safe, give the same bytes for the
 * same input, and grow what they allocate with what really comes out, never by a size they were
 * told. Both ways throw {@link IllegalStateException}, naming the artifact, if an optional library
 * is missing.
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
}
