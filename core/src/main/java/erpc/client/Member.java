package erpc.client;

import erpc.discovery.Endpoint;
import erpc.endpoints.Roster;
import erpc.transport.EndpointPool;
import erpc.transport.EndpointState;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One endpoint of a cluster, its connection and what is under way on it. Thread-safe. */
final class Member implements Roster.Entry {
  final EndpointPool link;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile Endpoint endpoint;

  /** Where it is filed now. */
  private volatile List<Place> places = List.of();

  /** A roster that it is in, and its index there. */
  record Place(Roster roster, int index) {}

  Member(Endpoint endpoint, EndpointPool link) {
    this.endpoint = endpoint;
    this.link = link;
    link.onStateChange(this::refile);
  }

  /** From now on it is filed there and nowhere else. */
  void filedIn(List<Place> now) {
    places = now;
    refile(); // What it told before was not for these.
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
  public boolean isShared() {
    return link.isShared();
  }

  @Override
  public void connect() {
    link.connect();
  }

  @Override
  public int inFlight() {
    return inFlight.get();
  }

  void enter() {
    inFlight.incrementAndGet();
  }

  void leave() {
    inFlight.decrementAndGet();
  }
}
