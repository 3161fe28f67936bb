package erpc.client;

import erpc.balance.Balancer;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.transport.EndpointPool;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints behind one place, as they are now. Calls wait here until the place has been
 * resolved for the first time; from then on there is always a list, the last good one. Thread-safe.
 */
final class Cluster implements Resolver.Listener {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");

  private final String name;
  private final Balancer balancer;
  private final Function<String, EndpointPool> links;
  private final int maxWaiting;

  /** The watch that tells the lists, once it has begun. */
  private volatile Resolver.@Nullable Watch watch;

  /** Null until the first list has come. */
  private volatile @Nullable List<Member> members;

  private volatile @Nullable Status failure;

  // Guarded by this.
  private final Set<Pause> waiting = new LinkedHashSet<>();
  private final Set<Pause> backingOff = new HashSet<>();
  private @Nullable Status closed;
  private List<Member> left = List.of();

  /** Whether it was let go; calls that come find their way anew. */
  private volatile boolean forgotten;

  /** Whether anybody has called since it was asked. */
  private volatile boolean called = true;

  Cluster(String name, Balancer balancer, Function<String, EndpointPool> links, int maxWaiting) {
    this.name = name;
    this.balancer = balancer;
    this.links = links;
    this.maxWaiting = maxWaiting;
  }

  // ---- what the resolver says

  @Override
  public void endpoints(List<Endpoint> endpoints) {
    List<Pause> released;
    List<Member> gone;
    synchronized (this) {
      if (closed != null) {
        return;
      }
      Map<String, Member> known = new LinkedHashMap<>();
      for (Member member : orEmpty(members)) {
        known.put(member.address(), member);
      }
      List<Member> now = new ArrayList<>(endpoints.size());
      for (Endpoint endpoint : Endpoint.onePerAddress(endpoints)) {
        Member member = known.remove(endpoint.address());
        if (member == null) {
          member = new Member(endpoint, links.apply(endpoint.address()));
        } else {
          member.update(endpoint);
        }
        now.add(member);
      }
      gone = List.copyOf(known.values());
      members = List.copyOf(now);
      failure = null;
      released = List.copyOf(waiting);
      waiting.clear();
    }
    // Calls under way on an endpoint that has left finish there.
    gone.forEach(member -> member.link.retire());
    for (Pause each : released) {
      if (each.end()) {
        each.call.attemptAgain();
      }
    }
  }

  /** The watch that tells this cluster its lists. */
  void watchedBy(Resolver.Watch begun) {
    watch = begun;
  }

  /** An endpoint could not be connected to. If all are like that, the list may be old. */
  void refused() {
    Resolver.Watch asked = watch;
    if (asked == null) {
      return;
    }
    for (Member member : orEmpty(members)) {
      if (member.link.state() != EndpointState.BACKING_OFF) {
        return;
      }
    }
    asked.refresh();
  }

  @Override
  public void failed(Status why) {
    failure = why;
    LOG.debug(
        "resolving {} failed, {} stays: {}",
        name,
        members == null ? "nothing" : "the last list",
        why);
  }

  // ---- what calls ask

  /** Whether there is a list, so that no call has to wait. */
  boolean isResolved() {
    return members != null;
  }

  /**
   * True if the call has to wait for the first list; its pause is then ended and {@link
   * ClientCall#attemptAgain} called.
   */
  synchronized boolean keepsWaiting(Pause pause) {
    return members == null && closed == null && waiting.size() < maxWaiting && waiting.add(pause);
  }

  /** Remembers a call that waits for its next try; or says why there will be none. */
  synchronized @Nullable Status keepsBackingOff(Pause pause) {
    if (closed == null) {
      backingOff.add(pause);
    }
    return closed;
  }

  /** The call goes on, or has ended while it waited. */
  synchronized void stopWaiting(Pause pause) {
    waiting.remove(pause);
    backingOff.remove(pause);
  }

  /** Why a call that has waited as long as it may has nowhere to go yet. */
  String whyUnresolved(String limit) {
    Status why = failure;
    String text = name + " has not been resolved within " + limit;
    return why == null ? text : text + ": " + why.message();
  }

  /** Picks an endpoint for a try; null if there is none, see {@link #whyNone}. */
  @Nullable Member pick(String method, List<Member> tried) {
    if (!called) {
      called = true;
    }
    List<Member> all = members;
    if (all == null || all.isEmpty()) {
      return null;
    }
    if (all.size() == 1) {
      Member only = all.get(0);
      return only.endpoint().serves(method) ? only : null;
    }
    return new Candidates(all, method, tried).pick(balancer);
  }

  /** Why nothing was picked. */
  Status whyNone(String method) {
    List<Member> all = members;
    if (all == null || all.isEmpty()) {
      Status why = whyClosed();
      if (why != null) {
        return why;
      }
    }
    if (all == null) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          maxWaiting + " calls wait for " + name + " to be resolved (maxWaiting)");
    }
    return all.isEmpty()
        ? Status.of(Status.Code.UNAVAILABLE, name + " has no endpoints")
        : Status.of(
            Status.Code.UNIMPLEMENTED,
            "none of the " + all.size() + " endpoints of " + name + " has " + method);
  }

  private synchronized @Nullable Status whyClosed() {
    return closed;
  }

  /** As many endpoints as are known. */
  int size() {
    return orEmpty(members).size();
  }

  // ---- places that nobody calls

  /** Whether anybody has called since this was asked last. */
  boolean wasCalled() {
    boolean was = called;
    called = false;
    return was;
  }

  /** Whether it was let go. */
  boolean isForgotten() {
    return forgotten;
  }

  /**
   * Lets it go, unless a call is under way or waits; {@link #retire} is to follow.
   *
   * @param needed whether its room is needed: if not, a list that could not be had again stays
   */
  synchronized boolean forget(boolean needed) {
    List<Member> all = orEmpty(members);
    boolean keeps = !needed && failure != null && !all.isEmpty();
    if (closed != null || keeps || !waiting.isEmpty() || !backingOff.isEmpty()) {
      return false;
    }
    for (Member each : all) {
      if (each.inFlight() > 0) {
        return false;
      }
    }
    forgotten = true;
    closed = Status.of(Status.Code.UNAVAILABLE, "nobody has called " + name + " for long");
    members = List.of();
    left = all;
    return true;
  }

  /** Lets it go since it cannot be watched: calls that wait end with this status. */
  void giveUp(Status why) {
    forgotten = true;
    close(why);
  }

  /** Closes the connections of a place that was let go. */
  void retire() {
    List<Member> all;
    synchronized (this) {
      all = left;
      left = List.of();
    }
    all.forEach(member -> member.link.retire());
  }

  /** Takes no more calls; those under way finish. */
  void close(Status why) {
    List<Pause> released;
    List<Member> all;
    synchronized (this) {
      closed = why;
      released = new ArrayList<>(waiting);
      released.addAll(backingOff);
      waiting.clear();
      backingOff.clear();
      all = orEmpty(members);
      members = List.of();
    }
    for (Pause each : released) {
      if (each.end()) {
        each.call.clientClosed(why);
      }
    }
    all.forEach(member -> member.link.close(why));
  }

  private static List<Member> orEmpty(@Nullable List<Member> list) {
    return list == null ? List.of() : list;
  }
}
