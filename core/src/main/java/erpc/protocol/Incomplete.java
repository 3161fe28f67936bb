package erpc.protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What has begun to come in a process and is not whole: frames, messages, calls without their
 * message. All of it may hold so much; when that is full, the connections whose incomplete bytes
 * are oldest lose them, because what honest peers begin they end soon. Thread-safe.
 */
public final class Incomplete {
  /** So much more is freed at a time, so that looking for the oldest pays. */
  private static final int SPARE_DIVISOR = 16;

  /** So much must one connection leave: arrays that are used again are longer than they must be. */
  private static final int ALONE_DIVISOR = 4;

  /** A connection that holds some of it. */
  public interface Holder {
    /** Bytes it held a moment ago. Any thread. */
    long incompleteBytes();

    /** At the earliest since when, on the ticker. Any thread. */
    long incompleteSinceNanos();

    /**
     * Drops all of it, soon, on its event loop, unless it turns out to be younger than was said.
     *
     * @param done to be run then, in any case
     * @throws RejectedExecutionException if the event loop is gone
     */
    void dropIncomplete(Runnable done);
  }

  private record Found(Holder holder, long sinceNanos, long bytes) {}

  private final long limit;
  private final AtomicLong held = new AtomicLong();
  private final Set<Holder> holders = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean dropping = new AtomicBoolean();

  Incomplete(long limit) {
    this.limit = limit;
  }

  /** It may come to hold some from now on. */
  public void join(Holder holder) {
    holders.add(holder);
  }

  /** It is closed, and holds none any more. */
  public void leave(Holder holder) {
    holders.remove(holder);
  }

  /** Somebody holds so much more or, if negative, less. */
  public void add(long bytes) {
    long now = held.addAndGet(bytes);
    if (bytes > 0 && now > limit) {
      dropOldest();
    }
  }

  /** Bytes that are held now. */
  public long heldBytes() {
    return held.get();
  }

  /** Whether one connection may hold so much alone: it is refused more before it loses all. */
  public boolean isRoomyFor(long bytes) {
    return bytes <= limit - limit / ALONE_DIVISOR;
  }

  /** Until it is done nobody else looks: what is on its way to be dropped is still counted. */
  private void dropOldest() {
    if (!dropping.compareAndSet(false, true)) {
      return;
    }
    List<Holder> oldest = oldest(held.get() - limit + limit / SPARE_DIVISOR);
    AtomicInteger left = new AtomicInteger(oldest.size());
    Runnable done =
        () -> {
          if (left.decrementAndGet() == 0) {
            dropping.set(false);
            if (held.get() > limit) {
              dropOldest();
            }
          }
        };
    if (oldest.isEmpty()) {
      dropping.set(false);
    }
    for (Holder each : oldest) {
      try {
        each.dropIncomplete(done);
      } catch (RejectedExecutionException e) {
        leave(each);
        done.run();
      } catch (Throwable e) { // As when there is no memory: who adds more has it tried again.
        if (left.decrementAndGet() == 0) {
          dropping.set(false);
        }
      }
    }
  }

  private List<Holder> oldest(long bytes) {
    List<Found> all = new ArrayList<>();
    for (Holder each : holders) {
      long has = each.incompleteBytes();
      if (has > 0) {
        all.add(new Found(each, each.incompleteSinceNanos(), has));
      }
    }
    // Compared as what they are, readings of a clock that may pass zero.
    long base = all.isEmpty() ? 0 : all.get(0).sinceNanos();
    all.sort(Comparator.comparingLong(each -> each.sinceNanos() - base));
    List<Holder> chosen = new ArrayList<>();
    long sum = 0;
    for (Found each : all) {
      if (sum >= bytes) {
        break;
      }
      chosen.add(each.holder());
      sum += each.bytes();
    }
    return chosen;
  }
}
