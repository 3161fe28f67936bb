package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.balance.Balancer;
import erpc.call.Context;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.Ticker;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.endpoints.Accounting;
import erpc.endpoints.EndpointRecord;
import erpc.endpoints.Roster;
import erpc.endpoints.TryPick;
import erpc.transport.EndpointPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints behind one place, as they are now. Calls wait here until the place has been
 * resolved for the first time; from then on there is always a list, the last good one. Thread-safe.
 */
final class Cluster implements Resolver.Listener {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");

  final Accounting accounting;
  final String name;

  private final Ticker ticker;
  final Balancing balancing;
  private final Function<String, EndpointPool> links;
  private final int maxWaiting;

  /** Calls under way, if the balancer has asked for them. */
  private final AtomicInteger inFlight = new AtomicInteger();

  /** The watch that tells the lists. Set by whoever has begun it, once. */
  private volatile Resolver.@Nullable Watch watch;

  /** Null until the first list has come. Written by whoever has the lock. */
  volatile @Nullable Rosters rosters;

  /** Opened when there is a list, or will be none. */
  final CountDownLatch listed = new CountDownLatch(1);

  /** Written by the resolver's thread, and by whoever takes a list over: the last word counts. */
  private volatile @Nullable Status failure;

  @GuardedBy("this")
  private final Set<Pause> waiting = new LinkedHashSet<>();

  @GuardedBy("this")
  private final Set<Pause> backingOff = new HashSet<>();

  @GuardedBy("this")
  private @Nullable Status closed;

  @GuardedBy("this")
  private List<Member> left = List.of();

  @GuardedBy("this")
  private @Nullable List<Endpoint> next; // the list that is to be taken over

  @GuardedBy("this")
  private boolean takingOver; // by one thread at a time

  /** Made with the first list, by whoever takes that over: one thread at a time. */
  @Nullable Balancer balancer;

  /**
   * Whether it was let go; calls that come find their way anew. Written by whoever has the lock.
   */
  private volatile boolean forgotten;

  /** Whether anybody has called since it was asked. Set by calls, cleared by whoever asks. */
  private volatile boolean called = true;

  /**
   * How calls are spread over endpoints.
   *
   * @param maker makes a balancer for each cluster
   * @param takesTime whether it may take its time for a list, as code of a user's may
   * @param zone where the client runs; empty if that is not known
   * @param random the client's chance
   */
  record Balancing(
      Supplier<? extends Balancer> maker, boolean takesTime, String zone, RandomGenerator random) {}

  Cluster(
      String name, Balancing balancing, ClientStack stack, Function<String, EndpointPool> links) {
    this.name = name;
    this.balancing = balancing;
    this.links = links;
    this.maxWaiting = stack.settings.maxWaiting();
    this.ticker = stack.ticker;
    this.accounting =
        new Accounting(
            stack::protection,
            balancing.random,
            task -> {
              Thread unused = stack.threads.apply(task);
            },
            new VerdictLines(name, ticker)::tell,
            ticker.nanos());
  }

  // ---- what the resolver says

  @Override
  public void endpoints(List<Endpoint> endpoints) {
    synchronized (this) {
      if (closed != null) {
        return;
      }
      next = endpoints;
      if (takingOver) {
        return; // Whoever does so takes this one next.
      }
      takingOver = true;
    }
    if (!balancing.takesTime) {
      takeOver();
      return;
    }
    try {
      var unused = Thread.ofVirtual().name("erpc-balance").start(this::takeOver);
    } catch (Throwable e) { // As when there is no memory: the next list is taken over.
      leaveTakingOver();
      throw e;
    }
  }

  /** Makes the newest list what calls choose from, until there is none newer. */
  private void takeOver() {
    try {
      for (List<Endpoint> list = newest(); list != null; list = newest()) {
        takeOver(list);
      }
    } catch (Throwable e) {
      leaveTakingOver();
      throw e;
    }
  }

  private synchronized @Nullable List<Endpoint> newest() {
    List<Endpoint> list = closed == null ? next : null;
    next = null;
    takingOver = list != null;
    return list;
  }

