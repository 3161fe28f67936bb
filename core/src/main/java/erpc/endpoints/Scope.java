package erpc.endpoints;

import erpc.discovery.Endpoint;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which endpoints of a list a client's calls are spread over, before anything is said of their
 * health: its subset of a long list, and of these rather those in its zone. Immutable.
 */
final class Scope {
  private final String clientZone;
  private final List<String> zones;
  private final BitSet subset;
  private final int[] registered;

  /**
   * A scope of all endpoints.
   *
   * @param weights of each, as the list has them
   */
  Scope(Endpoint[] endpoints, int[] weights, String clientZone, BitSet subset) {
    this.clientZone = clientZone;
    this.zones = Arrays.stream(endpoints).map(Endpoint::zone).toList();
    this.subset = subset;
    this.registered = new int[weights.length];
    Arrays.setAll(registered, i -> subset.get(i) ? weights[i] : 0);
  }

  /** Whether it is one that calls are spread over. */
  boolean has(int index) {
    return subset.get(index);
  }

  /**
   * What the weights of each zone's endpoints are to be multiplied by, so that calls stay in the
   * client's zone as far as it can take them.
   *
   * @param healthy what each endpoint weighs now, 0 for those that calls do not go to
   */
  Map<String, Double> factors(double[] healthy) {
    if (!hasZones()) {
      return Map.of();
    }
    double[] effective = Zones.weights(clientZone, zones, registered, healthy);
    Map<String, Double> factors = new HashMap<>();
    for (int i = 0; i < healthy.length; i++) {
      if (healthy[i] > 0) {
        factors.putIfAbsent(zones.get(i), effective[i] / healthy[i]);
      }
    }
    return factors;
  }

  /** Whether it matters where an endpoint runs. */
  boolean hasZones() {
    return !clientZone.isEmpty();
  }

  String zone(int index) {
    return zones.get(index);
  }
}
