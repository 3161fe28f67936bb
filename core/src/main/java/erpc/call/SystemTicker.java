package erpc.call;

/** {@link System#nanoTime()} as a {@link Ticker}. */
enum SystemTicker implements Ticker {
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }
}