  private synchronized void leaveTakingOver() {
    takingOver = false;
  }

  private void takeOver(List<Endpoint> endpoints) {
    Map<String, Member> known = new LinkedHashMap<>();
    for (Member member : members()) {
      known.put(member.address(), member);
    }
    List<Member> now = new ArrayList<>(endpoints.size());
    long nowNanos = ticker.nanos();
    for (Endpoint endpoint : Endpoint.onePerAddress(endpoints)) {
      Member member = known.remove(endpoint.address());
      if (member == null) {
        EndpointRecord record = accounting.record(endpoint.address(), nowNanos);
        member = new Member(endpoint, links.apply(endpoint.address()), record, inFlight);
      } else {
        member.update(endpoint);
      }
      now.add(member);
    }
    Rosters made;
    try {
      Rosters.Surroundings around =
          new Rosters.Surroundings(balancing.zone, inFlight::get, accounting, nowNanos);
      made = Rosters.of(List.copyOf(now), balancer(), around);
    } catch (Throwable e) {
      Status why =
          Status.of(
              Status.Code.INTERNAL, "the balancer of " + name + " threw " + Thrown.describe(e));
      failed(why);
      LOG.error("{}; calls go on with the endpoints they had", why.message(), e);
      return;
    }
    accounting.listed(records(now), records(known.values()), nowNanos);
    switchTo(made, List.copyOf(known.values()));
  }

  private static List<EndpointRecord> records(Collection<Member> members) {
    return members.stream().map(Member::record).toList();
  }

  private Balancer balancer() {
    Balancer made = balancer;
    if (made == null) {
      made = Objects.requireNonNull(balancing.maker.get(), "the supplier gave null");
      balancer = made;
    }
    return made;
  }

  private void switchTo(Rosters made, List<Member> gone) {
    made.fileMembers();
    List<Pause> released;
    Status closedWith;
    synchronized (this) {
      closedWith = closed;
      if (closedWith == null) {
        rosters = made;
        failure = null;
      }
      released = List.copyOf(waiting);
      waiting.clear();
    }
    listed.countDown();
    if (closedWith != null) {
      // Closed meanwhile: what was new is known to nobody else.
      made.members.forEach(member -> member.link.close(closedWith));
      return;
    }
    // Calls under way on an endpoint that has left finish there.
    gone.forEach(member -> member.link.retire());
    if (called && made.members.size() > 1) {
      made.connectAll();
    }
    for (Pause each : released) {
      if (each.end()) {
        each.goOn();
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
    Rosters now = rosters;
    if (now == null || now.isFailing()) {
      asked.refresh();
    }
  }

  @Override
  public void failed(Status why) {
    failure = why;
    LOG.debug(
        "resolving {} failed, {} stays: {}",
        name,
        rosters == null ? "nothing" : "the last list",
        why);
  }

  // ---- what calls ask

  /** Whether there is a list, so that no call has to wait. */
  boolean isResolved() {
    return rosters != null;
  }

  /**
   * True if the call has to wait for the first list; its pause is then ended and {@link
   * ClientCall#attemptAgain} called.
   */
  synchronized boolean keepsWaiting(Pause pause) {
    return rosters == null && closed == null && waiting.size() < maxWaiting && waiting.add(pause);
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
    return name + " has not been resolved within " + limit + ": " + whyNoList();
  }

  private String whyNoList() {
    Status why = failure;
    if (why != null) {
      return why.message();
    }
    return name.contains("://")
        ? "its look-up has not been answered yet"
        : "no list of its endpoints has come; ./erpc list shows what the center knows";
  }

  /**
   * Picks an endpoint for a try; null if there is none, see {@link #whyNone}.
   *
   * @param madeIn the context that the call was made in, or null
   * @param tried where earlier tries of the call have been
   * @param nowNanos when the try began
   */
  @Nullable Member pick(
      Request<?, ?> request, @Nullable Context madeIn, List<Member> tried, long nowNanos) {
    return pick(rosters(), request, madeIn, tried, nowNanos);
  }

  /** The list as it is, for a call; null until the first one has come. */
  @Nullable Rosters rosters() {
    if (!called) {
      called = true;
    }
    return rosters;
  }

  /** Picks an endpoint of these, likewise. */
  @Nullable Member pick(
      @Nullable Rosters now,
      Request<?, ?> request,
      @Nullable Context madeIn,
      List<Member> tried,
      long nowNanos) {
    if (now != null && now.only != null) {
      return now.only;
    }
    Rosters.Choice choice = now == null ? null : now.choice(request.method().name());
    if (choice == null) {
      return null;
    }
    Roster roster = choice.roster();
    Balancer.Picker picker = choice.picker();
    if (picker == null) {
      return (Member) roster.entry(0);
    }
    TryPick pick = new TryPick(roster, request, madeIn, tried, balancing.random, nowNanos);
    int index = roster.pick(picker, pick);
    if (index == Balancer.NONE) {
      return null;
    }
    if (index < 0 || index >= roster.size()) {
      throw Rosters.outOfRange(name, index, roster.size());
    }
    return (Member) roster.entry(index);
  }

  /** Why nothing was picked. */
  Status whyNone(String method) {
    Rosters now = rosters;
    if (now == null || now.members.isEmpty()) {
      Status why = whyClosed();
      if (why != null) {
        return why;
      }
    }
    if (now == null) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          maxWaiting + " calls wait for " + name + " to be resolved (maxWaiting)");
    }
    return now.whyNone(name, method);
  }

