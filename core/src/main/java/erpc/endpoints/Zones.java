package erpc.endpoints;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of a client's load each endpoint gets if calls should stay in the client's zone. Callers
 * are taken to be spread over zones as registered weight is. Then a zone's fair share of what is
 * healthy is its part of what is registered; with 70 % of that it can do the work of its callers.
 * If it has less, it keeps as much of the load as it has of the 70 %, and the rest goes to other
 * zones in proportion to what they can do beyond the work of their own callers. That always
 * suffices, since all zones together have their fair share.
 */
final class Zones {
  /** The part of its fair share with which a zone does the work of its callers. */
  static final double ENOUGH = 0.7;

  /** With fewer endpoints all are called. */
  static final int LEAST_ENDPOINTS = 6;

  private Zones() {}

  /**
   * Effective weights, which sum up to what the healthy ones do.
   *
   * @param clientZone where the client runs; empty if that is not known
   * @param zones where each endpoint runs; empty if that is not known, which counts as a zone
   * @param registered the weight that each endpoint was given, well or not
   * @param healthy the weight that each has now: less while it is not well or warms up
   * @return new, of the same length; equal to {@code healthy} where zones play no part
   */
  static double[] weights(
      String clientZone, List<String> zones, int[] registered, double[] healthy) {
    double[] effective = healthy.clone();
    int taking = 0;
    Map<String, Zone> all = new HashMap<>();
    Zone total = new Zone();
    for (int i = 0; i < registered.length; i++) {
      taking += registered[i] > 0 ? 1 : 0;
      all.computeIfAbsent(zones.get(i), key -> new Zone()).add(registered[i], healthy[i]);
      total.add(registered[i], healthy[i]);
    }
    Zone local = all.get(clientZone);
    if (clientZone.isEmpty()
        || taking < LEAST_ENDPOINTS
        || local == null
        || local.registered <= 0
        || total.healthy <= 0) {
      return effective;
    }
    double residual = 0;
    for (Zone each : all.values()) {
      each.compare(total);
      residual += each == local ? 0 : each.residual;
    }
    double stays = residual <= 0 ? 1 : Math.min(1, local.capacity / local.fairShare);
    for (int i = 0; i < effective.length; i++) {
      Zone zone = all.getOrDefault(zones.get(i), total);
      double share =
          zone == local ? stays : (1 - stays) * zone.residual / Math.max(residual, 1e-300);
      effective[i] = zone.healthy <= 0 ? 0 : healthy[i] / zone.healthy * share * total.healthy;
    }
    return effective;
  }

  /** What the endpoints of one zone have together. */
  private static final class Zone {
    private double registered;
    private double healthy;
    private double fairShare;

    /** The work that it can do. */
    private double capacity;

    /** The work that it can do for callers of other zones. */
    private double residual;

    void add(int registeredWeight, double healthyWeight) {
      registered += registeredWeight;
      healthy += healthyWeight;
    }

    void compare(Zone total) {
      fairShare = registered / total.registered * total.healthy;
      capacity = healthy / ENOUGH;
      residual = Math.max(0, capacity - fairShare);
    }
  }
}
