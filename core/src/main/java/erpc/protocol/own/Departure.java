package erpc.protocol.own;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/**
 * That a client's end of a connection will end, and why. Written by its event loop, but for {@link
 * #drainRequested}; read by any thread.
 */
final class Departure {
  /** Written by either after all that is below, so whoever sees it sees why. */
  private volatile boolean draining;

  // Written by the event loop, graceful by whoever asks for a drain, too.
  private volatile boolean graceful;
  private volatile boolean refusal;
  private volatile boolean byServer;
  private volatile boolean idsExhausted;
  private volatile @Nullable String goodbye;

  /** Whether no stream is opened any more. */
  boolean isDraining() {
    return draining;
  }

  /** Whether it ends because either side wanted it to, and not for a fault. */
  boolean isGraceful() {
    return graceful;
  }

  /** Whether the server said nothing but why it serves nobody here. */
  boolean isRefusal() {
    return refusal;
  }

  /** Whether the server has said that it will end. */
  boolean isByServer() {
    return byServer;
  }

  /** This side wants it to end. Any thread. */
  void drainRequested() {
    graceful = true;
    draining = true;
  }

  /** Whoever asks for a connection gets another one; this one ends with its last call. */
  void idsExhausted() {
    idsExhausted = true;
    draining = true;
  }

  /** The server has said that it ends; whether in good order. */
  boolean goAwayReceived(Status.Code code, int lastStream, String text) {
    byServer = true;
    boolean inOrder = code == Status.Code.OK || code == Status.Code.UNAVAILABLE;
    if (inOrder) {
      graceful = true;
    }
    refusal = !inOrder && lastStream == 0;
    String what = inOrder ? "the server is draining" : "the server ended the connection: " + code;
    goodbye = text.isEmpty() ? what : what + ": " + text;
    draining = true;
    return inOrder;
  }

  /** Why no stream is opened, once it is near. */
  Status whyNotOpened() {
    String text = goodbye;
    return Status.of(
        Status.Code.UNAVAILABLE,
        idsExhausted && text == null
            ? "the connection has used up its stream ids"
            : text == null ? "the server is draining" : text);
  }
}
