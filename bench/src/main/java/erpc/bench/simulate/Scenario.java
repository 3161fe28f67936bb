package erpc.bench.simulate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is simulated.
 *
 * @param name a word
 * @param sentence what it is
 * @param seconds how long it takes
 * @param levels the servers that clients call, then those that these call, and so on
 * @param surges when clients call more than they usually do
 * @param faults what happens meanwhile
 */
record Scenario(
    String name,
    String sentence,
    int seconds,
    List<List<Server.Kind>> levels,
    Clients clients,
    List<Surge> surges,
    List<Fault> faults) {

  /** Times are parts of the whole. */
  record Surge(double from, double to, double factor) {}

  /**
   * Something that happens.
   *
   * @param at when, as a part of the whole
   * @param label what charts say of it; nothing if that is empty
   */
  record Fault(double at, String label, Consumer<World> what) {}

  /** One level of equal servers and no faults. */
  static Scenario of(String name, String sentence, int seconds, Clients clients) {
    return new Scenario(name, sentence, seconds, List.of(), clients, List.of(), List.of());
  }

  /** The same with another level of equal servers. */
  Scenario level(int servers, int cores) {
    return level(Collections.nCopies(servers, new Server.Kind(cores, 100, "")));
  }

  Scenario level(List<Server.Kind> servers) {
    List<List<Server.Kind>> more = new ArrayList<>(levels);
    more.add(servers);
    return new Scenario(name, sentence, seconds, List.copyOf(more), clients, surges, faults);
  }

  Scenario surge(double from, double to, double factor) {
    return new Scenario(
        name, sentence, seconds, levels, clients, List.of(new Surge(from, to, factor)), faults);
  }

  Scenario fault(Fault... more) {
    List<Fault> all = new ArrayList<>(faults);
    all.addAll(Arrays.asList(more));
    return new Scenario(name, sentence, seconds, levels, clients, surges, List.copyOf(all));
  }

  Scenario lasting(int instead) {
    return new Scenario(name, sentence, instead, levels, clients, surges, faults);
  }

  long nanos(double part) {
    return Math.round(part * seconds * 1e9);
  }

  /** How many times the usual rate clients call then. */
  double factor(double part) {
    for (Surge each : surges) {
      if (part >= each.from && part < each.to) {
        return each.factor;
      }
    }
    return 1;
  }
}
