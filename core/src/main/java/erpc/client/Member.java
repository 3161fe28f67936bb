package erpc.client;

import erpc.discovery.Endpoint;
import erpc.endpoints.EndpointRecord;
import erpc.endpoints.Roster;
import erpc.transport.EndpointPool;
import erpc.transport.EndpointState;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One endpoint of a cluster, its connection and what is under way on it. Thread-safe. */
final class Member extends CallsInFlight implements Roster.Entry {
  final EndpointPool link;
  private final EndpointRecord record;

  // Written by whoever takes a list over, one thread at a time.
  private volatile Endpoint endpoint;

  /** Where it is filed now. Written by the same. */
  private volatile List<Place> places = List.of();

  /** A roster that it is in, and its index there. */
  record Place(Roster roster, int index) {}

  Member(Endpoint endpoint, EndpointPool link, EndpointRecord record, AtomicInteger ofAll) {
    super(ofAll);
    this.endpoint = endpoint;
    this.link = link;
    this.record = record;
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
}
