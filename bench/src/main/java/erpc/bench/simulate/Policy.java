package erpc.bench.simulate;

import erpc.balance.Balancer;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What a client and the servers it calls do: how it spreads calls, and whether anything protects
 * them.
 *
 * @param name as it was asked for
 * @param balancer makes that of one client
 * @param isProtected whether there are budgets of retries, a stop for chains of them, verdicts
 *     about endpoints and limits of servers
 */
record Policy(String name, Function<RandomGenerator, Balancer> balancer, boolean isProtected) {
  private static final String BARE = ":bare";
  private static final String ROUND_ROBIN = "round_robin";

  /** Those that are compared unless others are asked for, as far as there are such balancers. */
  private static final List<String> USUAL =
      List.of(
          "round_robin:bare",
          ROUND_ROBIN,
          "random",
          "least_request",
          "p2c:bare",
          "p2c",
          "locality_aware");

  /**
   * A balancer's name, {@code :bare} behind it if nothing is to protect calls.
   *
   * @throws IllegalArgumentException naming the balancers that there are
   */
  static Policy named(String name) {
    boolean bare = name.endsWith(BARE);
    String balancer = bare ? name.substring(0, name.length() - BARE.length()) : name;
    var unused = Balancer.named(balancer);
    return new Policy(
        name,
        balancer.equals(ROUND_ROBIN) ? Policy::roundRobin : random -> Balancer.named(balancer),
        !bare);
  }

  static List<Policy> usual() {
    List<Policy> found = new ArrayList<>();
    for (String each : USUAL) {
      try {
        found.add(named(each));
      } catch (IllegalArgumentException e) {
        continue; // There is no such balancer yet.
      }
    }
    return found;
  }

  /** By its name it would begin at a place of a chance of its own, and no run could be repeated. */
  private static Balancer roundRobin(RandomGenerator random) {
    try {
      Class<?> type = Class.forName(Balancer.class.getPackageName() + ".RoundRobin");
      Constructor<?> constructor = type.getDeclaredConstructor(RandomGenerator.class);
      constructor.setAccessible(true);
      return (Balancer) constructor.newInstance(random);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("round robin is not made by chance any more", e);
    }
  }
}
