package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Method;
import erpc.call.Printable;
import erpc.call.Ticker;
import erpc.settings.Ranges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The methods a server answers, by name and by its own number for each, 1 upwards, which never
 * changes. Callers don't see these: each connection gives its own. Thread-safe.
 */
final class MethodTable {
  private final Ticker ticker;
  private final Map<String, Route<?, ?>> byName = new ConcurrentHashMap<>();

  /**
   * Number n at index n - 1. Written by whoever has the lock, each time a route was put in: that
   * publishes the route, even if the array is the same.
   */
  private volatile Route<?, ?>[] byNumber = new Route<?, ?>[16];

  @GuardedBy("this")
  private int count; // of methods

  /** Null if it is to be made anew. Written by who adds a method, and by callers that make it. */
  private volatile @Nullable Offered offered;

  /**
   * No methods yet.
   *
   * @param ticker what tells for how long their calls take
   */
  MethodTable(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Adds a method.
   *
   * @throws IllegalArgumentException if it has a handler already
   */
  <Q, R> void add(Method<Q, R> method, Handler<Q, R> handler, Execution execution) {
    requireUnary(method);
    add(method, Objects.requireNonNull(handler, "handler"), null, null, execution);
  }

  /**
   * Adds a method that is answered later.
   *
   * @throws IllegalArgumentException if it has a handler already
   */
  <Q, R> void addAsync(Method<Q, R> method, AsyncHandler<Q, R> handler, Execution execution) {
    requireUnary(method);
    Objects.requireNonNull(handler, "handler");
    add(method, PendingAnswer.awaiting(method, handler), handler, null, execution);
  }

  private static void requireUnary(Method<?, ?> method) {
    if (method.kind() != Method.Kind.UNARY) {
      throw new IllegalArgumentException(
          "method " + method + " is " + method.kind() + " and takes a stream handler");
    }
  }

  /**
   * Adds a method that streams.
   *
   * @throws IllegalArgumentException if it has a handler already, or is to run on the event loop
   */
  <Q, R> void add(Method<Q, R> method, StreamHandler<Q, R> handler, Execution execution) {
    if (execution.isInline()) {
      throw new IllegalArgumentException(
          "the handler of " + method + " streams, which blocks, so it cannot run inline");
    }
    add(method, null, null, Objects.requireNonNull(handler, "handler"), execution);
  }

  private synchronized <Q, R> void add(
      Method<Q, R> method,
      @Nullable Handler<Q, R> handler,
      @Nullable AsyncHandler<Q, R> async,
      @Nullable StreamHandler<Q, R> streamHandler,
      Execution execution) {
    if (byName.containsKey(method.name())) {
      throw new IllegalArgumentException("method " + method.name() + " has a handler already");
    }
    Route<Q, R> route = new Route<>(method, handler, async, streamHandler, execution, count + 1);
    if (route.isGuarded()) {
      route.limit(new MethodLimit(method.name(), ticker));
    }
    Route<?, ?>[] more = byNumber;
    if (count == more.length) {
      more = Arrays.copyOf(more, 2 * count);
    }
    more[count] = route;
    count++;
    byNumber = more;
    byName.put(method.name(), route);
    offered = null;
  }

  @Nullable Route<?, ?> find(String name) {
    return byName.get(name);
  }

  @Nullable Route<?, ?> find(int number) {
    Route<?, ?>[] routes = byNumber;
    return number > 0 && number <= routes.length ? routes[number - 1] : null;
  }

  /**
   * Limits a method's calls.
   *
   * @throws IllegalArgumentException if there is no such method, or a limit is not positive
   */
  synchronized void limit(String name, int maxInFlight, int perSecond) {
    Ranges.positive("maxInFlight", maxInFlight);
    Ranges.positive("perSecond", perSecond);
    Route<?, ?> route = byName.get(name);
    if (route == null) {
      throw new IllegalArgumentException(
          "no method " + Printable.of(name) + " on this server: give it a handler first");
    }
    MethodLimit known = route.limit();
    MethodLimit limit = known == null ? new MethodLimit(name, ticker) : known;
    limit.fix(maxInFlight, perSecond);
    route.limit(limit);
  }

  boolean hasService(String service) {
    for (Route<?, ?> route : byName.values()) {
      if (route.method().service().equals(service)) {
        return true;
      }
    }
    return false;
  }

  /** What callers of other methods are told. */
  Offered offered() {
    Offered known = offered;
    if (known == null) {
      known = made();
    }
    return known;
  }

  private synchronized Offered made() {
    Offered made = new Offered(all());
    offered = made;
    return made;
  }

  /** All of them, by name. */
  List<Route<?, ?>> all() {
    List<Route<?, ?>> routes = new ArrayList<>(byName.values());
    routes.sort((a, b) -> a.method().name().compareTo(b.method().name()));
    return routes;
  }
}
