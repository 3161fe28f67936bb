package erpc.bench.simulate;

import erpc.breaker.TryEnd;
import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** One try of a call: its way to a server, the work there, and the way back. */
final class Attempt implements Events.Event {
  private static final Status LOST =
      Status.of(Status.Code.UNAVAILABLE, "the connection was lost")
          .withStarted(Status.Started.MAYBE);

  private enum Phase {
    THERE,
    WORK,
    BACK,
    OVER
  }

  final Call call;
  final Line line;
  final long begunNanos;
  private final boolean retried;

  /** The server's when it took this one. */
  int life;

  /** Whether it fails there. */
  boolean isFailing;

  // What the server's limits know of it.
  long arrivedNanos;
  long startedNanos;
  double place;

  // Its neighbours among those under way on its line.
  @Nullable Attempt next;
  @Nullable Attempt before;

  private Phase phase = Phase.THERE;
  private Status status = Status.OK;
  private int loadThere;

  /** Whether the client has done with it, whatever the server still does. */
  private boolean isOver;

  Attempt(Call call, Line line, boolean retried, long nowNanos) {
    this.call = call;
    this.line = line;
    this.retried = retried;
    this.begunNanos = nowNanos;
  }

  Operation operation() {
    return call.operation;
  }

  long demandNanos() {
    return call.demandNanos;
  }

  long deadlineNanos() {
    return call.deadlineNanos;
  }

  /** Whether it carries RETRIED. */
  boolean isRetried() {
    return retried;
  }

  /** Sets out. */
  void send(Events events) {
    line.begins(this);
    events.in(line.delayNanos, this);
  }

  @Override
  public void happens() {
    switch (phase) {
      case THERE -> {
        phase = Phase.WORK;
        line.server.receive(this);
      }
      case WORK -> line.server.worked(this);
      case BACK -> {
        phase = Phase.OVER;
        end(status, status == Server.DRAINS ? TryEnd.GOING : TryEnd.PLAIN);
      }
      case OVER -> throw new AssertionError("a try has ended twice");
    }
  }

  /** The server has done with it. */
  void reply(Status with) {
    status = with;
    loadThere = line.server.inFlight();
    phase = Phase.BACK;
    call.place.events().in(line.delayNanos, this);
  }

  /** Calls that the server had when it replied. */
  int loadThere() {
    return loadThere;
  }

  /** Its connection is lost. */
  void lost() {
    end(LOST, TryEnd.PLAIN);
  }

  /** Ends it for the client; the first end counts. */
  void end(Status with, TryEnd how) {
    if (!isOver) {
      isOver = true;
      line.ended(this);
      call.place.ended(this, with, how);
      call.tryEnded(this, with, how);
    }
  }
}
