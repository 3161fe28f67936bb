package erpc.calls;

import erpc.balance.Balancer;
import java.util.Map;
import java.util.TreeMap;

/** Calls with the same key go to the same endpoint, as long as it is well. */
final class ConsistentHash implements Balancer {
  private static final int POINTS = 160;
  private static final int STEPS = 16;

  @Override
  public Picker picker(Candidates candidates) {
    TreeMap<Integer, Integer> ring = new TreeMap<>();
    for (int i = 0; i < candidates.size(); i++) {
      for (int point = 0; point < POINTS; point++) {
        ring.put(hash(candidates.address(i) + "#" + point), i);
      }
    }
    return pick -> {
      String key = pick.affinityKey();
      if (key == null) {
        return pick.draw();
      }
      int at = hash(key);
      for (int step = 0; step < STEPS; step++) {
        Map.Entry<Integer, Integer> found = ring.ceilingEntry(at);
        Map.Entry<Integer, Integer> next = found == null ? ring.firstEntry() : found;
        if (pick.fits(next.getValue())) {
          return next.getValue();
        }
        at = next.getKey() + 1;
      }
      return pick.draw();
    };
  }

  private static int hash(String text) {
    int hash = 0x811c9dc5;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x01000193;
    }
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    return hash ^ (hash >>> 13);
  }
}
