package erpc.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;

/**
 * Memory of an event loop's own, for a message that is decoded before the next one is looked at.
 * Decoders read an array quicker than a direct buffer, and keep nothing of what they read.
 */
public final class Scratch {
  private static final int BYTES = 16 * 1024;

  private static final FastThreadLocal<byte[]> ARRAY =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[BYTES];
        }
      };

  private Scratch() {}

  /**
   * The buffer's bytes from its reader index on, as an array; valid until the calling thread asks
   * again.
   */
  public static ByteBuffer copy(ByteBuf in, int length) {
    byte[] array = length <= BYTES ? ARRAY.get() : new byte[length];
    in.getBytes(in.readerIndex(), array, 0, length);
    return ByteBuffer.wrap(array, 0, length);
  }
}
