package erpc.center;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.protocol.FairShare;
import java.util.HashMap;
import java.util.Map;

/**
 * An amount that many share. One of them may hold as much as is still free when it asks: one alone
 * gets half, two a third each, so that none keeps all others out. Thread-safe.
 */
final class Shares {
  private final long limit;

  @GuardedBy("this")
  private final Map<Object, Long> holders = new HashMap<>();

  @GuardedBy("this")
  private long held;

  Shares(long limit) {
    this.limit = limit;
  }

  synchronized long held() {
    return held;
  }

  /** What this holder has. */
  synchronized long of(Object holder) {
    return holders.getOrDefault(holder, 0L);
  }

  /** Whether this holder may have so much more. */
  synchronized boolean hasRoom(Object holder, long more) {
    return FairShare.allows(1, of(holder), more, held, limit);
  }

  /** Takes more if there is room for it. */
  synchronized boolean take(Object holder, long more) {
    boolean room = hasRoom(holder, more);
    if (room) {
      add(holder, more);
    }
    return room;
  }

  /** Counts more, or less, room or not. */
  synchronized void add(Object holder, long more) {
    held += more;
    holders.merge(holder, more, (before, change) -> before + change == 0 ? null : before + change);
  }
}
