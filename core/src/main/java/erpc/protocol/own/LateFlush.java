package erpc.protocol.own;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * Flushes a connection at the end of its event loop's turn. What one connection reads may lead to
 * calls or answers on another one, as in a gateway; a flush for each of them would be a system call
 * for each. Of the connection's event loop alone.
 */
final class LateFlush implements Runnable {
  /** Whether a connection of the event loop is being read. */
  private static final FastThreadLocal<Boolean> READING = new FastThreadLocal<>();

  private final Connection<?> connection;
  private boolean due;

  LateFlush(Connection<?> connection) {
    this.connection = connection;
  }

  /** A connection of this event loop is being read from now on, or no longer. */
  static void reading(boolean is) {
    READING.set(is);
  }

  /**
   * Flushes: with all that comes until the end of the turn, or now if nothing is to be expected.
   */
  void soon() {
    if (!Boolean.TRUE.equals(READING.get())) {
      connection.flushBatch();
    } else if (!due) {
      due = true;
      connection.outflow.onLoop(this, Outflow.LOOP_GONE);
    }
  }

  @Override
  public void run() {
    due = false;
    connection.flushUnlessInBatch();
  }
}
