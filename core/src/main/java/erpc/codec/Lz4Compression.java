package erpc.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * LZ4's frame format 1.6, one frame without dictionary. The only class that links lz4-java. Reading
 * is done here and not by the library's stream, which allocates twice the block size it was told
 * and cannot read linked blocks, what C and Python write by default.
 */
final class Lz4Compression implements Compression {
  private static final int MAGIC = 0x184d2204;

  private static final int VERSION_MASK = 0xc0;
  private static final int VERSION = 0x40;
  private static final int INDEPENDENT = 0x20;
  private static final int BLOCK_CHECKSUM = 0x10;
  private static final int CONTENT_SIZE = 0x08;
  private static final int CONTENT_CHECKSUM = 0x04;
  private static final int RESERVED = 0x02;
  private static final int DICTIONARY = 0x01;

  private static final int RAW_BLOCK = 0x80000000;
  private static final int SMALL_BLOCK_BYTES = 64 * 1024;

  // The pure Java instances: they need neither native code nor Unsafe, and give the same bytes
  // everywhere.
  private final LZ4Compressor compressor = LZ4Factory.safeInstance().fastCompressor();
  private final XXHash32 hash = XXHashFactory.safeInstance().hash32();

  @Override
  public String name() {
    return "lz4";
  }

  @Override
  public int id() {
    return 3;
  }

  @Override
  public ByteBuffer compress(ByteBuffer source) {
    ByteBuffer in = Chunks.inArray(source);
    int size = in.remaining();
    BLOCKSIZE block = size <= SMALL_BLOCK_BYTES ? BLOCKSIZE.SIZE_64KB : BLOCKSIZE.SIZE_256KB;
    ByteArrayOutputStream out = new ByteArrayOutputStream(size / 2 + 64);
    try (LZ4FrameOutputStream frame =
        new LZ4FrameOutputStream(
            out, block, size, compressor, hash, Bits.BLOCK_INDEPENDENCE, Bits.CONTENT_SIZE)) {
      frame.write(in.array(), in.arrayOffset() + in.position(), size);
    } catch (IOException e) {
      throw new CodecException("lz4: cannot write a frame", e);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
    return decompress(source, limitBytes, Chunks.ANY);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes, Room room) {
    ByteBuffer in = Chunks.inArray(source).slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      ByteBuffer body = frame(in, limitBytes, room);
      if (in.hasRemaining()) {
        throw new CodecException("lz4: " + in.remaining() + " bytes follow the end");
      }
      return body;
    } catch (BufferUnderflowException e) {
      throw new CodecException("lz4: ends too early, at byte " + in.limit());
    }
  }

  private ByteBuffer frame(ByteBuffer in, int limitBytes, Room room) {
    if (in.getInt() != MAGIC) {
      throw new CodecException("lz4: does not start as an LZ4 frame does");
    }
    int start = in.position();
    int flags = in.get();
    int maxBlock = maxBlockBytes(in.get());
    checkFlags(flags);
    boolean declares = (flags & CONTENT_SIZE) != 0;
    long declared = declares ? in.getLong() : 0;
    int headerHash = hashOf(in, start, in.position() - start) >> 8;
    check(in.get() == (byte) headerHash, in, "the header's checksum differs");
    if (Long.compareUnsigned(declared, limitBytes) > 0) {
      throw CodecException.tooLarge(
          "lz4: by its header it holds more than the limit of " + limitBytes + " bytes");
    }
    Chunks out = new Chunks("lz4", limitBytes, in.remaining(), room);
    for (int header = in.getInt(); header != 0; header = in.getInt()) {
      block(in, header, flags, maxBlock, out);
    }
    check(!declares || declared == out.size(), in, "the declared size differs from what came out");
    ByteBuffer body = out.joined();
    if ((flags & CONTENT_CHECKSUM) != 0) {
      check(
          in.getInt() == hash.hash(body.array(), body.arrayOffset(), body.limit(), 0),
          in,
          "the content's checksum differs");
    }
    return body;
  }

  private static void checkFlags(int flags) {
    if ((flags & VERSION_MASK) != VERSION || (flags & RESERVED) != 0) {
      throw new CodecException("lz4: unknown version or reserved flags");
    }
    if ((flags & DICTIONARY) != 0) {
      throw new CodecException("lz4: needs a dictionary, and there is none");
    }
  }

  /** 64 KiB, 256 KiB, 1 MiB or 4 MiB. */
  private static int maxBlockBytes(int descriptor) {
    int code = descriptor >> 4;
    if (code < 4 || code > 7 || (descriptor & 0x0f) != 0) {
      throw new CodecException("lz4: unknown block size");
    }
    return 1 << (8 + 2 * code);
  }

  private void block(ByteBuffer in, int header, int flags, int maxBlock, Chunks out) {
    int length = header & ~RAW_BLOCK;
    check(length <= maxBlock, in, "a block is longer than the header allows");
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    int start = in.position();
    long before = out.size();
    if ((header & RAW_BLOCK) != 0) {
      out.put(in.array(), in.arrayOffset() + start, length);
      in.position(start + length);
    } else {
      sequences(in, start + length, out, (flags & INDEPENDENT) != 0 ? before : 0);
    }
    check(out.size() - before <= maxBlock, in, "a block holds more than the header allows");
    if ((flags & BLOCK_CHECKSUM) != 0) {
      check(in.getInt() == hashOf(in, start, length), in, "a block's checksum differs");
    }
  }

  /**
   * The sequences of one block, by LZ4's block format: literals, then a match, and at the end
   * literals alone.
   */
  private static void sequences(ByteBuffer in, int end, Chunks out, long oldest) {
    while (true) {
      check(in.position() < end, in, "a block ends inside a sequence");
      int token = in.get() & 0xff;
      long literals = length(in, end, token >>> 4);
      check(literals <= end - in.position(), in, "literals reach beyond their block");
      out.put(in.array(), in.arrayOffset() + in.position(), (int) literals);
      in.position(in.position() + (int) literals);
      if (in.position() == end) {
        return;
      }
      check(end - in.position() >= Short.BYTES, in, "a block ends inside a sequence");
      int distance = in.getShort() & 0xffff;
      long match = length(in, end, token & 0x0f) + 4;
      check(
          distance > 0 && distance <= out.size() - oldest,
          in,
          "a match starts before the first byte");
      out.repeat(distance, match);
    }
  }

  private static long length(ByteBuffer in, int end, int nibble) {
    long length = nibble;
    int more = nibble == 15 ? 255 : 0;
    while (more == 255) {
      check(in.position() < end, in, "a block ends inside a length");
      more = in.get() & 0xff;
      length += more;
    }
    return length;
  }

  private int hashOf(ByteBuffer in, int start, int length) {
    return hash.hash(in.array(), in.arrayOffset() + start, length, 0);
  }

  private static void check(boolean holds, ByteBuffer in, String otherwise) {
    if (!holds) {
      throw new CodecException("lz4: " + otherwise + ", at byte " + in.position());
    }
  }
}
