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
    ByteBuffer in = Chunks.lendable(source);
    int start = in.position();
    // Frames of other kinds are refused here: skippable ones would come out as an empty body.
    if (in.remaining() < Integer.BYTES
        || in.order(ByteOrder.LITTLE_ENDIAN).getInt(start) != MAGIC) {
      throw new CodecException("zstd: does not start as a zstd frame does");
    }
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      context.setLongMax(MAX_WINDOW_LOG);
      ByteBuffer body = decompress(context, in, limitBytes);
      if (in.hasRemaining()) {
        throw new CodecException("zstd: " + in.remaining() + " bytes follow the end");
      }
      return body;
    } catch (ZstdException e) {
      throw new CodecException(
          "zstd: " + e.getMessage() + ", near byte " + (in.position() - start));
    }
  }

  private static ByteBuffer decompress(ZstdDecompressCtx context, ByteBuffer in, int limitBytes) {
    Chunks out = new Chunks("zstd", limitBytes, in.remaining());
    boolean ended = false;
    while (!ended) {
      byte[] target = out.array();
      ByteBuffer room = ByteBuffer.wrap(target, out.offset(), out.free());
      int before = in.remaining();
      ended = context.decompressByteBufferStream(room, in);
      int made = room.position() - out.offset();
      if (!ended && made == 0 && in.remaining() == before) {
        throw new CodecException("zstd: ends too early, at byte " + in.limit());
      }
      out.advance(made);
    }
    return out.joined();
  }
}
