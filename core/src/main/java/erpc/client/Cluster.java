package erpc.client;

import erpc.balance.Balancer;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.transport.EndpointPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Null until the first list has come. */
  private volatile @Nullable List<Member> members;

  private volatile @Nullable Status failure;

  // Guarded by this.
  private final ArrayDeque<ClientCall<?, ?>> waiting = new ArrayDeque<>();
  private @Nullable Status closed;

  Cluster(String name, Balancer balancer, Function<String, EndpointPool> links, int maxWaiting) {
    this.name = name;
    this.balancer = balancer;
    this.links = links;
    this.maxWaiting = maxWaiting;
  }

  // ---- what the resolver says

  @Override
  public void endpoints(List<Endpoint> endpoints) {
    List<ClientCall<?, ?>> released;
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
      for (Endpoint endpoint : endpoints) {
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
    released.forEach(ClientCall::attemptAgain);
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

  /**
   * True if the call has to wait for the first list; {@link ClientCall#attemptAgain} is then called
   * again.
   */
  boolean keepsWaiting(ClientCall<?, ?> call) {
    if (members != null) {
      return false;
    }
    synchronized (this) {
      if (members != null) {
        return false;
      }
      if (closed != null || waiting.size() >= maxWaiting) {
        return false;
      }
      waiting.add(call);
      return true;
    }
  }

  /** The call has ended while it waited. */
  synchronized void stopWaiting(ClientCall<?, ?> call) {
    waiting.remove(call);
  }

  /** Why a call that waits has nowhere to go yet. */
  String whyUnresolved() {
    Status why = failure;
    String text = name + " has not been resolved within the deadline";
    return why == null ? text : text + ": " + why.message();
  }

  /** Picks an endpoint for a try; null if there is none, see {@link #whyNone}. */
  @Nullable Member pick(String method, List<Member> tried) {
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
    if (all == null) {
      return unresolved();
    }
    return all.isEmpty()
        ? Status.of(Status.Code.UNAVAILABLE, name + " has no endpoints")
        : Status.of(
            Status.Code.UNIMPLEMENTED,
            "none of the " + all.size() + " endpoints of " + name + " has " + method);
  }

  private synchronized Status unresolved() {
    Status why = closed;
    return why != null
        ? why
        : Status.of(
            Status.Code.RESOURCE_EXHAUSTED,
            maxWaiting + " calls wait for " + name + " to be resolved (maxWaiting)");
  }

  /** As many endpoints as are known. */
  int size() {
    return orEmpty(members).size();
  }

  /** Takes no more calls; those under way finish. */
  void close(Status why) {
    List<ClientCall<?, ?>> released;
    List<Member> all;
    synchronized (this) {
      closed = why;
      released = List.copyOf(waiting);
      waiting.clear();
      all = orEmpty(members);
      members = List.of();
    }
    released.forEach(call -> call.conclude(why));
    all.forEach(member -> member.link.close(why));
  }

  private static List<Member> orEmpty(@Nullable List<Member> list) {
    return list == null ? List.of() : list;
  }
}
