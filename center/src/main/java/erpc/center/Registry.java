package erpc.center;

import erpc.call.Deadline;
import erpc.call.LastingLoop;
import erpc.call.Peer;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.center.Engine.Change;
import erpc.center.Engine.Fence;
import erpc.center.Engine.Put;
import erpc.center.Engine.Snapshot;
import erpc.center.Lease.Held;
import erpc.discovery.Scheduler;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.InstanceLease;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing half of the center: turns registrations, stops and lost leases into proposals to the
 * engine, one at a time. Heartbeats take no lock but their lease's, so a slow disk ends nobody's
 * lease. Thread-safe.
 *
 * <p>A lease that is over takes its instances with it at once. Holding them as SUSPECT, and a
 * budget for how many may go by timeout in a minute, belong between {@link #expire} and {@link
 * #remove}; callers are protected meanwhile by the mark that tells a list emptied by stops from one
 * emptied by losses.
 */
final class Registry {
  /** How long whoever asks how instances are held waits for a write. */
  private static final Duration LEASES_WITHIN = Duration.ofMillis(500);

  /** Keys removed in one batch; each may bring the mark of its service with it. */
  private static final int REMOVED_AT_ONCE = Engine.MAX_BATCH_CHANGES / 2;

  private static final byte[] LAYOUT = "1".getBytes(StandardCharsets.US_ASCII);
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

  private final Engine engine;
  private final CenterSettings settings;
  private final Ticker ticker;
  private final Services services;
  private final Follower follower;
  private final Scheduler later;

  /** Who registers; held while waiting until the views show what was written before. */
  private final ReentrantLock registrations = new ReentrantLock();

  /** Who writes; held while the engine orders a change, never while waiting for the views. */
  private final ReentrantLock writes = new ReentrantLock();

  /** Its look-up by number is thread-safe, the rest is guarded by writes. */
  private final Leases leases;

  private final LastingLoop loop = new LastingLoop(LOG, "ending a lease");
  private final RegistryLines lines;
  private final Room room;
  private final Set<Hold> holds = ConcurrentHashMap.newKeySet();

  /** The revision of the last write; only who holds writes changes it. */
  private volatile long written;

  /** Whether the engine has refused to remove what is gone, which is said once. */
  private final AtomicBoolean refused = new AtomicBoolean();

  /** What a registration or a stop became. */
  record Written(Lease lease, long revision, long holds) {}

  Registry(
      Engine engine,
      CenterSettings settings,
      Ticker ticker,
      RandomGenerator random,
      Services services,
      Follower follower,
      Scheduler later) {
    this.engine = engine;
    this.settings = settings;
    this.ticker = ticker;
    this.services = services;
    this.follower = follower;
    this.later = later;
    this.lines = new RegistryLines(LOG, ticker);
    this.leases = new Leases(random, settings.instanceBytes());
    this.room = new Room(settings, services, leases);
    adoptOrphans(engine.snapshot());
  }

  /** What the engine has, with the layout's mark written if it is new. */
  static Snapshot start(Engine engine) {
    if (engine.snapshot().revision() == 0) {
      engine.propose(List.of(new Put(Keys.LAYOUT, LAYOUT)), null);
    }
    return engine.snapshot();
  }

  /**
   * Instances of before the start have one TTL to be claimed by registering again, or by dying of
   * it.
   */
  private void adoptOrphans(Snapshot snapshot) {
    Lease orphans = null;
    for (Map.Entry<String, byte[]> entry : snapshot.data().entrySet()) {
      String key = entry.getKey();
      if (Keys.isInstance(key) || Keys.isOwner(key)) {
        orphans = orphans == null ? leases.open(Lease.ORPHANS, "", ticker.nanos()) : orphans;
        leases.hold(key, orphans, Held.of(key, entry.getValue()));
      }
    }
    if (orphans != null) {
      LOG.info(
          "{} instances of before the start have {} s to register again",
          leases.instances(),
          settings.ttl().toSeconds());
    }
  }

  /**
   * Registers instances under their owner's lease.
   *
   * @param guessable whether the owner's name is one that others know
   */
  Written register(
      String owner, boolean guessable, long epoch, List<Instance> instances, Peer peer) {
    Deadline deadline = Deadline.after(Follower.VISIBLE_WITHIN);
    awaitTurn(deadline);
    try {
      while (true) {
        // What follows compares with the views, so they must show every write before this one.
        follower.await(written, deadline);
        writes.lock();
        try {
          if (services.revision() >= written) {
            return write(owner, guessable, epoch, instances, peer);
          }
        } finally {
          writes.unlock();
        }
      }
    } finally {
      registrations.unlock();
    }
  }

  /** One registration waits for the views at a time: all would else wake with each change. */
  private void awaitTurn(Deadline deadline) {
    try {
      if (!registrations.tryLock(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
        throw Follower.behind();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.of(Status.Code.CANCELLED, "interrupted before the registration").toException(e);
    }
  }

  private Written write(
      String owner, boolean guessable, long epoch, List<Instance> instances, Peer peer) {
    Lease known = leases.of(owner);
    if (known != null) {
      Identity.checkOwner(known, guessable, peer);
    }
    Map<Lease, List<String>> replaced = replaced(known, instances, peer);
    String host = RegistrationRules.observedHost(peer);
    int missing = room.check(known, host, instances);
    if (missing > 0) {
      forgetEmptied(missing);
    }
    long revision = propose(Changes.puts(instances, services), new Fence(Keys.owner(owner), epoch));
    boolean fresh = known == null || !known.registeredAgain(ticker.nanos());
    Lease lease = known == null || fresh ? leases.open(owner, host, ticker.nanos()) : known;
    lease.calledBy(peer);
    leases.hold(Keys.owner(owner), lease, Held.OWNER);
    for (Instance instance : instances) {
      String key = Keys.of(instance);
      leases.hold(key, lease, Held.of(key, instance.toByteArray()));
    }
    for (Map.Entry<Lease, List<String>> each : replaced.entrySet()) {
      revision = removeKeys(each.getKey(), each.getValue(), Keys.LOST);
    }
    if (fresh) {
      lines.registered(owner, instances);
    }
    return new Written(lease, revision, lease.digest());
  }

  /**
   * Instances of others that these take the place of: those that stand at the same address of the
   * same service under another id, as of a server that was restarted, and are left by their owner.
   *
   * @throws RpcException ALREADY_EXISTS if an id belongs to somebody else
   */
  private Map<Lease, List<String>> replaced(
      @Nullable Lease own, List<Instance> instances, Peer peer) {
    Map<Lease, List<String>> replaced = new HashMap<>();
    for (Instance instance : instances) {
      List<Instance> listed = services.view(instance.getService()).instances();
      Lease holder = leases.holder(Keys.of(instance));
      if (holder != null && holder != own) {
        Instance before = services.view(instance.getService()).find(instance.getId());
        if (!Identity.mayTake(holder, before, instance, peer)) {
          throw Identity.held(instance);
        }
      } else if (holder == null && Identity.holdsAddress(peer, instance.getAddress())) {
        for (Instance other : listed) {
          Lease left = leases.holder(Keys.of(other));
          if (left != null
              && left != own
              && other.getAddress().equals(instance.getAddress())
              && left.isGone()) {
            replaced.computeIfAbsent(left, lease -> new ArrayList<>()).add(Keys.of(other));
          }
        }
      }
    }
    return replaced;
  }

  /**
   * Forgets services that nobody serves, some more than needed so that not each registration must
   * do so.
   */
  private void forgetEmptied(int atLeast) {
    int most = Math.min(Engine.MAX_BATCH_CHANGES, atLeast + settings.maxServices() / 16);
    List<String> emptied = services.emptiedLongestAgo(most);
    if (emptied.size() < atLeast) {
      throw room.servicesAreFull();
    }
    propose(Changes.forgotten(emptied), null);
  }

  /** Renews a lease by a call, and says what it holds. */
  long renew(long id, Peer peer) {
    Lease lease = leases.find(id);
    if (lease == null || !lease.renew(ticker.nanos())) {
      throw unknownLease().toException();
    }
    lease.calledBy(peer);
    return lease.digest();
  }

  // ---- streams that hold leases

  /** Has the calling thread's stream hold a lease, instead of any other one. */
  Hold hold(long id, Peer peer) {
    Lease lease = leases.find(id);
    if (lease == null) {
      throw unknownLease().toException();
    }
    Hold hold = new Hold(lease, peer);
    Hold before;
    try {
      before = lease.heldBy(hold, ticker.nanos());
    } catch (IllegalStateException e) {
      throw unknownLease().toException(e);
    }
    holds.add(hold);
    if (before != null) {
      before.end(Status.of(Status.Code.ABORTED, "the lease is held by another stream now"));
    }
    return hold;
  }

  /** A beat on a stream; says what the lease holds. */
  long beat(Hold hold) {
    Lease lease = hold.lease();
    if (!lease.isHeldBy(hold) || !lease.renew(ticker.nanos())) {
      Status why = hold.end();
      throw (why == null ? unknownLease() : why).toException();
    }
    return lease.digest();
  }

  /** A stream has ended; its handler is about to return. */
  void letGo(Hold hold) {
    holds.remove(hold);
    Lease lease = hold.lease();
    if (lease.letGo(hold, hold.leave(), ticker.nanos())) {
      lookForLoss(lease);
    }
  }

  private void lookForLoss(Lease lease) {
    Scheduler.Task unused = later.schedule(() -> endIfLost(lease), Lease.RESUME_WITHIN);
  }

  private void endIfLost(Lease lease) {
    long now = ticker.nanos();
    if (lease.isLossSeenLate(now)) {
      lookForLoss(lease);
    } else if (lease.endIfLost(now)) {
      lines.lost(lease, "its connection on this machine is gone");
      boolean unused = removeOrRetry(lease);
    }
  }

  /** Ends all streams that hold leases, which stay. */
  void endHolds(Status why) {
    holds.forEach(hold -> hold.end(why));
  }

  /** The services that a stop of these instances would change. */
  List<String> services(long id, List<String> ids) {
    writes.lock();
    try {
      return instanceKeys(live(id), ids).stream().map(Keys::serviceOf).distinct().toList();
    } finally {
      writes.unlock();
    }
  }

  /**
   * How each of these is held, in their order; empty if that cannot be told soon, since a write
   * takes its time.
   */
  List<InstanceLease> leases(List<Instance> instances) {
    try {
      if (!writes.tryLock(LEASES_WITHIN.toNanos(), TimeUnit.NANOSECONDS)) {
        return List.of();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
    try {
      long now = ticker.nanos();
      List<InstanceLease> all = new ArrayList<>(instances.size());
      for (Instance each : instances) {
        Lease lease = leases.holder(Keys.of(each));
        all.add(lease == null ? InstanceLease.getDefaultInstance() : lease.shown(now));
      }
      return all;
    } finally {
      writes.unlock();
    }
  }

  Written deregister(long id, List<String> ids) {
    writes.lock();
    try {
      Lease lease = live(id);
      if (ids.isEmpty()) {
        lease.stop();
        lines.stopped(lease);
        return new Written(lease, remove(lease), 0);
      }
      long revision = removeKeys(lease, instanceKeys(lease, ids), Keys.STOPPED);
      return new Written(lease, revision, lease.digest());
    } finally {
      writes.unlock();
    }
  }

  private Lease live(long id) {
    Lease lease = leases.find(id);
    if (lease == null || lease.isEnded()) {
      throw unknownLease().toException();
    }
    return lease;
  }

  private static Status unknownLease() {
    return Status.of(
        Status.Code.NOT_FOUND,
        "the center does not know this lease: it is over, or the center was restarted; register"
            + " again");
  }

  private static List<String> instanceKeys(Lease lease, List<String> ids) {
    Set<String> wanted = Set.copyOf(ids);
    List<String> found = new ArrayList<>();
    for (String key : lease.keys()) {
      if (Keys.isInstance(key) && (wanted.isEmpty() || wanted.contains(Keys.idOf(key)))) {
        found.add(key);
      }
    }
    return found;
  }

  /** Gives all leases the time in which nobody was heard, because this process did not run. */
  void pardon(long lateNanos, long nowNanos) {
    if (lateNanos > Lease.RESUME_WITHIN.toNanos()) {
      leases.all().forEach(lease -> lease.pardon(lateNanos, nowNanos));
    }
  }

  /** Ends the leases that were not renewed in time, and removes what ended ones still hold. */
  void expire(long nowNanos) {
    lines.flush();
    for (Lease lease : leases.all()) {
      try {
        if (!expire(lease, nowNanos)) {
          return; // The others would meet the same fault; the next tick tries again.
        }
      } catch (OutOfMemoryError e) {
        throw e;
      } catch (RuntimeException | Error e) { // Of this lease alone: the others end all the same.
        loop.met(e);
      }
    }
  }

  private boolean expire(Lease lease, long nowNanos) {
    if (lease.endIfLost(nowNanos)) {
      lines.lost(lease, "its connection on this machine is gone");
    } else if (lease.endIfOlder(settings.ttl(), nowNanos)) {
      lines.lost(lease, "no heartbeat for " + settings.ttl().toMillis() + " ms");
    }
    return !lease.isEnded() || removeOrRetry(lease);
  }

  private boolean removeOrRetry(Lease ended) {
    try {
      follower.await(removed(ended));
      refused.set(false);
      return true;
    } catch (RpcException e) {
      if (!refused.getAndSet(true)) {
        LOG.warn(
            "instances that are gone cannot be removed, trying again with every tick: {}",
            e.status());
      }
      return false;
    }
  }

  private long removed(Lease ended) {
    writes.lock();
    try {
      return remove(ended);
    } finally {
      writes.unlock();
    }
  }

  private long remove(Lease ended) {
    Hold hold = ended.takeHold();
    if (hold != null) {
      hold.end(unknownLease());
    }
    List<String> keys = new ArrayList<>();
    ended.keys().forEach(keys::add);
    long revision = removeKeys(ended, keys, ended.mark());
    leases.close(ended);
    return revision;
  }

  private long removeKeys(Lease lease, List<String> keys, byte mark) {
    long revision = services.revision();
    for (int from = 0; from < keys.size(); from += REMOVED_AT_ONCE) {
      List<String> part = keys.subList(from, Math.min(keys.size(), from + REMOVED_AT_ONCE));
      revision = propose(Changes.removals(part, mark), null);
      leases.release(lease, part);
    }
    return revision;
  }

  private long propose(List<Change> changes, @Nullable Fence fence) {
    try {
      written = engine.propose(changes, fence);
      return written;
    } catch (IllegalArgumentException e) {
      throw Status.of(Status.Code.INVALID_ARGUMENT, Printable.of(String.valueOf(e.getMessage())))
          .toException(e);
    }
  }

  int instances() {
    writes.lock();
    try {
      return leases.instances();
    } finally {
      writes.unlock();
    }
  }
}
