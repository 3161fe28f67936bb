package erpc.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bytes of a message as an array, which decoders read quicker than a direct buffer. They keep
 * nothing of what they read.
 */
public final class Scratch {
  private static final int BYTES = 16 * 1024;

  /** Below that an array is cheap to make. */
  private static final int LEAST_REUSED_BYTES = 32 * 1024;

  /** As much as each event loop keeps for the large messages to come. */
  private static final long MOST_REUSED_BYTES =
      Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 32);

  private static final FastThreadLocal<Scratch> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
          return new Scratch();
        }
      };

  private final byte[] small = new byte[BYTES];
  private final ByteBuffer view = ByteBuffer.wrap(small);
  private final TreeMap<Integer, ArrayDeque<byte[]>> spare = new TreeMap<>();
  private int spareBytes;

  private Scratch() {}

  /** A message in an array that nobody else uses, so that who gets it may keep it. */
  static final class Kept extends UnpooledHeapByteBuf {
    private boolean kept;

    Kept(byte[] bytes, int length) {
      super(UnpooledByteBufAllocator.DEFAULT, bytes, bytes.length);
      setIndex(0, length);
    }

    boolean isKept() {
      return kept;
    }
  }

  /**
   * An array of at least so many bytes, and at most about twice that. One for a large message may
   * have been used before: what is in it then has no meaning.
   */
  static byte[] array(int least) {
    return least < LEAST_REUSED_BYTES ? new byte[least] : OF_LOOP.get().spareOrNew(least);
  }

  private byte[] spareOrNew(int least) {
    Map.Entry<Integer, ArrayDeque<byte[]>> fitting = spare.ceilingEntry(least);
    if (fitting == null || fitting.getKey() / 2 > least) {
      return new byte[least];
    }
    byte[] array = fitting.getValue().remove();
    if (fitting.getValue().isEmpty()) {
      spare.remove(fitting.getKey());
    }
    spareBytes -= array.length;
    return array;
  }

  /** Nobody uses the array any more: the calling thread may for its next message. */
  static void reuse(byte[] array) {
    if (array.length >= LEAST_REUSED_BYTES) {
      OF_LOOP.get().spareIfRoom(array);
    }
  }

  private void spareIfRoom(byte[] array) {
    if (array.length <= MOST_REUSED_BYTES - spareBytes) {
      spareBytes += array.length;
      spare.computeIfAbsent(array.length, bytes -> new ArrayDeque<>(4)).add(array);
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
