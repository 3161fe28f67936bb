package erpc.endpoints;

import erpc.discovery.Endpoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which endpoints of a long list a client calls, so that a server has not a connection of every
 * client. In each zone it takes those for which the hash of endpoint and client is highest
 * (rendezvous hashing, as gRFC A68 does), so that when one comes or goes, hardly another one
 * changes.
 *
 * <p>A subset only helps if the clients' subsets together cover the servers many times: 10 clients
 * with 100 of 1,000 servers each leave 37 % of the servers idle and others with four times as much.
 * Callers are taken to be spread over zones as endpoints are. Then the clients of a zone cover it
 * as all of them cover all, so one size holds for each zone.
 */
final class Subset {
  /** A client calls at least so many in each zone. */
  static final int LEAST = 100;

  /** As many clients shall call each server, on average. */
  static final int CLIENTS_PER_SERVER = 20;

  /** If nobody knows how many clients there are, shorter lists are called as a whole … */
  static final int OFF_BELOW = 1_000;

  /** … and of longer ones this part: 20 clients cover 88 % of it, 50 clients 99.5 %. */
  static final int UNKNOWN_PART = 10;

  private Subset() {}

  /**
   * How many a client calls in each zone.
   *
   * @param endpoints how many there are in all zones
   * @param clients how many call them; 0 if that is not known
   */
  static int size(int endpoints, int clients) {
    if (clients <= 0) {
      return endpoints < OFF_BELOW ? endpoints : Math.max(LEAST, endpoints / UNKNOWN_PART);
    }
    long enough = ((long) CLIENTS_PER_SERVER * endpoints + clients - 1) / clients;
    return (int) Math.min(endpoints, Math.max(LEAST, enough));
  }

  /** All of so many. */
  static BitSet all(int size) {
    BitSet all = new BitSet(size);
    all.set(0, size);
    return all;
  }

  /**
   * The indexes of the endpoints that this client calls. Those of weight 0 take no calls and are
   * left out, unless all have that.
   *
   * @param clients how many clients call them; 0 if that is not known
   * @param seed the client's own, the same as long as it lives
   */
  static BitSet of(List<Endpoint> endpoints, int clients, long seed) {
    boolean allZero = endpoints.stream().allMatch(each -> each.weight() == 0);
    Map<String, List<Ranked>> zones = new HashMap<>();
    int count = 0;
    for (int i = 0; i < endpoints.size(); i++) {
      Endpoint each = endpoints.get(i);
      if (each.weight() > 0 || allZero) {
        count++;
        Ranked ranked = new Ranked(i, rank(each.address(), seed), each.address());
        zones.computeIfAbsent(each.zone(), key -> new ArrayList<>()).add(ranked);
      }
    }
    int size = size(count, clients);
    BitSet chosen = new BitSet(endpoints.size());
    for (List<Ranked> zone : zones.values()) {
      if (zone.size() > size) {
        zone.sort(Ranked::compareTo);
      }
      for (int i = 0; i < Math.min(size, zone.size()); i++) {
        chosen.set(zone.get(i).index);
      }
    }
    return chosen;
  }

  /** Each client's own, so nobody else need compute it: {@code hashCode} is good enough to mix. */
  private static long rank(String address, long seed) {
    long bits = seed + address.hashCode() * 0x9e3779b97f4a7c15L;
    bits = (bits ^ bits >>> 32) * 0xd6e8feb86659fd93L;
    bits = (bits ^ bits >>> 32) * 0xd6e8feb86659fd93L;
    return bits ^ bits >>> 32;
  }

  /** The highest first. */
  private record Ranked(int index, long rank, String address) implements Comparable<Ranked> {
    @Override
    public int compareTo(Ranked other) {
      int byRank = Long.compare(other.rank, rank);
      return byRank != 0 ? byRank : address.compareTo(other.address);
    }
  }
}
