package erpc.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;

/**
 * The bytes of a message as an array, which decoders read quicker than a direct buffer. They keep
 * nothing of what they read.
 */
public final class Scratch {
  private static final int BYTES = 16 * 1024;

  private static final FastThreadLocal<Scratch> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
          return new Scratch();
        }
      };

  private final byte[] small = new byte[BYTES];
  private final ByteBuffer view = ByteBuffer.wrap(small);

  private Scratch() {}

  /** A message in an array that nobody else uses, so that who gets it may keep it. */
  public static final class Kept extends UnpooledHeapByteBuf {
    private boolean kept;

    /** The first {@code length} bytes of an array. */
    public Kept(byte[] bytes, int length) {
      super(UnpooledByteBufAllocator.DEFAULT, bytes, bytes.length);
      setIndex(0, length);
    }

    /** Whether somebody {@linkplain Scratch#keep keeps} the array, so that it is no more ours. */
    public boolean isKept() {
      return kept;
    }
  }

  /**
   * The buffer's bytes from its reader index on, in memory of the event loop's own; valid until the
   * calling thread asks again, and no longer than the buffer.
   */
  public static ByteBuffer copy(ByteBuf in, int length) {
    if (in.hasArray()) {
      return ByteBuffer.wrap(in.array(), in.arrayOffset() + in.readerIndex(), length);
    }
    if (length > BYTES) {
      byte[] array = new byte[length];
      in.getBytes(in.readerIndex(), array);
      return ByteBuffer.wrap(array);
    }
    Scratch own = OF_LOOP.get();
    in.getBytes(in.readerIndex(), own.small, 0, length);
    return own.view.clear().limit(length);
  }

  /** The buffer's bytes from its reader index on, at the begin of an array of their own. */
  public static byte[] keepArray(ByteBuf in, int length) {
    if (in instanceof Kept whole && whole.readerIndex() == 0) {
      whole.kept = true;
      return whole.array();
    }
    byte[] copy = new byte[length];
    in.getBytes(in.readerIndex(), copy);
    return copy;
  }

  /** The buffer's bytes from its reader index on, for as long as they are needed. */
  public static ByteBuffer keep(ByteBuf in, int length) {
    if (in instanceof Kept whole) {
      whole.kept = true;
      return ByteBuffer.wrap(whole.array(), whole.readerIndex(), length);
    }
    byte[] copy = new byte[length];
    in.getBytes(in.readerIndex(), copy);
    return ByteBuffer.wrap(copy);
  }
}
