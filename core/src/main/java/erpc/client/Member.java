package erpc.client;

import erpc.discovery.Endpoint;
import erpc.endpoints.EndpointRecord;
import erpc.endpoints.Roster;
import erpc.transport.EndpointPool;
import erpc.transport.EndpointState;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One endpoint of a cluster, its connection and what is under way on it. Thread-safe. */
final class Member implements Roster.Entry {
  /** In {@link #inFlight}: calls are counted in those of all endpoints too. */
  private static final int COUNTED_IN_ALL = 1 << 30;

  final EndpointPool link;
  private final EndpointRecord record;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** The place's calls, in which its own are counted once the mark is set. */
  private final AtomicInteger ofAll;

  // Written by whoever takes a list over, one thread at a time.
  private volatile Endpoint endpoint;

  /** Where it is filed now. Written by the same. */
  private volatile List<Place> places = List.of();

  /** A roster that it is in, and its index there. */
  record Place(Roster roster, int index) {}

  Member(Endpoint endpoint, EndpointPool link, EndpointRecord record, AtomicInteger ofAll) {
    this.endpoint = endpoint;
    this.link = link;
    this.record = record;
    this.ofAll = ofAll;
    link.onStateChange(this::refile);
    record.onJudged(this::judged);
  }

  /** From now on it is filed there and nowhere else. */
  void filedIn(List<Place> now) {
    places = now;
    refile(); // What it told before was not for these.
  }

  /** The verdict about it has changed. */
  private void judged(long nowNanos) {
    for (Place each : places) {
      each.roster.judged(each.index, nowNanos);
    }
  }

  private void refile() {
    for (Place each : places) {
      each.roster.refile(each.index);
    }
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  /** The same address with another weight, zone or methods. */
  void update(Endpoint changed) {
    endpoint = changed;
  }

  String address() {
    return link.address();
  }

  @Override
  public EndpointState state() {
    return link.state();
  }

  @Override
  public boolean isFull() {
    return link.isFull();
  }

  @Override
  public EndpointRecord record() {
    return record;
  }

  @Override
  public boolean isShared() {
    return link.isShared();
  }

  @Override
  public void connect() {
    link.connect();
  }

  @Override
  public int inFlight() {
    return inFlight.get() & ~COUNTED_IN_ALL;
  }

  @Override
  public void countInAll() {
    if ((inFlight.get() & COUNTED_IN_ALL) == 0) {
      // One step marks it and tells how many are in flight: each call that enters or leaves before
      // it is in that number, each one after it sees the mark.
      ofAll.addAndGet(inFlight.getAndAdd(COUNTED_IN_ALL));
    }
  }

  void enter() {
    if (inFlight.incrementAndGet() > COUNTED_IN_ALL) {
      ofAll.incrementAndGet();
    }
  }

  void leave() {
    if (inFlight.decrementAndGet() >= COUNTED_IN_ALL) {
      ofAll.decrementAndGet();
    }
  }
}
