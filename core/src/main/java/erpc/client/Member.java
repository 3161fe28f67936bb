package erpc.client;

import erpc.discovery.Endpoint;
import erpc.transport.EndpointPool;
import java.util.concurrent.atomic.AtomicInteger;

/** One endpoint of a cluster, its connection and what is under way on it. Thread-safe. */
final class Member {
  final EndpointPool link;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile Endpoint endpoint;

  Member(Endpoint endpoint, EndpointPool link) {
    this.endpoint = endpoint;
    this.link = link;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** The same address with another weight, zone or methods. */
  void update(Endpoint changed) {
    endpoint = changed;
  }

  String address() {
    return link.address();
  }

  int inFlight() {
    return inFlight.get();
  }

  void enter() {
    inFlight.incrementAndGet();
  }

  void leave() {
    inFlight.decrementAndGet();
  }
}
