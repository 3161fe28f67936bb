package erpc.codec;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Zstandard as RFC 8878 has it, one frame without dictionary. The only class that links zstd-jni.
 */
final class ZstdCompression implements Compression {
  private static final int MAGIC = 0xfd2fb528;

  /** Of a frame header's descriptor: there is no window descriptor behind it. */
  private static final int SINGLE_SEGMENT = 0x20;

  /** Of a frame header's descriptor: how long the dictionary's number is. */
  private static final int DICTIONARY_FLAG = 0x03;

  /**
   * RFC 8878 recommends decoders to take windows of 8 MiB at least; this one takes no more (native
   * memory).
   */
  private static final int MAX_WINDOW_LOG = 23;

  ZstdCompression() {
    Native.load();
  }

  @Override
  public String name() {
    return "zstd";
  }

  @Override
  public int id() {
    return 2;
  }

  @Override
  public ByteBuffer compress(ByteBuffer source) {
    ByteBuffer in = Chunks.lendable(source);
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setPledgedSrcSize(in.remaining());
      ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(Zstd.compressBound(in.remaining())));
      while (!context.compressByteBufferStream(out, in, EndDirective.END)) {
        continue;
      }
      return out.flip();
    }
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
    return decompress(source, limitBytes, Chunks.ANY);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes, Room room) {
    ByteBuffer in = Chunks.lendable(source);
    int start = in.position();
    // Frames of other kinds are refused here: skippable ones would come out as an empty body.
    if (in.remaining() < Integer.BYTES
        || in.order(ByteOrder.LITTLE_ENDIAN).getInt(start) != MAGIC) {
      throw new CodecException("zstd: does not start as a zstd frame does");
    }
    if (namesDictionary(in, start)) {
      throw new CodecException("zstd: needs a dictionary, and there is none");
    }
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      context.setLongMax(MAX_WINDOW_LOG);
      ByteBuffer body = decompress(context, in, limitBytes, room);
      if (in.hasRemaining()) {
        throw new CodecException("zstd: " + in.remaining() + " bytes follow the end");
      }
      return body;
    } catch (ZstdException e) {
      // A frame may have been written with a dictionary and not say so.
      String or =
          Zstd.getErrorCode(e.getErrorCode()) == Zstd.errCorruptionDetected()
              ? " (unless it needs a dictionary: there is none)"
              : "";
      throw new CodecException(
          "zstd: " + e.getMessage() + or + ", near byte " + (in.position() - start));
    }
  }

  /** Whether the frame's header says that it can only be read with a dictionary of some number. */
  private static boolean namesDictionary(ByteBuffer in, int start) {
    int at = start + Integer.BYTES;
    if (at >= in.limit()) {
      return false;
    }
    int descriptor = in.get(at++);
    boolean hasWindow = (descriptor & SINGLE_SEGMENT) == 0;
    at += hasWindow ? 1 : 0;
    int length = (1 << (descriptor & DICTIONARY_FLAG)) >> 1; // 0, 1, 2 or 4 bytes.
    boolean named = false;
    for (int i = at; i < Math.min(at + length, in.limit()); i++) {
      named |= in.get(i) != 0;
    }
    return named;
  }

  private static ByteBuffer decompress(
      ZstdDecompressCtx context, ByteBuffer in, int limitBytes, Room room) {
    Chunks out = new Chunks("zstd", limitBytes, in.remaining(), room);
    boolean ended = false;
    while (!ended) {
      byte[] target = out.array();
      ByteBuffer free = ByteBuffer.wrap(target, out.offset(), out.free());
      int before = in.remaining();
      ended = context.decompressByteBufferStream(free, in);
      int made = free.position() - out.offset();
      if (!ended && made == 0 && in.remaining() == before) {
        throw new CodecException("zstd: ends too early, at byte " + in.limit());
      }
      out.advance(made);
    }
    return out.joined();
  }
}
