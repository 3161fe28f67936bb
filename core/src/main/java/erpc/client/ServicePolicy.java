package erpc.client;

/**
 * What holds for the calls of a service that was given something of its own, or of all others.
 * Calls of different policies share no connection. Each is equal to itself alone.
 */
final class ServicePolicy {
  private final Cluster.Balancing balancing;

  ServicePolicy(Cluster.Balancing balancing) {
    this.balancing = balancing;
  }

  /** How its calls are spread over endpoints. */
  Cluster.Balancing balancing() {
    return balancing;
  }
}
