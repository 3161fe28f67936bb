package erpc.protocol.own;

/**
 * What a connection reads or writes in one go: its clock is read once at the beginning, and all
 * that was written leaves with one flush at the end. Then what waits still is counted, and a peer
 * that reads nothing is read no more. Its connection's event loop's.
 */
final class Batch<S extends Stream> {
  private final Connection<S> connection;

  /** Whether one has begun: the flush at its end is still to come. */
  private boolean open;

  private long nowNanos;
  private boolean flushing;
  private boolean readingPaused;

  Batch(Connection<S> connection) {
    this.connection = connection;
  }

  /** The ticker as it was when it was last read. */
  long nowNanos() {
    return nowNanos;
  }

  /** Reads the ticker. */
  void readClock() {
    nowNanos = connection.ticker.nanos();
  }

  boolean isOpen() {
    return open;
  }

  /** Begins one, or goes on with it at a later time. */
  void begin() {
    readClock();
    open = true;
  }

  /** Begins one, unless there is one: whether it has, and so is the one to {@link #leave} it. */
  boolean beginIfNone() {
    boolean none = !open;
    if (none) {
      begin();
    }
    return none;
  }

  /** It is over, and to be flushed. */
  void leave() {
    open = false;
  }

  boolean isReadingPaused() {
    return readingPaused;
  }

  /** Large messages get their turn, everything leaves, and what waits still is looked at. */
  void flush() {
    if (flushing) {
      return; // A peer on the same loop answers within a flush; the one around this goes on.
    }
    flushing = true;
    try {
      write();
    } finally {
      flushing = false;
    }
    connection.outflow.publish();
    if (connection.whyClosed() == null) {
      connection.countHeld();
    }
    connection.batchWritten();
    pauseOrResume();
    if (connection.streams.isEmpty()) {
      connection.closeIfDrained();
    }
  }

  private void write() {
    Outflow<S> outflow = connection.outflow;
    do {
      outflow.sendRound();
      connection.flush();
      if (outflow.hasKept() && connection.isWritable()) {
        outflow.writeKept();
      }
    } while (connection.hasUnflushed() || (connection.isOpen() && outflow.hasSendable()));
  }

  private void pauseOrResume() {
    // What the socket's own queue holds counts too: answers made right here, to pings and to calls
    // that are refused, wait nowhere else.
    boolean pause =
        connection.pausesReading()
            && !connection.isWritable()
            && connection.outflow.isFullWith(connection.unwrittenBytes());
    if (pause != readingPaused && connection.hasChannel()) {
      readingPaused = pause;
      connection.setReading(!pause);
    }
  }
}
