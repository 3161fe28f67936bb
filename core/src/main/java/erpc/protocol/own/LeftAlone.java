package erpc.protocol.own;

import erpc.call.Status;
import erpc.protocol.InboundCall;
import erpc.protocol.LoneCalls;

/**
 * One-way calls that go on though their caller's connection has ended: nobody waits for their
 * answers, so only their deadlines end them, and the server's end. Its event loop's.
 */
final class LeftAlone {
  private final ServerConnection connection;
  private final LoneCalls all;

  LeftAlone(ServerConnection connection, LoneCalls all) {
    this.connection = connection;
    this.all = all;
  }

  /** Whether a call goes on, which it does from now on. */
  boolean detachIfOneway(ServerStream stream) {
    boolean goesOn = stream.mayOutliveConnection() && !connection.loop.isShuttingDown();
    if (goesOn) {
      all.add(stream);
      connection.wheel().add(stream);
    }
    return goesOn;
  }

  /** They are not to keep a connection open that their caller is done with. */
  void detachAll() {
    for (ServerStream stream : connection.streams.values()) {
      if (stream.mayOutliveConnection()) {
        connection.streams.remove(stream.id);
        connection.wheel().remove(stream);
        connection.endLost(stream, Outflow.CLOSED_BY_PEER);
      }
    }
  }

  /** Its handler has finished, if it is one of them. */
  void handlerEnded(ServerStream stream) {
    if (all.remove(stream)) {
      connection.wheel().remove(stream);
      stream.forgetCall();
    }
  }

  /** Cancels it, if it is one of them. */
  void end(ServerStream stream, Status why) {
    if (all.remove(stream)) {
      connection.wheel().remove(stream);
      ServerConnection.cancelCall(stream, why);
    }
  }

  /** The wheel has come to it. */
  void expire(ServerStream stream, InboundCall call) {
    if (stream.deadlineNanos() - connection.ticker.nanos() <= 0) {
      end(stream, Status.of(Status.Code.DEADLINE_EXCEEDED, call.lateText()));
    } else {
      stream.dueAt(stream.deadlineNanos());
      connection.wheel().add(stream);
    }
  }
}
