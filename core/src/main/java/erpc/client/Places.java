package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.call.Thrown;
import erpc.discovery.Resolver;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The places that a client calls, each with its watch and its connections. One that nobody has
 * called for the time after which a connection is idle is let go, and so is one nobody calls when
 * there are as many as there may be and another one is called. One that is in use, by a call that
 * is under way or waits, never is. Thread-safe.
 */
final class Places {
  /** A place's time is counted in looks at it. */
  private static final int IDLE_LOOKS = 4;

  /** Where there is no room for another one, one in so many is let go, so that this is seldom. */
  private static final int SHARE_LET_GO = 64;

  private final Reactor reactor;
  private final int most;
  private final long lookNanos;
  private final Function<Place, Watched> maker;
  private final Consumer<Set<Cluster>> whenForgotten;
  private final Map<Place, Watched> all = new ConcurrentHashMap<>();

  @GuardedBy("this")
  private boolean closed;

  @GuardedBy("this")
  private @Nullable Future<?> nextLook;

  /** Where calls go: a scheme and what follows it, and what holds for the calls that go there. */
  record Place(String scheme, String where, ServicePolicy policy) {
    @Override
    public String toString() {
      return scheme.equals(Target.CENTER) ? where : scheme + "://" + where;
    }
  }

  /** A place's list of endpoints, and what keeps it as it is. */
  static final class Watched {
    final Cluster cluster;
    private final Resolver resolver;

    /** How often in a row nobody had called since the last look; guarded by the places. */
    private int idleLooks;

    @GuardedBy("this")
    private Resolver.@Nullable Watch watch;

    @GuardedBy("this")
    private boolean closed;

    /** One that is not watched yet. */
    Watched(Cluster cluster, Resolver resolver) {
      this.cluster = cluster;
      this.resolver = resolver;
    }

    private void begun(Resolver.Watch begun) {
      synchronized (this) {
        if (!closed) {
          watch = begun;
          cluster.watchedBy(begun);
          return;
        }
      }
      begun.close(); // It was let go meanwhile, or its client closed.
    }

    /** Ends its watch, now or as soon as it has begun. */
    void close() {
      Resolver.Watch ended;
      synchronized (this) {
        closed = true;
        ended = watch;
      }
      if (ended != null) {
        ended.close();
      }
    }
  }

  /**
   * None yet.
   *
   * @param most as many as there may be
   * @param idle after so long without a call one is let go; zero for never
   * @param maker makes one that is not watched yet; may be asked for one that is of no use
   * @param whenForgotten told what was let go
   */
  Places(
      Reactor reactor,
      int most,
      Duration idle,
      Function<Place, Watched> maker,
      Consumer<Set<Cluster>> whenForgotten) {
    this.reactor = reactor;
    this.most = most;
    this.lookNanos = idle.isPositive() ? Math.max(1, idle.toNanos() / IDLE_LOOKS) : 0;
    this.maker = maker;
    this.whenForgotten = whenForgotten;
  }

  /**
   * Where calls of a target go.
   *
   * @throws RpcException if the client was closed, or all places there may be are in use
   * @throws IllegalArgumentException if the place is malformed
   */
  Cluster of(Target target, ServicePolicy policy) {
    Place place = new Place(target.scheme(), target.where(), policy);
    Watched known = all.get(place);
    return known == null ? made(place) : known.cluster;
  }

  /** Both what makes one and what watches it is users' code: neither runs under the lock. */
  private Cluster made(Place place) {
    Watched made = maker.apply(place);
    Watched found = added(place, made);
    // If another call was first it begins the watch; this one waits as for any first list.
    if (found == made) {
      begin(place, made);
    }
    return found.cluster;
  }

  private void begin(Place place, Watched made) {
    try {
      made.begun(watch(made.resolver, place, made.cluster));
    } catch (Throwable e) {
      synchronized (this) {
        all.remove(place, made);
      }
      made.cluster.giveUp(why(e));
      whenForgotten.accept(Set.of(made.cluster));
      throw e;
    }
  }

