package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Status;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one stream that come from the other side. Its protocol puts them in and slows the
 * other side down while nobody takes them; one thread takes them out and waits for more.
 */
public interface MessageSource {
  /**
   * Waits for the next message. The reader's.
   *
   * @return its bytes, valid until the next call; null at the end, see {@link #end()}, or if what
   *     comes is {@linkplain #discard thrown away}
   */
  @Nullable ByteBuffer next();

  /**
   * Whether {@link #next} would return without waiting. What that returned last, and its encoding,
   * are not valid any more. The reader's.
   */
  boolean hasNext();

  /** Codec and compression of the message that {@link #next} returned last. The reader's. */
  int encoding();

  /** Whether a message has ever been put in. Any thread. */
  boolean isUntouched();

  /** Bytes of all messages that have come and were not thrown away, as they came. Any thread. */
  long receivedBytes();

  /** How it ended, or null if it has not; messages may still be there. Any thread. */
  @Nullable Status end();

  /** What came before the first message; complete once there was one. Any thread. */
  Metadata headers();

  /** What came with the end. Any thread. */
  Metadata trailers();

  /** Throws away what is here and what comes still; who waits for it waits no more. Any thread. */
  void discard();

  /** What came before the first message. Any thread. */
  void headers(Metadata value);

  /** There will be no more messages; the first end counts. Any thread. */
  void end(Status status, Metadata trailing);
}
