package erpc.protocol;

import erpc.call.Status;
import erpc.codec.Ownership;
import org.jspecify.annotations.Nullable;

/**
 * The place of an {@link OutboundCall} on a {@link DialledConnection}. Belongs to the thread that
 * makes the call until it is started, then to the connection; {@link #withdraw}, {@link #cancel}
 * and {@link #abandon} may be called by any thread.
 */
public interface OutboundStream {
  /** Whose place it is. */
  OutboundCall call();

  /** The connection it is a place on. */
  DialledConnection connection();

  /** Begins as what its call says now; before it is started, and again after {@code recycled}. */
  void begin();

  /**
   * Sets the encoded message; the array belongs to this until the call has ended.
   *
   * @param encoding codec (low four bits) and compression (high four)
   * @param ownership whose the array is besides; if it was lent, this one's until it has been
   *     started, on its connection's event loop
   */
  void message(int encoding, byte[] bytes, int length, Ownership ownership);

  /**
   * Makes this a stream of messages.
   *
   * @param in takes the replies; made by the same protocol
   * @param out sends the requests once the call is open; null if its one message is known
   * @param limitNanos how long one side may wait for the other
   * @param endless whether the server is not told when it ends
   */
  void messages(
      MessageSource in, @Nullable MessageSink out, long nowNanos, long limitNanos, boolean endless);

  /**
   * Starts the call. Its end is told to the call, unless there is no room.
   *
   * @return false if too many bytes wait to be written; the call has then not been taken
   */
  boolean start();

  /**
   * Parks until there may be room for a call that was not taken, at most so long, or until the
   * thread is unparked or interrupted; who then does without calls {@link #roomUnused}. Not on an
   * event loop.
   */
  void awaitRoomNanos(long mostNanos);

  /** A call that waited for room does without it. */
  void roomUnused();

  /**
   * Makes sure that none of its bytes leaves, if none has. It is to be {@linkplain #cancel
   * cancelled} all the same, which clears it away.
   *
   * @param owner whose it must be
   * @return true if nothing of it has left and nothing will: the call was not started
   */
  boolean withdraw(Object owner);

  /**
   * Takes it back before it was {@linkplain #start started}, or when that has refused it: its end
   * will not be told.
   *
   * @return false if its end has been told already
   */
  boolean abandon();

  /**
   * Ends the call with this status, soon, unless it has ended before, and tells the server.
   *
   * @param owner whose it is: if it is another's by now, nothing happens
   */
  void cancel(Object owner, Status why);
}
