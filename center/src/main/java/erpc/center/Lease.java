package erpc.center;

import erpc.call.Peer;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * An owner's promise to be alive: it holds keys of the engine, lives while it is renewed, and ends
 * once. Thread-safe, except for the keys.
 */
final class Lease {
  /**
   * Connections of one owner that are told apart; the loss of one beyond them is found by the TTL.
   */
  private static final int MAX_CONNECTIONS = 16;

  private final long id;
  private final String owner;

  /** What it holds; guarded by the service's lock for writes. */
  private final Set<String> keys = new HashSet<>();

  // Guarded by this.
  private final Set<Peer> connections = Collections.newSetFromMap(new IdentityHashMap<>(2));
  private long renewedAt;
  private boolean ended;
  private byte mark = Keys.LOST;

  Lease(long id, String owner, long nowNanos) {
    this.id = id;
    this.owner = owner;
    this.renewedAt = nowNanos;
  }

  long id() {
    return id;
  }

  String owner() {
    return owner;
  }

  Set<String> keys() {
    return keys;
  }

  /** Starts the TTL anew; false if the lease has ended. */
  synchronized boolean renew(long nowNanos) {
    if (!ended) {
      renewedAt = nowNanos;
    }
    return !ended;
  }

  /**
   * Remembers a connection of the owner; true if it is a new one, whose end is to be told to {@link
   * #disconnect}.
   */
  synchronized boolean connect(Peer peer) {
    return !ended && connections.size() < MAX_CONNECTIONS && connections.add(peer);
  }

  /**
   * Forgets a connection. With the last one of this machine the lease ends, because the kernel says
   * that the process is gone; with the last one of another machine only the TTL starts, because a
   * network may have broken.
   *
   * @return true if the lease ended by this
   */
  synchronized boolean disconnect(Peer peer, long nowNanos) {
    if (!connections.remove(peer) || !connections.isEmpty() || ended) {
      return false;
    }
    renewedAt = nowNanos;
    ended = peer.isSameMachine();
    return ended;
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

  synchronized boolean isEnded() {
    return ended;
  }
}
