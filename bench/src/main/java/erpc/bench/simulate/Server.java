package erpc.bench.simulate;

import erpc.call.Status;
import erpc.discovery.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A server: a queue, first in, first out, and cores that work at what is in it. A handler that
 * calls somebody else lets go its core while it waits. What has expired when its turn comes is
 * dropped.
 */
final class Server {
  /** So quickly it fails. */
  private static final long FAILING_NANOS = 100_000;

  private static final Status REFUSED =
      Status.of(Status.Code.RESOURCE_EXHAUSTED, "the server has too much to do").asRemote();

  private static final Status FAILED =
      Status.of(Status.Code.INTERNAL, "as was asked for")
          .withStarted(Status.Started.YES)
          .asRemote();

  static final Status DRAINS =
      Status.of(Status.Code.UNAVAILABLE, "the server goes away").asRemote();

  /** What a server is, whatever happens to it. */
  record Kind(int cores, int weight, String zone) {}

  /** How it is. */
  enum State {
    UP,
    /** It works at what it has and takes nothing new. */
    DRAINING,
    /** It refuses connections. */
    DEAD,
    /** It takes calls and never answers. */
    HUNG
  }

  final Kind kind;
  final Endpoint endpoint;
  final Tally.Level level;

  /** Clients' connections to it. */
  final List<Line> lines = new ArrayList<>();

  private final Events events;
  private final RandomGenerator random;
  private final ArrayDeque<Attempt> queue = new ArrayDeque<>();

  /** What it lets in; all if there is none. */
  private @Nullable Gate gate;

  private State state = State.UP;

  /** Grows with each death: what was under way before it is not done any more. */
  private int life;

  private int busyCores;
  private int inFlight;

  private double slowness = 1;
  private double failingShare;
  private Status failure = FAILED;

  /** What its handlers call others by, or null if they don't. */
  private @Nullable Place below;

  // Figures.
  private long received;
  private double busyNanos;

  Server(Kind kind, Endpoint endpoint, Tally.Level level, Events events, RandomGenerator random) {
    this.kind = kind;
    this.endpoint = endpoint;
    this.level = level;
    this.events = events;
    this.random = random;
  }

  /** From now on it is protected. */
  void guardedBy(Gate what) {
    gate = what;
  }

  void calls(Place place) {
    below = place;
  }

  // ---- what happens to it

  /** From now on its work takes so many times as long. */
  void slow(double times) {
    slowness = times;
  }

  /** From now on this share of its calls fails, after a little work. */
  void fail(double share, Status.Code code) {
    failingShare = share;
    failure = Status.of(code, "as was asked for").withStarted(Status.Started.YES).asRemote();
  }

  /** From now on it is like this. */
  void become(State next) {
    if (next == State.DEAD || next == State.HUNG) {
      life++;
      queue.clear();
      busyCores = 0;
      inFlight = 0;
    }
    state = next;
    if (next == State.DEAD || next == State.DRAINING) {
      boolean dead = next == State.DEAD;
      for (Line each : lines) {
        events.in(each.delayNanos, () -> each.lost(dead));
      }
    }
  }

  boolean acceptsConnections() {
    return state == State.UP || state == State.HUNG;
  }

  // ---- its work

  /** A call has arrived. */
  void receive(Attempt call) {
    if (state == State.DEAD) {
      return; // Who sent it will be told that the connection is lost.
    }
    received++;
    level.received(events.nowNanos());
    if (state == State.HUNG) {
      return;
    }
    if (state == State.DRAINING) {
      call.reply(DRAINS);
      return;
    }
    call.arrivedNanos = events.nowNanos();
    if (gate != null && !gate.admits(call)) {
      call.reply(REFUSED);
      return;
    }
    inFlight++;
    call.life = life;
    queue.add(call);
    next();
  }

  /** Gives free cores to those who have waited longest. */
  private void next() {
    while (busyCores < kind.cores && !queue.isEmpty()) {
      Attempt call = queue.remove();
      if (call.deadlineNanos() <= events.nowNanos()) {
        inFlight--; // Nobody waits for it any more.
        if (gate != null) {
          gate.gone();
        }
      } else if (gate != null && !gate.begins(call)) {
        inFlight--;
        call.reply(REFUSED);
      } else {
        work(call);
      }
    }
  }

  private void work(Attempt call) {
    busyCores++;
    call.isFailing = failingShare > 0 && random.nextDouble() < failingShare;
    long demand = call.isFailing ? FAILING_NANOS : call.demandNanos();
    long nanos = Math.round(demand * slowness);
    busyNanos += nanos;
    events.in(nanos, call);
  }

  /** A core has done what it had to for this call. */
  void worked(Attempt call) {
    if (call.life != life) {
      return;
    }
    busyCores--;
    next();
    Operation nested = call.operation().below();
    Place place = below;
    if (call.isFailing) {
      reply(call, failure);
    } else if (nested == null || place == null) {
      reply(call, Status.OK);
    } else {
      place
          .call(nested, nested.demand().nanos(random), call.deadlineNanos(), call.isRetried())
          .then(status -> ended(call, status));
    }
  }

  /** A call that its handler has made has ended: what that comes to is passed on. */
  private void ended(Attempt call, Status status) {
    if (call.life == life) {
      reply(call, status.isOk() ? status : passedOn(status));
    }
  }

  /** As a server does: only code and text count, and whether another try is of any use. */
  private Status passedOn(Status status) {
    Status own =
        Status.of(status.code(), status.message()).withStarted(Status.Started.YES).asRemote();
    Place place = below;
    if (place == null || !place.isProtected()) {
      return own;
    }
    boolean never = Status.NEVER_AGAIN.equals(status.retryAfter());
    return never ? own.asPassedOn().withRetryAfter(Status.NEVER_AGAIN) : own.asPassedOn();
  }

  private void reply(Attempt call, Status status) {
    inFlight--;
    if (gate != null) {
      gate.ended(call, status.isOk());
    }
    call.reply(status);
  }

  // ---- figures

  /** Calls that are in its queue or are being worked at. */
  int inFlight() {
    return inFlight;
  }

  /** From now on is counted. */
  void count() {
    received = 0;
    busyNanos = 0;
  }

  /** Tries that have arrived. */
  long received() {
    return received;
  }

  /** Time of its cores that was taken. */
  double busyNanos() {
    return busyNanos;
  }
}
