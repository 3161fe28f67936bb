package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;

/** The way back to the caller of one call. */
public interface Responder {
  /** Who called. */
  Peer peer();

  /** What the caller's connection had shown of itself when the call began. */
  Credential credential();

  /** Runs the task on the event loop of this call's connection. */
  void onLoop(Runnable task);

  /**
   * Ends the call. Called once, from any thread; waits for room if the peer reads too slowly,
   * unless on an event loop. Does nothing if the call has ended meanwhile.
   *
   * @param status OK, or what went wrong
   * @param encoding codec and compression of the message; ignored unless OK
   * @param body the encoded message, which belongs to the connection from now on; ignored unless OK
   */
  void respond(
      Status status, Metadata headers, Metadata trailers, int encoding, byte[] body, int length);

  /** Whether the calling thread is the event loop of this call's connection. */
  boolean isOnLoop();
}
