package erpc.testing;

/** How threads that wait are woken, on whatever clock. Thread-safe. */
interface Waking {
  /** Wakes who waits, once that time has passed. */
  void after(long nanos, Runnable wake);

  /** Wakes who waits, now or as soon as it is his turn. */
  void now(Runnable wake);
}
