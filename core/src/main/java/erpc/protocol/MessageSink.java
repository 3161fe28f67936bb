package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import org.jspecify.annotations.Nullable;

/**
 * Messages that one thread sends on a stream. It may be a little ahead of what the other side and
 * the network take, then it waits.
 */
public interface MessageSink {
  /**
   * Begins to send. Whoever does ends it with {@link #release}, sent or not.
   *
   * @return memory for the message's bytes
   * @throws IllegalStateException if something is being sent already
   */
  MessageBytes claim();

  /** Ends what {@link #claim} began. */
  void release();

  /** Metadata that goes before the first message; a handler's only. */
  void headers(Metadata value);

  /**
   * Sends a message, waiting for room; its sender has {@linkplain #claim claimed} this.
   *
   * @param message its array is the stream's from now on, unless it was lent
   * @return null if it was queued, or how the call has ended or why the message is refused
   */
  @Nullable Status send(MessageBytes message);

  /**
   * Says that no message will follow.
   *
   * @return null if it was queued, or how the call has ended
   * @throws IllegalStateException if something is being sent already
   */
  @Nullable Status finish();

  /** The call has ended: nothing more is sent. The first end counts. Any thread. */
  void end(Status status);

  /** How the call has ended, or null if it has not. Any thread. */
  @Nullable Status end();

  /**
   * Makes it wait for another try of its call, if nothing has been sent on the one it has. Any
   * thread.
   *
   * @return false if something was
   */
  boolean reopen();
}
