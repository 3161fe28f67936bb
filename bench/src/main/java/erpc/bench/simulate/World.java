package erpc.bench.simulate;

import erpc.discovery.Endpoint;
import java.util.ArrayList;
import java.util.List;

/** One run of a scenario under a policy: its servers and clients, and what happens to them. */
final class World {
  /** A client's default. */
  private static final int MAX_ATTEMPTS = 3;

  private static final long NEAR_NANOS = 100_000;
  private static final long FAR_NANOS = 500_000;

  /** So long it takes until clients know a new list. */
  private static final long NEWS_NANOS = 200_000_000;

  /** A server that has left the list takes calls, then ends those it has, then is away. */
  private static final double PHASE = 1 / 40.0;

  /** The first part of a run is not counted. */
  private static final double BEFORE = 0.1;

  private final Events events = new Events();
  private final Scenario scenario;
  private final Policy policy;
  private final long seed;
  private final List<List<Server>> levels = new ArrayList<>();

  /** Those who call a level. */
  private final List<List<Place>> callers = new ArrayList<>();

  /** The lists that they have. */
  private final List<List<Server>> lists = new ArrayList<>();

  private final Tally tally;

  private World(Scenario scenario, Policy policy, long seed) {
    this.scenario = scenario;
    this.policy = policy;
    this.seed = seed;
    this.tally = new Tally(scenario, Events.BEGIN_NANOS + scenario.nanos(BEFORE));
  }

  /** Simulates it. */
  static Result run(Scenario scenario, Policy policy, long seed) {
    World world = new World(scenario, policy, seed);
    world.build();
    return world.run();
  }

  // ---- building

  private void build() {
    for (int level = 0; level < scenario.levels().size(); level++) {
      levels.add(servers(level, scenario.levels().get(level)));
      callers.add(new ArrayList<>());
      lists.add(levels.get(level));
    }
    // Before there are clients, who would take what is new later for what was always there.
    scenario.faults().stream()
        .filter(each -> each.at() == 0)
        .forEach(each -> each.what().accept(this));
    for (int level = 0; level < levels.size(); level++) {
      if (level > 0) {
        for (Server each : levels.get(level - 1)) {
          Place place = place(level, each.kind.zone(), callers.get(level).size());
          each.calls(place);
        }
      }
    }
    Clients clients = scenario.clients();
    for (int i = 0; i < clients.count(); i++) {
      String zone = clients.zones().get(i % clients.zones().size());
      Place place = place(0, zone, i);
      new Caller(events, scenario, place, tally, seed, i).begin();
    }
    for (Scenario.Fault each : scenario.faults()) {
      if (each.at() > 0) {
        events.at(Events.BEGIN_NANOS + scenario.nanos(each.at()), () -> each.what().accept(this));
      }
    }
  }

  private List<Server> servers(int level, List<Server.Kind> kinds) {
    List<Server> servers = new ArrayList<>();
    for (Server.Kind each : kinds) {
      int index = servers.size();
      String address = "10." + level + "." + index / 250 + "." + (1 + index % 250) + ":80";
      Endpoint endpoint = Endpoint.of(address, each.weight(), each.zone());
      String purpose = "server of level " + level;
      Server server =
          new Server(each, endpoint, tally.level(level), events, Chance.of(seed, purpose, index));
      if (policy.isProtected()) {
        server.guardedBy(new Gate(events, Chance.of(seed, "gate of level " + level, index)));
      }
      servers.add(server);
    }
    return servers;
  }

  private Place place(int level, String zone, int index) {
    Place.Patience patience =
        new Place.Patience(MAX_ATTEMPTS, Math.round(scenario.clients().trySeconds() * 1e9));
    Place place =
        new Place(
            events,
            policy,
            zone,
            World::delayNanos,
            patience,
            Chance.of(seed, "picks of level " + level, index));
    place.list(lists.get(level));
    callers.get(level).add(place);
    return place;
  }

  private static long delayNanos(String from, String to) {
    return from.equals(to) ? NEAR_NANOS : FAR_NANOS;
  }

  // ---- what faults do

  /** The servers of a level; clients call the first one, 0. */
  List<Server> servers(int level) {
    return levels.get(level);
  }

  /** Who calls this level has this list, a little later; at once when nothing has begun. */
  void list(int level, List<Server> servers) {
    List<Server> now = List.copyOf(servers);
    lists.set(level, now);
    Events.Event told = () -> callers.get(level).forEach(place -> place.list(now));
    if (events.happened() == 0) {
      told.happens();
    } else {
      events.in(NEWS_NANOS, told);
    }
  }

  /** A server that clients call goes and comes back, as an operator has it. */
  void restart(int index) {
    Server server = servers(0).get(index);
    List<Server> others = new ArrayList<>(lists.get(0));
    others.remove(server);
    list(0, others);
    long phase = scenario.nanos(PHASE);
    events.in(phase, () -> server.become(Server.State.DRAINING));
    events.in(2 * phase, () -> server.become(Server.State.DEAD));
    events.in(
        3 * phase,
        () -> {
          server.become(Server.State.UP);
          List<Server> all = new ArrayList<>(lists.get(0));
          all.add(server);
          list(0, all);
        });
  }

  // ---- running

  private Result run() {
    long end = Events.BEGIN_NANOS + scenario.nanos(1);
    events.run(Events.BEGIN_NANOS + scenario.nanos(BEFORE));
    levels.forEach(level -> level.forEach(Server::count));
    events.run(end);
    Result.Servers servers = Result.Servers.of(levels, scenario.seconds() * (1 - BEFORE));
    // Those that are under way end too.
    events.run(end + Math.round((scenario.clients().deadlineSeconds() + 1) * 1e9));
    List<Place> places = callers.stream().flatMap(List::stream).toList();
    long toBroken = places.stream().mapToLong(Place::callsToBroken).sum();
    long changes = places.stream().mapToLong(Place::changes).sum();
    long picks = places.stream().mapToLong(Place::picks).sum();
    double far = places.stream().mapToLong(Place::farPicks).sum() / (double) Math.max(1, picks);
    return new Result(policy.name(), tally, servers, toBroken, changes, far);
  }
}
