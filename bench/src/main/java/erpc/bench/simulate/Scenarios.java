package erpc.bench.simulate;

import erpc.bench.simulate.Clients.Part;
import erpc.bench.simulate.Scenario.Fault;
import erpc.call.Criticality;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What there is to simulate. */
final class Scenarios {
  private static final Operation QUICK = Operation.idempotent("quick", Demand.exponential(2));
  private static final int SLOW_TIMES = 10;

  private Scenarios() {}

  /** All, in the order in which they are best read. */
  static List<Scenario> all() {
    return List.of(
        healthy(),
        manyClients(),
        tail(),
        mixed(),
        together(),
        slowBusy(),
        slowMany(),
        failing(),
        hung(),
        hungTries(),
        zoneLost(),
        rollingRestart(),
        cold(),
        uneven("uneven", "without weights", false),
        uneven("uneven_weighted", "with weights that say so", true),
        overload(),
        storm());
  }

  /**
   * The one with this name.
   *
   * @throws IllegalArgumentException naming them all
   */
  static Scenario named(String name) {
    return all().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown scenario '"
                    + name
                    + "'; known are "
                    + String.join(", ", all().stream().map(Scenario::name).toList())));
  }

  private static Scenario healthy() {
    return Scenario.of(
            "healthy",
            "20 equal servers at 60 % of what they can do, 100 clients: nothing happens.",
            20,
            Clients.of(100, 120, QUICK))
        .level(20, 2);
  }

  private static Scenario manyClients() {
    Operation tiny = Operation.idempotent("tiny", Demand.exponential(1));
    return Scenario.of(
            "many_clients",
            "100 servers at half of what they can do, 10,000 clients of 5 calls per second each:"
                + " what a client learns by itself is old.",
            20,
            Clients.of(10_000, 5, tiny))
        .level(100, 1);
  }

  private static Scenario tail() {
    Operation uneven = Operation.idempotent("uneven", Demand.exponential(1).sometimes(0.01, 100));
    return Scenario.of(
            "tail",
            "10 equal servers at half of what they can do; 1 of 100 calls takes 100 times as long,"
                + " on whichever server: none is worse for it.",
            20,
            Clients.of(100, 100, uneven))
        .level(10, 4);
  }

  private static Scenario mixed() {
    Operation fast = Operation.idempotent("fast", Demand.exponential(0.2));
    Operation slow = Operation.idempotent("slow", Demand.exponential(200));
    return Scenario.of(
            "mixed",
            "10 equal servers of 8 cores at 55 % of what they can do: 99 of 100 calls take 200 µs,"
                + " the other one 200 ms.",
            20,
            Clients.of(100, 200, fast).calling(new Part(fast, 0.99), new Part(slow, 0.01)))
        .level(10, 8);
  }

  private static Scenario together() {
    return Scenario.of(
            "synchronised",
            "10 equal servers, 100 clients that all make 3 calls at the same moment, ten times per"
                + " second.",
            20,
            Clients.of(100, 30, QUICK).together(0.1))
        .level(10, 2);
  }

  private static Scenario slowBusy() {
    return Scenario.of(
            "slow_busy",
            "1 of 10 servers becomes 10 times slower for half of the time; 12 clients of 500 calls"
                + " per second each.",
            30,
            Clients.of(12, 500, QUICK))
        .level(10, 2)
        .fault(slow(0.25, SLOW_TIMES, "one is slow"), slow(0.75, 1, "no more"));
  }

  private static Scenario slowMany() {
    Operation single = Operation.idempotent("single", Demand.exponential(3));
    return Scenario.of(
            "slow_many",
            "1 of 10 servers becomes 10 times slower for half of the time; 200 clients of 10 calls"
                + " per second each.",
            30,
            Clients.of(200, 10, single))
        .level(10, 1)
        .fault(slow(0.25, SLOW_TIMES, "one is slow"), slow(0.75, 1, "no more"));
  }

  private static Scenario failing() {
    return Scenario.of(
            "failing",
            "1 of 10 servers fails all calls, and quickly, for a third of the time: it has most"
                + " time for more.",
            30,
            Clients.of(100, 60, QUICK))
        .level(10, 2)
        .fault(fail(0, 1 / 3.0, 1, "one fails"), fail(0, 2 / 3.0, 0, "no more"));
  }

  private static Scenario hung() {
    return Scenario.of(
            "hung",
            "1 of 10 servers takes calls and answers none for a third of the time.",
            30,
            Clients.of(100, 60, QUICK))
        .level(10, 2)
        .fault(
            new Fault(1 / 3.0, "one hangs", world -> become(world, 0, 1, Server.State.HUNG)),
            new Fault(2 / 3.0, "no more", world -> become(world, 0, 1, Server.State.UP)));
  }

  private static Scenario hungTries() {
    Scenario hung = hung();
    return new Scenario(
        "hung_try_timeout",
        "The same, and each try has 100 ms.",
        hung.seconds(),
        hung.levels(),
        hung.clients().trying(0.1),
        hung.surges(),
        hung.faults());
  }

  private static Scenario zoneLost() {
    List<Server.Kind> servers = new ArrayList<>();
    for (String zone : List.of("a", "b", "c")) {
      IntStream.range(0, 10).forEach(i -> servers.add(new Server.Kind(2, 100, zone)));
    }
    return Scenario.of(
            "zone_lost",
            "3 zones of 10 servers each at half of what they can do, with clients in each; all"
                + " servers of one zone die for a third of the time.",
            30,
            Clients.of(150, 100, QUICK).in("a", "b", "c"))
        .level(servers)
        .fault(
            new Fault(1 / 3.0, "zone dies", world -> become(world, 0, 10, Server.State.DEAD)),
            new Fault(2 / 3.0, "is back", world -> become(world, 0, 10, Server.State.UP)));
  }

  private static void become(World world, int from, int to, Server.State state) {
    world.servers(0).subList(from, to).forEach(each -> each.become(state));
  }

  private static Scenario rollingRestart() {
    int servers = 10;
    Fault[] faults =
        IntStream.range(0, servers)
            .mapToObj(i ->
                new Fault(
                    0.1 + 0.08 * i,
                    i == 0 ? "restarts begin" : i == servers - 1 ? "the last one" : "",
                    world -> world.restart(i)))
            .toArray(Fault[]::new);
    return Scenario.of(
            "rolling_restart",
            "10 servers at half of what they can do restart one after the other: each leaves the"
                + " list, says goodbye, ends its calls, and is back two seconds later.",
            40,
            Clients.of(100, 50, QUICK))
        .level(servers, 2)
        .fault(faults);
  }

  private static Scenario cold() {
    Fault[] faults =
        IntStream.rangeClosed(0, 10)
            .mapToObj(i ->
                new Fault(
                    0.25 + 0.04 * i,
                    i == 0 ? "one is new" : i == 10 ? "it is warm" : "",
                    world -> {
                      Server newest = world.servers(0).get(10);
                      newest.slow(Math.max(1, 20 - 2 * i));
                      if (i == 0) {
                        world.list(0, world.servers(0));
                      }
                    }))
            .toArray(Fault[]::new);
    return Scenario.of(
            "cold",
            "An eleventh server joins 10 at 60 % of what they can do; it is 20 times slower at"
                + " first and warms up within 16 s.",
            40,
            Clients.of(100, 60, QUICK))
        .level(11, 2)
        .fault(new Fault(0, "", world -> world.list(0, world.servers(0).subList(0, 10))))
        .fault(faults);
  }

  private static Scenario uneven(String name, String how, boolean weighted) {
    List<Server.Kind> servers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int cores = 1 << i % 3;
      servers.add(new Server.Kind(cores, weighted ? 100 * cores : 100, ""));
    }
    return Scenario.of(
            name,
            "12 servers with 1, 2 or 4 cores, " + how + ", at 60 % of what they can do together.",
            20,
            Clients.of(84, 100, QUICK))
        .level(servers);
  }

  private static Scenario overload() {
    Part critical = new Part(kind("critical", Criticality.CRITICAL), 0.1);
    Part usual = new Part(kind("default", Criticality.DEFAULT), 0.6);
    Part sheddable = new Part(kind("sheddable", Criticality.SHEDDABLE), 0.3);
    return Scenario.of(
            "overload",
            "10 servers at 60 % of what they can do; for a third of the time clients call 5 times"
                + " as much. 1 of 10 calls is critical, 3 may be shed.",
            30,
            Clients.of(100, 60, QUICK).calling(critical, usual, sheddable))
        .level(10, 2)
        .surge(1 / 3.0, 2 / 3.0, 5)
        .fault(
            new Fault(1 / 3.0, "5 times the load", world -> {}),
            new Fault(2 / 3.0, "no more", world -> {}));
  }

  private static Operation kind(String name, Criticality how) {
    return Operation.idempotent(name, Demand.exponential(2)).as(how);
  }

  private static Scenario storm() {
    Operation third = Operation.idempotent("third", Demand.exponential(2));
    Operation second = Operation.idempotent("second", Demand.exponential(1)).calling(third);
    Operation first = Operation.idempotent("first", Demand.exponential(1)).calling(second);
    return Scenario.of(
            "retry_storm",
            "10,000 clients call servers that call servers that call servers; each tries 3 times,"
                + " and the lowest level fails everything for half of the time.",
            60,
            Clients.of(10_000, 1, first))
        .level(40, 1)
        .level(30, 1)
        .level(30, 1)
        .fault(failAll(0.25, 1, "all fail"), failAll(0.75, 0, "no more"));
  }

  private static Fault slow(double at, double times, String label) {
    return new Fault(at, label, world -> world.servers(0).get(0).slow(times));
  }

  private static Fault fail(int level, double at, double share, String label) {
    return new Fault(
        at, label, world -> world.servers(level).get(0).fail(share, Status.Code.UNAVAILABLE));
  }

  private static Fault failAll(double at, double share, String label) {
    return new Fault(
        at,
        label,
        world -> world.servers(2).forEach(each -> each.fail(share, Status.Code.UNAVAILABLE)));
  }
}
