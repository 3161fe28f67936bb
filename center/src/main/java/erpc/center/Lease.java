package erpc.center;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Peer;
import erpc.discovery.wire.InstanceLease;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An owner's promise to be alive: it holds keys of the engine, lives while it is renewed, and ends
 * once. Thread-safe, except for the keys.
 *
 * <p>What its owner's connections become changes nothing but for one: a stream that {@linkplain
 * Hold holds} it.
 */
final class Lease {
  /** How long one that was held from this machine lives without being held again. */
  static final Duration RESUME_WITHIN = Duration.ofMillis(250);

  /** The owner of what was there before the center started; no owner may be called so. */
  static final String ORPHANS = "(of before the start)";

  /** Connections of the owner that are remembered, the latest ones. */
  private static final int MAX_CALLERS = 4;

  private final long id;
  private final String owner;
  private final String host;
  private final long openedAt;

  /** What it holds; guarded by the service's lock for writes. */
  private final Map<String, Held> keys = new HashMap<>();

  private long bytes; // as the keys
  private int instances; // as the keys

  /** Changes with the instances it holds, and is never 0. */
  private volatile long digest = digest(0);

  private long digestSum; // as the keys

  @GuardedBy("this")
  private final ArrayDeque<WeakReference<Peer>> callers = new ArrayDeque<>(1);

  @GuardedBy("this")
  private long renewedAt;

  @GuardedBy("this")
  private @Nullable Hold hold;

  @GuardedBy("this")
  private boolean losing;

  @GuardedBy("this")
  private long lostAt;

  @GuardedBy("this")
  private boolean ended;

  @GuardedBy("this")
  private byte mark = Keys.LOST;

  /**
   * One key of a lease.
   *
   * @param bytes what it counts as
   * @param digest of key and value
   */
  record Held(long bytes, long digest) {
    private static final int OVERHEAD_BYTES = 512;
    private static final int BYTES_PER_WIRE_BYTE = 4;

    /** An owner's fence, which is no instance: it counts, but says nothing. */
    static final Held OWNER = new Held(OVERHEAD_BYTES, 0);

    static Held of(String key, byte[] value) {
      if (!Keys.isInstance(key)) {
        return OWNER;
      }
      // FNV-1a (Fowler, Noll, Vo, 1991): good enough against chance, and all that matters here.
      long hash = 0xcbf29ce484222325L;
      for (int i = 0; i < key.length(); i++) {
        hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
      }
      for (byte b : value) {
        hash = (hash ^ b) * 0x100000001b3L;
      }
      return new Held(bytesOf(value.length), hash);
    }

    static long bytesOf(int wireBytes) {
      return OVERHEAD_BYTES + (long) BYTES_PER_WIRE_BYTE * wireBytes;
    }
  }

  /**
   * A lease that was renewed just now.
   *
   * @param host where its owner registers from, as the center sees it; empty if that is not known
   */
  Lease(long id, String owner, String host, long nowNanos) {
    this.id = id;
    this.owner = owner;
    this.host = host;
    this.renewedAt = nowNanos;
    this.openedAt = nowNanos;
  }

  long id() {
    return id;
  }

  String owner() {
    return owner;
  }

  String host() {
    return host;
  }

  /** Whether it stands for owners of before the start, none of whom has come back. */
  boolean isOfOrphans() {
    return owner.equals(ORPHANS);
  }

  // ---- what it holds

  Iterable<String> keys() {
    return keys.keySet();
  }

  int instances() {
    return instances;
  }

  long bytes() {
    return bytes;
  }

  @Nullable Held find(String key) {
    return keys.get(key);
  }

  void put(String key, Held held) {
    Held unused = remove(key);
    keys.put(key, held);
    add(1, key, held);
  }

  /** What it held under the key, or null. */
  @Nullable Held remove(String key) {
    Held before = keys.remove(key);
    if (before != null) {
      add(-1, key, before);
    }
    return before;
  }

  private void add(int sign, String key, Held held) {
    instances += Keys.isInstance(key) ? sign : 0;
    bytes += sign * held.bytes;
    digestSum += sign * held.digest;
    digest = digest(digestSum);
  }

  private static long digest(long sum) {
    return sum == -1 ? 1 : sum + 1;
  }

  /** What stands for all it holds; any thread. */
  long digest() {
    return digest;
  }

  // ---- whose it is

