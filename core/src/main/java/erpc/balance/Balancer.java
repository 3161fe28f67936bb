package erpc.balance;

import erpc.call.Criticality;
import erpc.call.Printable;
import erpc.call.Request;
import erpc.transport.EndpointState;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Spreads the calls of one place over its endpoints. A client makes one for each place it calls,
 * and keeps it while the place's endpoints come and go: what a balancer keeps between two lists (a
 * counter, averages) it keeps in itself, what belongs to one list in its {@link Picker}.
 *
 * <p>The work is done in two steps. {@link #picker} sees all endpoints, whenever they have changed,
 * away from calls; it may take its time. {@link Picker#pick} decides for one try of one call; it
 * must be quick however many endpoints there are, so it looks at a few of them at most. Its {@code
 * toString} is what {@code Client.explain} calls it.
 */
@FunctionalInterface
public interface Balancer {
  /** What {@link Picker#pick} answers when nothing may be picked. */
  int NONE = -1;

  /**
   * What picks among these endpoints. Called before the first call of a place and whenever its
   * endpoints have changed, never on an event loop and never twice at a time; it may take its time,
   * meanwhile the picker before this one goes on. Where some endpoints lack some methods, or say
   * which partition they have, it is called for each set of endpoints that have the same of them,
   * all of one change before the next.
   *
   * <p>If it throws, the client logs that and goes on with the endpoints it had.
   *
   * @param candidates at least two of them; the object may be kept
   */
  Picker picker(Candidates candidates);

  /**
   * Whether it picks among all endpoints itself, however many there are and wherever they run, as
   * one that hashes must: else picks by it are spread over a part of very many endpoints, and
   * rather over those in the client's zone.
   */
  default boolean wantsAll() {
    return false;
  }

  /** Picks among the endpoints of one list. */
  @FunctionalInterface
  interface Picker {
    /**
     * The index of the endpoint that this try goes to, or {@link #NONE}, which ends the call with
     * UNAVAILABLE. Any thread, event loops included, several at a time: it must not block and
     * should not allocate.
     */
    int pick(Pick pick);

    /**
     * What picks as this one does at this moment and changes nothing, for {@code Client.explain},
     * which asks it very many times. One that keeps nothing between two picks is its own preview,
     * as here; one that does, a counter or what it has learned, should give another.
     */
    default Picker preview() {
      return this;
    }
  }

  /**
   * The endpoints of one list, by their indexes. Addresses, weights, zones and tags stay as they
   * are; states and counts are those of this moment. Thread-safe.
   */
  interface Candidates {
    /** How many there are. */
    int size();

    /** {@code host:port}, {@code [IPv6]:port} or {@code unix:/path}. */
    String address(int index);

    /**
     * Share of the load relative to the others; 0 for none. Where all endpoints were given 0, all
     * have 1: an operator who drains some means the others to take the load.
     */
    int weight(int index);

    /** Where it runs; empty if that is not known. */
    String zone(int index);

    /** What else is said of it. */
    Map<String, String> tags(int index);

    /** What a call that is given to it now can expect of its connections. */
    EndpointState state(int index);

    /** Calls of this client that were sent to it and have not ended. */
    int inFlight(int index);

    /**
     * Counts the calls of this client that are in flight to this place, those to endpoints that
     * have left the list included. Ask for it in {@link Balancer#picker}: a place of which nobody
     * asks does without the count.
     *
     * @return thread-safe, never blocks
     */
    IntSupplier inFlightOfAll();

    /** Where this client runs; empty if that is not known. */
    String clientZone();
  }

  /** One try of a call that is to go somewhere. Valid during the pick, on its thread. */
  interface Pick {
    /** What is called, and what its caller says of it, the client's defaults included. */
    Request<?, ?> request();

    /**
     * How critical the try is: as its caller or the client's defaults say, else as the call being
     * handled is, else {@link Criticality#DEFAULT}.
     */
    Criticality criticality();

    /** True if neither caller nor defaults say it, so that it is that of the call being handled. */
    boolean isCriticalityInherited();

    /** Tries with equal keys are to go to the same endpoint; null if the call has no key. */
    @Nullable String affinityKey();

    /** True if an earlier try of this call has been somewhere. */
    boolean isRetry();

    /**
     * True if an earlier try of this call has been there, or if its server has asked to be left
     * alone and this is a retry or a call that may be shed.
     */
    boolean isExcluded(int index);

    /**
     * True if the endpoint is as good as any for this try: it has a share of the load, is not
     * excluded, and no other is in a better state. An endpoint that is connected and has room is
     * better than one that is still to be connected, and that better than one whose connections
     * fail.
     */
    boolean fits(int index);

    /**
     * One of those that are best for this try, drawn by weight, in a time that hardly depends on
     * how many there are. An excluded one only if no other will do, and one whose connections fail
     * only if there is nothing else.
     *
     * @return {@link #NONE} only if there is no endpoint
     */
    int draw();

    /**
     * Another one that is as good for this try as this one is, drawn by weight; {@link #NONE} if
     * none was found.
     */
    int drawAnother(int than);

    /**
     * What a call to that endpoint takes, failures counted as slow, at the moment of this pick. 1
     * is the average over the place's endpoints, so that slow methods don't make an endpoint look
     * slow. 0 if nothing is known yet.
     */
    double latency(int index);

    /**
     * Calls in flight there, from this client and, where the endpoint reports its load, from
     * others. At least 0; not always whole.
     */
    double load(int index);

    /**
     * When the pick happens, in nanoseconds from an arbitrary origin: only differences have
     * meaning. It is the reading that the call has taken anyway, so it may be a little old.
     */
    long nowNanos();

    /** Chance; the client's. */
    RandomGenerator random();
  }

  /**
   * The balancer of a name as it stands in settings: {@code round_robin}, {@code random}, {@code
   * least_request}, {@code p2c}, {@code locality_aware}, {@code ring_hash} or {@code maglev}.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  static Balancer named(String name) {
    return switch (name) {
      case "round_robin" -> new RoundRobin();
      case "random" -> new RandomPick();
      case "least_request" -> new LeastRequest();
      case "p2c" -> new P2c();
      case "locality_aware" -> new LocalityAware();
      case "ring_hash" -> new ByKey(name, HashRing::new);
      case "maglev" -> new ByKey(name, MaglevTable::new);
      default ->
          throw new IllegalArgumentException(
              "unknown balancer '"
                  + Printable.of(name)
                  + "'; known are round_robin, random, least_request, p2c, locality_aware,"
                  + " ring_hash, maglev");
    };
  }
}
