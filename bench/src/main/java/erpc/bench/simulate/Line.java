package erpc.bench.simulate;

import erpc.discovery.Endpoint;
import erpc.endpoints.EndpointRecord;
import erpc.endpoints.Roster;
import erpc.protocol.ServerLoad;
import erpc.transport.EndpointState;
import org.jspecify.annotations.Nullable;

/** A client's connection to a server, as its roster and its calls see it. */
final class Line implements Roster.Entry {
  private static final long FIRST_BACKOFF_NANOS = 50_000_000;
  private static final long LONGEST_BACKOFF_NANOS = 2_000_000_000;

  /** A server says as often at most how much it has to do. */
  private static final long REPORT_NANOS = 100_000_000;

  final Server server;

  /** One way. */
  final long delayNanos;

  private final Place place;
  private final EndpointRecord record;
  private int index = -1;

  private EndpointState state;
  private int failures;

  /** The first of those that are under way, each knows the next one. */
  private @Nullable Attempt underWay;

  private int inFlight;
  private boolean counts;

  // What the server has said last.
  private @Nullable ServerLoad load;
  private long reportedNanos;

  Line(Place place, Server server, EndpointRecord record, long delayNanos) {
    this.record = record;
    record.onJudged(this::judged);
    this.place = place;
    this.server = server;
    this.delayNanos = delayNanos;
    // Before anything happens they have long been connected.
    state = place.events().happened() == 0 ? EndpointState.READY : EndpointState.IDLE;
    server.lines.add(this);
  }

  /** Where it stands in its place's list. */
  void listed(int at) {
    index = at;
  }

  /** It is not listed any more; calls under way still end. */
  void leave() {
    index = -1;
  }

  private void judged(long nowNanos) {
    if (index >= 0) {
      place.roster().judged(index, nowNanos);
    }
  }

  // ---- for the roster

  @Override
  public Endpoint endpoint() {
    return server.endpoint;
  }

  @Override
  public EndpointState state() {
    return state;
  }

  @Override
  public boolean isFull() {
    return false;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  @Override
  public EndpointRecord record() {
    return record;
  }

  @Override
  public void countInAll() {
    if (!counts) {
      counts = true;
      place.inFlight += inFlight;
    }
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public void connect() {
    dial();
  }

  boolean isReady() {
    return state == EndpointState.READY;
  }

  // ---- connecting

  private void become(EndpointState next) {
    state = next;
    if (index >= 0) {
      place.roster().refile(index);
    }
  }

  private void dial() {
    if (state == EndpointState.READY || state == EndpointState.CONNECTING) {
      return;
    }
    if (index < 0) {
      state = EndpointState.CLOSED;
      return;
    }
    become(EndpointState.CONNECTING);
    place.events().in(2 * delayNanos, this::dialled);
  }

  private void dialled() {
    if (server.acceptsConnections()) {
      failures = 0;
      become(EndpointState.READY);
    } else {
      backOff();
    }
  }

  private void backOff() {
    become(EndpointState.BACKING_OFF);
    long most = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(failures++, 10));
    place.events().in(1 + place.random().nextLong(most), this::dial);
  }

  /**
   * The server has closed it.
   *
   * @param withCalls whether those under way are lost, or still end
   */
  void lost(boolean withCalls) {
    while (withCalls && underWay != null) {
      underWay.lost();
    }
    if (state == EndpointState.READY) {
      backOff();
    }
  }

  // ---- calls

  void begins(Attempt attempt) {
    inFlight++;
    place.inFlight += counts ? 1 : 0;
    attempt.next = underWay;
    if (underWay != null) {
      underWay.before = attempt;
    }
    underWay = attempt;
  }

  void ended(Attempt attempt) {
    inFlight--;
    place.inFlight -= counts ? 1 : 0;
    if (attempt.before == null) {
      underWay = attempt.next;
    } else {
      attempt.before.next = attempt.next;
    }
    if (attempt.next != null) {
      attempt.next.before = attempt.before;
    }
    attempt.next = null;
    attempt.before = null;
  }

  /** A reply says how many calls the server has. */
  void reported(int calls) {
    long now = place.events().nowNanos();
    if (now - reportedNanos >= REPORT_NANOS) {
      reportedNanos = now;
      load = new ServerLoad(0, calls);
    }
    record.reports(load, now);
  }
}
