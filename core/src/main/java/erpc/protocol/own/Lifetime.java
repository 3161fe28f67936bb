package erpc.protocol.own;

import erpc.protocol.ConnectionSettings;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection in good order when it has reached its age, or when nobody has called on it for
 * long. One per connection, touched only by its event loop.
 */
final class Lifetime {
  /**
   * An age is up to a tenth shorter or longer, so that connections of one start do not end as one.
   */
  private static final int JITTER_STEPS = 200;

  private static final double JITTER_STEP = 0.001;

  private final Connection<?> connection;
  private final ConnectionSettings settings;
  private @Nullable Future<?> atAge;
  private @Nullable Future<?> whenIdle;
  private int lastStream;

  Lifetime(Connection<?> connection) {
    this.connection = connection;
    this.settings = connection.settings;
  }

  /** The connection is open. */
  void start() {
    if (settings.maxAge().isPositive()) {
      atAge =
          after(
              jittered(settings.maxAge(), connection.addressHash()),
              () -> connection.drainHere("the connection has reached its age (maxAge)"));
    }
    if (settings.idleTimeout().isPositive()) {
      lastStream = connection.lastStream();
      whenIdle = after(settings.idleTimeout().toNanos(), this::checkIdle);
    }
  }

  /**
   * The age of one connection. Ports differ from one to the next, so that an address is as good as
   * chance, and the same in every run of a test.
   */
  static long jittered(Duration age, int addressHash) {
    // Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
    int spread = (addressHash * 0x9e3779b1) >>> 1;
    double factor = 1 + JITTER_STEP * (spread % (JITTER_STEPS + 1) - JITTER_STEPS / 2);
    return (long) (age.toNanos() * factor);
  }

  private void checkIdle() {
    if (connection.whyClosed() != null) {
      return;
    }
    int last = connection.lastStream();
    if (last == lastStream && connection.streams.isEmpty()) {
      connection.drainHere("nobody has called for long (idleTimeout)");
      return;
    }
    lastStream = last;
    whenIdle = after(settings.idleTimeout().toNanos(), this::checkIdle);
  }

  private Future<?> after(long nanos, Runnable task) {
    return connection.loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  /** The connection has closed. */
  void stop() {
    if (atAge != null) {
      atAge.cancel(false);
    }
    if (whenIdle != null) {
      whenIdle.cancel(false);
    }
  }
}