  /** Remembers a connection of the owner. */
  synchronized void calledBy(Peer peer) {
    boolean known = callers.removeIf(each -> each.refersTo(peer) || each.refersTo(null));
    if (!known && callers.size() >= MAX_CALLERS) {
      callers.removeFirst();
    }
    callers.addLast(new WeakReference<>(peer));
  }

  /** Whether the owner was seen on this connection lately. */
  synchronized boolean isCaller(Peer peer) {
    return callers.stream().anyMatch(each -> each.refersTo(peer));
  }

  /** How it is held, for people. Any thread. */
  synchronized InstanceLease shown(long nowNanos) {
    InstanceLease.Builder shown = InstanceLease.newBuilder();
    if (isOfOrphans()) {
      return shown.setState("restored").build();
    }
    return shown
        .setAgeMillis(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nowNanos - openedAt)))
        .setState(hold != null ? "held" : losing ? "lost" : "beating")
        .build();
  }

  /** Whether no connection is left of those that the owner was seen on lately. */
  synchronized boolean isGone() {
    if (hold != null) {
      return false;
    }
    for (WeakReference<Peer> each : callers) {
      Peer peer = each.get();
      if (peer != null && !peer.isClosed()) {
        return false;
      }
    }
    return true;
  }

  // ---- how long it lives

  /** Starts the TTL anew; false if the lease has ended. */
  synchronized boolean renew(long nowNanos) {
    if (!ended) {
      renewedAt = nowNanos;
    }
    return !ended;
  }

  /** The owner has registered again: if its stream was lost, it has as much time once more. */
  synchronized boolean registeredAgain(long nowNanos) {
    lostAt = nowNanos;
    return renew(nowNanos);
  }

  /**
   * Has a stream hold it.
   *
   * @return the one that held it before, or null
   * @throws IllegalStateException if the lease has ended
   */
  synchronized @Nullable Hold heldBy(Hold by, long nowNanos) {
    if (!renew(nowNanos)) {
      throw new IllegalStateException("the lease has ended");
    }
    Hold before = hold;
    hold = by;
    losing = false;
    return before;
  }

  /** Whether this stream holds it. */
  synchronized boolean isHeldBy(Hold by) {
    return !ended && hold == by;
  }

  /**
   * A stream holds it no longer. Unless another one does the TTL starts; if it was lost, and from
   * this machine, there is less time, because the kernel says that the process is gone.
   *
   * @return whether there is less
   */
  synchronized boolean letGo(Hold by, boolean lost, long nowNanos) {
    if (hold != by || ended) {
      return false;
    }
    hold = null;
    renewedAt = nowNanos;
    lostAt = nowNanos;
    losing = lost && by.isSameMachine();
    return losing;
  }

  /** Takes away the stream that holds it, or null. */
  synchronized @Nullable Hold takeHold() {
    Hold before = hold;
    hold = null;
    return before;
  }

  /** Ends the lease by an explicit stop. */
  synchronized void stop() {
    if (!ended) {
      ended = true;
      mark = Keys.STOPPED;
    }
  }

  /** How the lease ended, as the mark of the services it leaves. */
  synchronized byte mark() {
    return mark;
  }

  /** Ends the lease if it was not renewed in time; true if it ended by this. */
  synchronized boolean endIfOlder(Duration ttl, long nowNanos) {
    if (ended || nowNanos - renewedAt < ttl.toNanos()) {
      return false;
    }
    ended = true;
    return true;
  }

  /** Ends the lease if its stream was lost and did not come back in time; true if by this. */
  synchronized boolean endIfLost(long nowNanos) {
    if (ended || !losing || nowNanos - lostAt < RESUME_WITHIN.toNanos()) {
      return false;
    }
    ended = true;
    return true;
  }

  /**
   * Gives it time in which nobody was heard. A lost stream, which has so little, begins anew, and
   * after a shorter pause too.
   */
  synchronized void pardon(long lateNanos, long nowNanos) {
    if (lateNanos > Pauses.TOLERATED.toNanos()) {
      renewedAt += Math.clamp(nowNanos - renewedAt, 0, lateNanos);
    }
    if (lateNanos > RESUME_WITHIN.toNanos()) {
      lostAt = nowNanos;
    }
  }

  /**
   * Whether it is so late to look whether its stream came back that nobody can have been heard
   * meanwhile; it has as much time once more then.
   */
  synchronized boolean isLossSeenLate(long nowNanos) {
    boolean late = !ended && losing && nowNanos - lostAt > 2 * RESUME_WITHIN.toNanos();
    if (late) {
      lostAt = nowNanos;
    }
    return late;
  }

  synchronized boolean isEnded() {
    return ended;
  }
}
