package erpc.protocol.own;

/**
 * What is done at the end of a batch of what was read or written: all of it leaves with one flush,
 * what waits still is counted, and a peer that reads nothing is read no more. Its connection's
 * event loop's.
 */
final class BatchEnd<S extends Stream> {
  private final Connection<S> connection;
  private boolean ending;
  private boolean readingPaused;

  BatchEnd(Connection<S> connection) {
    this.connection = connection;
  }

  boolean isReadingPaused() {
    return readingPaused;
  }

  /** Large messages get their turn, everything leaves, and what waits still is looked at. */
  void end() {
    if (ending) {
      return; // A peer on the same loop answers within a flush; the one around this goes on.
    }
    ending = true;
    try {
      write();
    } finally {
      ending = false;
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
