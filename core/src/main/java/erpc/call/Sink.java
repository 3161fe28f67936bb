package erpc.call;

import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Where a codec writes a message: as a stream, or, if it knows the size beforehand, straight into
 * the outgoing buffer. Not thread-safe; used by one codec during one write.
 */
public abstract class Sink extends OutputStream {
  /**
   * A buffer with exactly this many bytes remaining, which the caller must fill; they count as
   * written at once. It may be an array or direct, and is valid until the next call on this sink.
   *
   * @throws RuntimeException if the message would pass the limit for one message
   */
  public abstract ByteBuffer reserve(int bytes);

  @Override
  public abstract void write(int b);

  @Override
  public abstract void write(byte[] source, int offset, int length);
}
