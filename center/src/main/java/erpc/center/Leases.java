package erpc.center;

import erpc.center.Lease.Held;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All leases, and which of them holds which key. Looking up by number is thread-safe; the rest
 * belongs to whoever holds the service's lock for writes.
 *
 * <p>An ended lease stays until what it held has been removed from the engine, however often that
 * must be tried.
 */
final class Leases {
  private final RandomGenerator random;
  private final ConcurrentHashMap<Long, Lease> byId = new ConcurrentHashMap<>();
  private final Map<String, Lease> holders = new HashMap<>();
  private final Shares bytes;
  private int instances;

  /**
   * None yet.
   *
   * @param maxBytes what all of them may hold; each host has its share
   */
  Leases(RandomGenerator random, long maxBytes) {
    this.random = random;
    this.bytes = new Shares(maxBytes);
  }

  /** Whether what is registered from this host may take so many more bytes. */
  boolean hasRoom(String host, long more) {
    return more <= 0 || bytes.hasRoom(host, more);
  }

  /**
   * Numbers are drawn, so that nobody guesses another's, and none of an earlier start of the center
   * comes again.
   *
   * @param host where the owner registers from
   */
  Lease open(String owner, String host, long nowNanos) {
    while (true) {
      long id = random.nextLong() & Long.MAX_VALUE;
      Lease lease = new Lease(id, owner, host, nowNanos);
      if (id != 0 && byId.putIfAbsent(id, lease) == null) {
        return lease;
      }
    }
  }

  @Nullable Lease find(long id) {
    return byId.get(id);
  }

  /** The lease that an owner's registration goes on with, or null. */
  @Nullable Lease of(String owner) {
    Lease lease = holders.get(Keys.owner(owner));
    return lease != null && lease.owner().equals(owner) && !lease.isEnded() ? lease : null;
  }

  /** Gives a key to a lease, whoever held it before. */
  void hold(String key, Lease lease, Held held) {
    Lease before = holders.put(key, lease);
    if (before != null) {
      boolean unused = remove(before, key);
    } else if (Keys.isInstance(key)) {
      instances++;
    }
    lease.put(key, held);
    bytes.add(lease.host(), held.bytes());
  }

  /** Who holds a key, or null. */
  @Nullable Lease holder(String key) {
    return holders.get(key);
  }

  int instances() {
    return instances;
  }

  /** Forgets keys that have been removed from the engine. */
  void release(Lease lease, Collection<String> keys) {
    for (String key : keys) {
      if (remove(lease, key)) {
        holders.remove(key);
        instances -= Keys.isInstance(key) ? 1 : 0;
      }
    }
  }

  private boolean remove(Lease lease, String key) {
    Held held = lease.remove(key);
    if (held != null) {
      bytes.add(lease.host(), -held.bytes());
    }
    return held != null;
  }

  /** Forgets a lease that holds nothing any more. */
  void close(Lease lease) {
    byId.remove(lease.id());
  }

  /** All of them, those included that have ended and still hold something. */
  Iterable<Lease> all() {
    return byId.values();
  }
}
