package erpc.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Event loops for whoever brings none: there while somebody uses them, and a while longer, so that
 * the last words of connections are written and the next user need not start threads. Then their
 * threads end: they would hold the class loader of a program that is long gone. Thread-safe.
 */
final class SharedReactor {
  private final Supplier<Reactor> opener;
  private final Duration linger;

  @GuardedBy("this")
  private @Nullable Reactor open;

  @GuardedBy("this")
  private int users;

  @GuardedBy("this")
  private long borrowed; // how often, so that a look that is due knows whether it still counts

  /**
   * Not open yet.
   *
   * @param linger how long they outlive their last user
   */
  SharedReactor(Supplier<Reactor> opener, Duration linger) {
    this.opener = opener;
    this.linger = linger;
  }

  /** The event loops, open until each who borrowed them has given them back. */
  synchronized Reactor borrow() {
    Reactor known = open;
    if (known == null || known.isClosing()) { // Whoever has it may close it.
      known = opener.get();
      open = known;
      users = 0;
    }
    users++;
    borrowed++;
    return known;
  }

  /** Gives them back once; does nothing for others than the shared ones. */
  synchronized void giveBack(Reactor reactor) {
    if (reactor != open) {
      return;
    }
    users--;
    if (users == 0) {
      long seen = borrowed;
      try {
        reactor.later(() -> closeUnused(reactor, seen), linger.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        open = null; // Somebody has closed them: the next user gets others.
      }
    }
  }

  private void closeUnused(Reactor reactor, long seen) {
    synchronized (this) {
      if (users != 0 || borrowed != seen || open != reactor) {
        return;
      }
      open = null;
    }
    reactor.closeSoon();
  }
}
