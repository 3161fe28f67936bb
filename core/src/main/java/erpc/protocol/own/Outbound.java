package erpc.protocol.own;

import org.jspecify.annotations.Nullable;

/**
 * Something other threads hand to a connection's event loop to be written; a link of {@link
 * OutboundQueue}.
 */
abstract class Outbound {
  /** The one queued before this; owned by the queue. */
  @Nullable Outbound queuedBefore;

  /**
   * Bytes of everything queued up to and with this, the queue's; then what it is counted with while
   * it waits on the event loop, the {@link Outflow}'s.
   */
  int queuedBytes;

  /** About how many bytes this will take on the wire. */
  abstract int size();

  /**
   * It has reached the event loop and will be written, now or once there is room. Runs on the event
   * loop.
   */
  abstract void accepted();

  /**
   * It was handed over on the event loop, which lent it its message, and could not be written at
   * once. Runs on the event loop.
   */
  void copyLent() {}

  /** Whether its sender can be told that there is no room; if not, it is taken all the same. */
  boolean isRefusable() {
    return true;
  }

  /** Writes it. Runs on the event loop. */
  abstract void write();

  /** The connection closed before it could be written. Runs on any thread. */
  abstract void dropped();
}
