package erpc.client;

import erpc.call.Status;
import erpc.discovery.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The ways in which endpoints of a place have split its data: into three, say, and while it moves
 * into three and into four. A way takes calls if each of its partitions has an endpoint.
 */
final class Partitions {
  private Partitions() {}

  /** A way to split, that has all partitions. */
  private record Whole(int count, long weight) {}

  /**
   * How many partitions a call is split into. Of several ways one is drawn by weight: that of a way
   * is what its weakest partition has, as often as there are partitions.
   *
   * @return 0 if there is no whole one, see {@link #whyNone(Cluster, String)}
   */
  static int draw(Rosters all, String method, RandomGenerator random) {
    List<Whole> ways = new ArrayList<>();
    long sum = 0;
    for (int count : counts(all).keySet()) {
      long weight = weight(all, method, count);
      if (weight >= 0) {
        ways.add(new Whole(count, weight));
        sum += weight;
      }
    }
    if (sum == 0) { // Who gives all of them 0 means none in particular.
      return ways.isEmpty() ? 0 : ways.get(random.nextInt(ways.size())).count;
    }
    long drawn = random.nextLong(sum);
    int at = 0;
    while (drawn >= ways.get(at).weight) {
      drawn -= ways.get(at).weight;
      at++;
    }
    return ways.get(at).count;
  }

  /** What a way weighs; -1 if a partition is missing. */
  private static long weight(Rosters all, String method, int count) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      Rosters part = all.partitions().get(tag(i, count));
      Rosters.Choice choice = part == null ? null : part.choice(method);
      if (choice == null) {
        return -1;
      }
      long weight = 0;
      for (Member each : Aim.members(choice.roster())) {
        weight += each.endpoint().weight();
      }
      least = Math.min(least, weight);
    }
    return count * least;
  }

  /** Into how many each way splits, with how many of its partitions there are; the fewest first. */
  private static Map<Integer, Integer> counts(Rosters all) {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (String tag : all.partitions().keySet()) {
      if (Endpoint.isPartition(tag)) {
        counts.merge(Integer.valueOf(tag.substring(tag.indexOf('/') + 1)), 1, Integer::sum);
      }
    }
    return counts;
  }

  static String tag(int index, int count) {
    return index + "/" + count;
  }

  /** Why no way is whole: of the one that lacks least, which partition is missing. */
  static Status whyNone(Cluster place, String method) {
    Rosters all = place.rosters();
    if (all == null || all.choice(method) == null) {
      return place.whyNone(method);
    }
    Map<Integer, Integer> counts = counts(all);
    int nearest = 0;
    for (Map.Entry<Integer, Integer> each : counts.entrySet()) {
      int lacks = each.getKey() - each.getValue();
      if (nearest == 0 || lacks < nearest - counts.getOrDefault(nearest, 0)) {
        nearest = each.getKey();
      }
    }
    for (int i = 0; i < nearest; i++) {
      Rosters part = all.partitions().get(tag(i, nearest));
      if (part == null || part.choice(method) == null) {
        return whyNone(place, tag(i, nearest), method);
      }
    }
    return unavailable(
        "none of the "
            + all.members.size()
            + " endpoints of "
            + place.name
            + " says which partition it has (erpc.partition, as 0/3)");
  }

  /** Why no endpoint of a partition was picked. */
  static Status whyNone(Cluster place, String tag, String method) {
    Rosters all = place.rosters();
    Rosters part = all == null ? null : all.partitions().get(tag);
    if (all == null || all.members.isEmpty() || (part != null && part.choice(method) != null)) {
      return place.whyNone(method);
    }
    String of = " of " + place.name + " has partition " + tag;
    return unavailable("no endpoint" + of + (part == null ? "" : " and the method " + method));
  }

  private static Status unavailable(String why) {
    return Status.of(Status.Code.UNAVAILABLE, why);
  }
}
