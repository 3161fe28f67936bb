package erpc.protocol.own;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What a connection's event loop tells other threads, which look at it with every message. It lies
 * apart from what the loop writes with every frame: they would else wait for the cache line of
 * that. Set by the event loop, read by any thread.
 */
final class Published {
  /** As many longs as a cache line has, on either side. */
  private static final int APART = 8;

  private static final int BACKLOG_BYTES = APART;
  private static final int AHEAD_BYTES = APART + 1;
  private static final int CREDIT_SHORT = APART + 2;
  private static final int COUNT = 3;

  private final AtomicLongArray values = new AtomicLongArray(APART + COUNT + APART);

  Published() {
    values.set(AHEAD_BYTES, Outbox.AHEAD_BYTES);
  }

  /** Bytes that waited to be written a moment ago. */
  long backlogBytes() {
    return values.get(BACKLOG_BYTES);
  }

  void setBacklogBytes(long bytes) {
    set(BACKLOG_BYTES, bytes);
  }

  /** How far the sender of a stream may be ahead of the socket. */
  int aheadBytes() {
    return (int) values.get(AHEAD_BYTES);
  }

  void setAheadBytes(int bytes) {
    set(AHEAD_BYTES, bytes);
  }

  /** Whether readers must tell of every byte they take; they look at it after taking. */
  boolean isCreditShort() {
    return values.get(CREDIT_SHORT) != 0;
  }

  void setCreditShort(boolean isShort) {
    set(CREDIT_SHORT, isShort ? 1 : 0);
  }

  private void set(int index, long value) {
    if (values.getPlain(index) != value) {
      values.set(index, value);
    }
  }
}
