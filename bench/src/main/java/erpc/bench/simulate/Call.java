package erpc.bench.simulate;

import erpc.breaker.Tries;
import erpc.breaker.TryEnd;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call of a place, with its tries. As an event it is its own deadline. */
final class Call implements Events.Event {
  private static final Status LATE =
      Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline has passed")
          .withStarted(Status.Started.MAYBE);

  private static final Status REFUSED =
      Status.of(Status.Code.UNAVAILABLE, "the connection is backing off")
          .withStarted(Status.Started.NO);

  final Place place;
  final Operation operation;

  /** The work it is, at whatever server. */
  final long demandNanos;

  final long deadlineNanos;
  final long begunNanos;

  /** Whether it is made for a try that carries RETRIED. */
  private final boolean stopped;

  private List<Line> tried = List.of();
  private @Nullable Tries tries;
  private @Nullable Attempt current;
  private @Nullable Consumer<Status> ending;
  private @Nullable Status end;
  private int sent;

  Call(Place place, Operation operation, long demandNanos, long deadlineNanos, boolean stopped) {
    this.place = place;
    this.operation = operation;
    this.demandNanos = demandNanos;
    this.deadlineNanos = deadlineNanos;
    this.stopped = stopped;
    this.begunNanos = place.events().nowNanos();
  }

  /** Says what is to be done when it has ended; now if it has. */
  void then(Consumer<Status> what) {
    ending = what;
    if (end != null) {
      what.accept(end);
    }
  }

  void begin() {
    place.events().at(deadlineNanos, this);
    attempt();
  }

  private void attempt() {
    Line line = place.pick(operation.request(), tried);
    if (line == null) {
      ended(tries().nowhere(REFUSED, false).status());
    } else if (!line.isReady()) {
      failed(line, REFUSED, TryEnd.PLAIN);
    } else {
      boolean marked = stopped || (tries != null && tries.isMarked() && place.isProtected());
      sent++;
      Attempt attempt = new Attempt(this, line, marked, place.events().nowNanos());
      current = attempt;
      attempt.send(place.events());
      if (place.tryNanos() > 0) {
        place.events().in(place.tryNanos(), () -> attempt.end(LATE, TryEnd.TIMED_OUT));
      }
    }
  }

  /** A try has ended, as its connection says. */
  void tryEnded(Attempt attempt, Status status, TryEnd how) {
    if (attempt != current || end != null) {
      return;
    }
    current = null;
    if (status.isOk()) {
      ended(status);
    } else {
      failed(attempt.line, status, how);
    }
  }

  private void failed(Line line, Status status, TryEnd how) {
    tried = tried.isEmpty() ? new ArrayList<>() : tried;
    tried.add(line);
    Events events = place.events();
    boolean elsewhere = tried.size() < place.size();
    Tries.Action action = tries().failed(status, how, true, elsewhere, events.nowNanos());
    switch (action.kind()) {
      case TRY -> again();
      case WAIT -> events.in(action.waitNanos(), this::again);
      case END -> ended(action.status());
    }
  }

  private void again() {
    if (end != null) {
      return;
    }
    Tries.Action action = tries().ready(place.events().nowNanos());
    if (action.kind() == Tries.Kind.TRY) {
      attempt();
    } else {
      ended(action.status());
    }
  }

  /** The deadline. */
  @Override
  public void happens() {
    if (end != null) {
      return;
    }
    Attempt last = current;
    if (last != null) {
      current = null;
      last.end(LATE, TryEnd.PLAIN);
    }
    ended(LATE);
  }

  private Tries tries() {
    Tries made = tries;
    if (made == null) {
      made = place.tries(this);
      tries = made;
    }
    return made;
  }

  boolean isStopped() {
    return stopped;
  }

  /** Tries that have been sent. */
  int sent() {
    return sent;
  }

  private void ended(Status status) {
    if (end == null) {
      end = status;
      if (ending != null) {
        ending.accept(status);
      }
    }
  }
}