  /** What calls end in that wait for a place which then could not be watched. */
  private static Status why(Throwable thrown) {
    if (thrown instanceof IllegalArgumentException) {
      return Status.of(Status.Code.INVALID_ARGUMENT, Thrown.message(thrown));
    }
    return thrown instanceof RpcException e ? e.status() : Coding.callBroke(thrown);
  }

  private synchronized Watched added(Place place, Watched made) {
    Watched known = all.get(place);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw Status.of(Status.Code.UNAVAILABLE, "the client was closed").toException();
    }
    if (all.size() >= most) {
      letGo(makeRoom());
    }
    if (all.size() >= most) {
      throw Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "this client calls " + most + " different places at this moment (maxDestinations)")
          .toException();
    }
    all.put(place, made);
    if (nextLook == null) {
      lookLater();
    }
    return made;
  }

  /**
   * Begins to watch a place.
   *
   * @throws RpcException INTERNAL if the resolver throws what it must not
   * @throws IllegalArgumentException if the place is malformed
   */
  static Resolver.Watch watch(Resolver resolver, Place place, Cluster cluster) {
    try {
      return resolver.watch(place.where, cluster);
    } catch (RpcException | IllegalArgumentException e) {
      throw e; // The place is wrong, as it says.
    } catch (Throwable e) {
      throw Status.of(
              Status.Code.INTERNAL, "the resolver of " + place + " threw " + Thrown.describe(e))
          .toException(e);
    }
  }

  // ---- letting go

  @GuardedBy("this")
  private void lookLater() {
    // What closes a watch may block, which an event loop must not.
    nextLook =
        lookNanos == 0
            ? null
            : reactor.schedule(() -> Thread.startVirtualThread(this::look), lookNanos);
  }

  private void look() {
    List<Watched> gone = new ArrayList<>();
    synchronized (this) {
      nextLook = null;
      if (closed) {
        return;
      }
      for (Iterator<Watched> each = all.values().iterator(); each.hasNext(); ) {
        Watched watched = each.next();
        watched.idleLooks = watched.cluster.wasCalled() ? 0 : watched.idleLooks + 1;
        if (watched.idleLooks >= IDLE_LOOKS && watched.cluster.forget(false)) {
          each.remove();
          gone.add(watched);
        }
      }
      if (!all.isEmpty()) {
        lookLater();
      }
    }
    close(gone);
  }

  /** Takes out some that are not in use, those that have been called lately only if all have. */
  private List<Watched> makeRoom() {
    List<Watched> gone = new ArrayList<>();
    for (int round = 0; round < 2 && gone.isEmpty(); round++) {
      for (Iterator<Watched> each = all.values().iterator(); each.hasNext(); ) {
        Watched watched = each.next();
        if (!watched.cluster.wasCalled() && watched.cluster.forget(true)) {
          each.remove();
          gone.add(watched);
          if (gone.size() > most / SHARE_LET_GO) {
            return gone;
          }
        }
      }
    }
    return gone;
  }

  private void letGo(List<Watched> gone) {
    if (!gone.isEmpty()) {
      var unused = Thread.startVirtualThread(() -> close(gone));
    }
  }

  private void close(List<Watched> gone) {
    Set<Cluster> clusters = new HashSet<>();
    for (Watched each : gone) {
      clusters.add(each.cluster);
      each.close();
      each.cluster.retire();
    }
    if (!clusters.isEmpty()) {
      whenForgotten.accept(clusters);
    }
  }

  /** Takes no more; all there were, for the client to close. */
  synchronized List<Watched> close() {
    closed = true;
    if (nextLook != null) {
      nextLook.cancel(false);
    }
    List<Watched> last = List.copyOf(all.values());
    all.clear();
    return last;
  }
}
