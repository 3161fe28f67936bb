package erpc.codec;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Gzip as RFC 1952 has it, one member. The JDK's stream is not used because it overlooks what
 * follows the member.
 */
final class GzipCompression implements Compression {
  /**
   * Deflate, no flags, no time, no extra flags, unknown system: equal inputs give equal bytes
   * everywhere.
   */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private static final int TRAILER_BYTES = 8;

  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  @Override
  public String name() {
    return "gzip";
  }

  @Override
  public int id() {
    return 1;
  }

  @Override
  public ByteBuffer compress(ByteBuffer source) {
    int size = source.remaining();
    CRC32 checksum = new CRC32();
    checksum.update(source.duplicate());
    Chunks out = new Chunks("gzip", Integer.MAX_VALUE - TRAILER_BYTES, size / 4, Chunks.ANY);
    out.put(HEADER, 0, HEADER.length);
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setInput(source);
      deflater.finish();
      while (!deflater.finished()) {
        byte[] target = out.array();
        out.advance(deflater.deflate(target, out.offset(), out.free()));
      }
    } finally {
      deflater.end();
    }
    ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    trailer.putInt((int) checksum.getValue()).putInt(size);
    out.put(trailer.array(), 0, TRAILER_BYTES);
    return out.joined();
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
    return decompress(source, limitBytes, Chunks.ANY);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes, Room room) {
    ByteBuffer in = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      skipHeader(in);
      ByteBuffer body = inflate(in, limitBytes, room);
      CRC32 checksum = new CRC32();
      checksum.update(body.duplicate());
      int wantedChecksum = in.getInt();
      int wantedSize = in.getInt();
      if (wantedChecksum != (int) checksum.getValue() || wantedSize != body.remaining()) {
        throw new CodecException("gzip: checksum or size differ from what came out");
      }
      if (in.hasRemaining()) {
        throw new CodecException("gzip: " + in.remaining() + " bytes follow the end");
      }
      return body;
    } catch (BufferUnderflowException e) {
      throw truncated(source);
    } catch (DataFormatException e) {
      throw new CodecException("gzip: malformed at byte " + (in.position() - source.position()));
    }
  }

  private static ByteBuffer inflate(ByteBuffer in, int limitBytes, Room room)
      throws DataFormatException {
    Chunks out = new Chunks("gzip", limitBytes, in.remaining(), room);
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(in);
      while (!inflater.finished()) {
        byte[] target = out.array();
        int n = inflater.inflate(target, out.offset(), out.free());
        if (n == 0 && !inflater.finished()) {
          throw truncated(in);
        }
        out.advance(n);
      }
    } finally {
      inflater.end();
    }
    return out.joined();
  }

  private static void skipHeader(ByteBuffer in) {
    int start = in.position();
    if (in.getShort() != (short) 0x8b1f || in.get() != 8) {
      throw new CodecException("gzip: does not start as gzip with deflate does");
    }
    int flags = in.get();
    if ((flags & RESERVED) != 0) {
      throw new CodecException("gzip: reserved flags are set");
    }
    skip(in, 6);
    if ((flags & EXTRA) != 0) {
      skip(in, in.getShort() & 0xffff);
    }
    skipText(in, flags & NAME);
    skipText(in, flags & COMMENT);
    if ((flags & HEADER_CHECKSUM) != 0) {
      CRC32 checksum = new CRC32();
      checksum.update(in.duplicate().position(start).limit(in.position()));
      if (in.getShort() != (short) checksum.getValue()) {
        throw new CodecException("gzip: the header's checksum differs");
      }
    }
  }

  private static void skip(ByteBuffer in, int bytes) {
    if (bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    in.position(in.position() + bytes);
  }

  private static void skipText(ByteBuffer in, int present) {
    while (present != 0 && in.get() != 0) {
      continue;
    }
  }

  private static CodecException truncated(ByteBuffer in) {
    return new CodecException("gzip: ends too early, at byte " + in.limit());
  }
}
