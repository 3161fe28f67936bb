package erpc.center;

import erpc.call.Peer;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.center.Engine.Change;
import erpc.center.Engine.Fence;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.center.Engine.Snapshot;
import erpc.discovery.wire.Instance;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
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
  /** Keys removed in one batch; each may bring the mark of its service with it. */
  private static final int REMOVED_AT_ONCE = Engine.MAX_BATCH_CHANGES / 2;

  /** No owner may be called so. */
  private static final String ORPHANS = "(of before the start)";

  private static final byte[] LAYOUT = "1".getBytes(StandardCharsets.US_ASCII);
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

  private final Engine engine;
  private final CenterSettings settings;
  private final Ticker ticker;
  private final Services services;
  private final Follower follower;
  private final Executor onConnectionLoss;
  private final ReentrantLock writes = new ReentrantLock();

  /** Its look-up by number is thread-safe, the rest is guarded by writes. */
  private final Leases leases;

  // Guarded by writes.
  private long written;
  private boolean refused;

  /** What a registration became. */
  record Registered(long lease, long revision) {}

  Registry(
      Engine engine,
      CenterSettings settings,
      Ticker ticker,
      RandomGenerator random,
      Services services,
      Follower follower,
      Executor onConnectionLoss) {
    this.engine = engine;
    this.settings = settings;
    this.ticker = ticker;
    this.services = services;
    this.follower = follower;
    this.onConnectionLoss = onConnectionLoss;
    this.leases = new Leases(random);
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
    for (String key : snapshot.data().keySet()) {
      if (Keys.isInstance(key) || Keys.isOwner(key)) {
        orphans = orphans == null ? leases.open(ORPHANS, ticker.nanos()) : orphans;
        leases.hold(key, orphans);
      }
    }
    if (orphans != null) {
      LOG.info(
          "{} instances of before the start have {} s to register again",
          leases.instances(),
          settings.ttl().toSeconds());
    }
  }

  Registered register(String owner, long epoch, List<Instance> instances, Peer peer) {
    Lease lease;
    long revision;
    writes.lock();
    try {
      // What follows compares with the views, so they must show every write before this one.
      follower.await(written);
      makeRoom(instances);
      Lease known = leases.of(owner);
      revision = propose(puts(instances), new Fence(Keys.owner(owner), epoch));
      boolean fresh = known == null || !known.renew(ticker.nanos());
      lease = known == null || fresh ? leases.open(owner, ticker.nanos()) : known;
      leases.hold(Keys.owner(owner), lease);
      for (Instance instance : instances) {
        leases.hold(Keys.instance(instance.getService(), instance.getId()), lease);
      }
      if (fresh) {
        LOG.info(
            "registered {}: {} instances, the first at {}",
            owner,
            instances.size(),
            instances.get(0).getAddress());
      }
    } finally {
      writes.unlock();
    }
    connect(lease, peer);
    return new Registered(lease.id(), revision);
  }

  /** Only what differs: a server that registers again unchanged wakes nobody. */
  private List<Change> puts(List<Instance> instances) {
    List<Change> changes = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      if (!instance.equals(services.view(instance.getService()).find(instance.getId()))) {
        changes.add(
            new Put(
                Keys.instance(instance.getService(), instance.getId()), instance.toByteArray()));
      }
    }
    return changes;
  }

  private void makeRoom(List<Instance> instances) {
    int added = 0;
    Set<String> unknown = new LinkedHashSet<>();
    for (Instance instance : instances) {
      added += leases.isHeld(Keys.instance(instance.getService(), instance.getId())) ? 0 : 1;
      if (!services.isKnown(instance.getService())) {
        unknown.add(instance.getService());
      }
    }
    if (leases.instances() + added > settings.maxInstances()) {
      throw full(settings.maxInstances() + " instances are registered (maxInstances)");
    }
    int missing = services.count() + unknown.size() - settings.maxServices();
    if (!unknown.isEmpty() && missing > 0) {
      forgetEmptied(missing);
    }
  }

  /**
   * Forgets services that nobody serves, some more than needed so that not each registration must
   * look for them.
   */
  private void forgetEmptied(int atLeast) {
    int most = Math.min(Engine.MAX_BATCH_CHANGES, atLeast + settings.maxServices() / 16);
    List<Change> forgotten = new ArrayList<>();
    services.all().entrySet().stream()
        .filter(entry -> entry.getValue().instances().isEmpty())
        .sorted(Map.Entry.comparingByValue(Comparator.comparingLong(ServiceView::revision)))
        .limit(most)
        .forEach(entry -> forgotten.add(new Remove(Keys.service(entry.getKey()))));
    if (forgotten.size() < atLeast) {
      throw full(settings.maxServices() + " services are registered (maxServices)");
    }
    propose(forgotten, null);
  }

  private static RpcException full(String what) {
    return new RpcException(Status.Code.RESOURCE_EXHAUSTED, "the center is full: " + what);
  }

  private void connect(Lease lease, Peer peer) {
    if (lease.connect(peer)) {
      peer.onClose(() -> onConnectionLoss.execute(() -> disconnect(lease, peer)));
    }
  }

  private void disconnect(Lease lease, Peer peer) {
    if (lease.disconnect(peer, ticker.nanos())) {
      LOG.info("lost {}: its connection on this machine is gone", lease.owner());
      removeOrRetry(lease);
    }
  }

  void renew(long id, Peer peer) {
    Lease lease = leases.find(id);
    if (lease == null || !lease.renew(ticker.nanos())) {
      throw unknown();
    }
    connect(lease, peer);
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

  long deregister(long id, List<String> ids) {
    writes.lock();
    try {
      Lease lease = live(id);
      if (ids.isEmpty()) {
        lease.stop();
        LOG.info("stopped {}", lease.owner());
        return remove(lease);
      }
      return removeKeys(lease, instanceKeys(lease, ids), Keys.STOPPED);
    } finally {
      writes.unlock();
    }
  }

  private Lease live(long id) {
    Lease lease = leases.find(id);
    if (lease == null || lease.isEnded()) {
      throw unknown();
    }
    return lease;
  }

  private static RpcException unknown() {
    return new RpcException(
        Status.Code.NOT_FOUND,
        "the center does not know this lease: it is over, or the center was restarted; register"
            + " again");
  }

  private static List<String> instanceKeys(Lease lease, List<String> ids) {
    return lease.keys().stream()
        .filter(key -> Keys.isInstance(key) && (ids.isEmpty() || ids.contains(Keys.idOf(key))))
        .toList();
  }

  /** Ends the leases that were not renewed in time, and removes what ended ones still hold. */
  void expire(long nowNanos) {
    for (Lease lease : leases.all()) {
      if (lease.endIfOlder(settings.ttl(), nowNanos)) {
        LOG.info("lost {}: no heartbeat for {} ms", lease.owner(), settings.ttl().toMillis());
      }
      if (lease.isEnded() && !removeOrRetry(lease)) {
        return; // The others would meet the same fault; the next tick tries again.
      }
    }
  }

  private boolean removeOrRetry(Lease ended) {
    writes.lock();
    try {
      follower.await(remove(ended));
      refused = false;
      return true;
    } catch (RpcException e) {
      if (!refused) {
        LOG.warn(
            "instances that are gone cannot be removed, trying again with every tick: {}",
            e.status());
      }
      refused = true;
      return false;
    } finally {
      writes.unlock();
    }
  }

  private long remove(Lease ended) {
    long revision = removeKeys(ended, List.copyOf(ended.keys()), ended.mark());
    leases.close(ended);
    return revision;
  }

  private long removeKeys(Lease lease, List<String> keys, byte mark) {
    long revision = services.revision();
    for (int from = 0; from < keys.size(); from += REMOVED_AT_ONCE) {
      List<String> part = keys.subList(from, Math.min(keys.size(), from + REMOVED_AT_ONCE));
      revision = propose(removals(part, mark), null);
      leases.release(lease, part);
    }
    return revision;
  }

  private static List<Change> removals(List<String> keys, byte mark) {
    List<Change> changes = new ArrayList<>(2 * keys.size());
    Set<String> marked = new LinkedHashSet<>();
    for (String key : keys) {
      changes.add(new Remove(key));
      if (Keys.isInstance(key)) {
        marked.add(Keys.serviceOf(key));
      }
    }
    marked.forEach(service -> changes.add(new Put(Keys.service(service), new byte[] {mark})));
    return changes;
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
