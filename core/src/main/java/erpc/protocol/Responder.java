package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.codec.Ownership;

/** The way back to the caller of one call. */
public interface Responder {
  /** Who called. */
  Peer peer();

  /**
   * What the caller's connection has shown of itself. Asked on its event loop, while the call
   * begins.
   */
  Credential credential();

  /** Runs the task on the event loop of this call's connection. */
  void onLoop(Runnable task);

  /**
   * Ends the call without a message. From any thread; waits for room if the peer reads too slowly,
   * unless on an event loop. Does nothing if the call has ended meanwhile: of several answers, and
   * of what the connection answers itself, as at the deadline, one reaches the caller, and whole.
   *
   * @param status what went wrong; OK only for a stream, whose messages have gone before
   */
  void respond(Status status, Metadata headers, Metadata trailers);

  /**
   * Ends the call in OK with its message; else as {@link #respond}.
   *
   * @param encoding codec and compression of the message
   * @param body the encoded message, which belongs to the connection from now on
   * @param ownership whose it is besides; if it was lent, from the call's event loop alone, it
   *     belongs to the connection only until this returns
   */
  void reply(
      Metadata headers,
      Metadata trailers,
      int encoding,
      byte[] body,
      int length,
      Ownership ownership);

  /** Whether the calling thread is the event loop of this call's connection. */
  boolean isOnLoop();

  /**
   * Calls of the same connection that are in flight: those that are open, and those that have ended
   * while somebody still works at them. Asked on its event loop.
   */
  int callsInFlight();

  /** What the connection of this call may hold of the process's memory. */
  MemoryShare share();
}