  synchronized @Nullable Status whyClosed() {
    return closed;
  }

  /** Whether all calls go to the same endpoint, so that there is nothing to compare. */
  boolean isAlone() {
    Rosters now = rosters;
    return now != null && now.only != null;
  }

  /** Whether a call of this method could go where it has not been tried. */
  boolean hasOther(String method, List<Member> tried, boolean working) {
    Rosters now = rosters;
    Rosters.Choice choice = now == null ? null : now.choice(method);
    return choice != null && choice.hasOther(tried, working);
  }

  // ---- places that nobody calls

  /** Whether anybody has called since this was asked last. */
  boolean wasCalled() {
    if (!called) {
      return false; // Nor is it written: a call may be about to set it.
    }
    called = false;
    return true;
  }

  /** Whether it was let go, or is just about to be. */
  boolean isForgotten() {
    return forgotten;
  }

  /** Whether it was let go before a call was counted on one of its members. */
  boolean isGone() {
    return forgotten && whyClosed() != null;
  }

  /**
   * Lets it go, unless a call is under way or waits; {@link #retire} is to follow.
   *
   * @param needed whether its room is needed: if not, a list that could not be had again stays
   */
  synchronized boolean forget(boolean needed) {
    List<Member> all = members();
    boolean keeps = !needed && failure != null && !all.isEmpty();
    if (closed != null || keeps || !waiting.isEmpty() || !backingOff.isEmpty()) {
      return false;
    }
    forgotten = true; // Before the look: a call that goes there now sees this, or is seen.
    for (Member each : all) {
      if (each.inFlight() > 0) {
        forgotten = false;
        return false;
      }
    }
    closed = Status.of(Status.Code.UNAVAILABLE, "nobody has called " + name + " for long");
    rosters = Rosters.NONE;
    left = all;
    return true;
  }

  /** Lets it go since it cannot be watched: calls that wait end with this status. */
  void giveUp(Status why) {
    close(why, true);
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
    close(why, false);
  }

  private void close(Status why, boolean forgets) {
    List<Pause> released;
    List<Member> all;
    synchronized (this) {
      if (forgets) {
        forgotten =
            true; // With the lock held, or whoever looks for idle places might take it back.
      }
      closed = why;
      released = new ArrayList<>(waiting);
      released.addAll(backingOff);
      waiting.clear();
      backingOff.clear();
      all = members();
      rosters = Rosters.NONE;
    }
    listed.countDown();
    for (Pause each : released) {
      if (each.end()) {
        each.closed(why);
      }
    }
    all.forEach(member -> member.link.close(why));
  }

  private List<Member> members() {
    Rosters now = rosters;
    return now == null ? List.of() : now.members;
  }
}
