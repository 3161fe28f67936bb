package erpc.breaker;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many retries and hedges calls of one place may make: each takes a token, and ten calls that
 * succeed bring one back. It is full at the start and is not refilled by time. A server that has
 * too much to do so gets a tenth more, however many callers it has. Thread-safe, and exact.
 */
public final class RetryBudget {
  /** As many tokens it holds. */
  public static final int TOKENS = 10;

  /** As many calls that succeed bring back one token. */
  public static final int SUCCESSES_PER_TOKEN = 10;

  private static final int FULL = TOKENS * SUCCESSES_PER_TOKEN;

  /** In parts of a token, each a success's. */
  private final AtomicInteger parts = new AtomicInteger(FULL);

  /** A full one. */
  public RetryBudget() {}

  /** Takes a token for a retry or a hedge; false if there is none, and so no retry. */
  public boolean take() {
    int before = parts.get();
    while (before >= SUCCESSES_PER_TOKEN) {
      if (parts.compareAndSet(before, before - SUCCESSES_PER_TOKEN)) {
        return true;
      }
      before = parts.get();
    }
    return false;
  }

  /** A call has succeeded. Nearly always it is full, and then this only reads. */
  public void succeeded() {
    int before = parts.get();
    while (before < FULL && !parts.compareAndSet(before, before + 1)) {
      before = parts.get();
    }
  }

  /** Whole tokens that are left. */
  public int tokens() {
    return parts.get() / SUCCESSES_PER_TOKEN;
  }
}
