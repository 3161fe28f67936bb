package erpc.protocol.own;

import erpc.protocol.ServerCalls;
import erpc.protocol.ServerLoad;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a connection tells its client how loaded the server is: with a reply that is written anyway,
 * ten times per second at most. What the client knows is told again twice per second, for what it
 * hears counts less and less. Used by the connection's event loop.
 */
final class LoadReport {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long REPEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final ServerLoad IDLE = new ServerLoad(0, 0);

  private final ServerCalls calls;
  private ServerLoad lastSent = IDLE;
  private long dueNanos;
  private long repeatNanos;

  /** Reports that begin one interval from now. */
  LoadReport(ServerCalls calls, long nowNanos) {
    this.calls = calls;
    dueNanos = nowNanos + INTERVAL_NANOS;
    repeatNanos = nowNanos + REPEAT_NANOS;
  }

  boolean isDue(long nowNanos) {
    return nowNanos - dueNanos >= 0;
  }

  /** What the reply that is written now is to say, or null for nothing. */
  @Nullable ServerLoad take(long nowNanos) {
    if (!isDue(nowNanos)) {
      return null;
    }
    dueNanos = nowNanos + INTERVAL_NANOS;
    ServerLoad load = calls.load();
    boolean repeats = nowNanos - repeatNanos >= 0 && !load.equals(IDLE);
    if (load.equals(lastSent) && !repeats) {
      return null;
    }
    repeatNanos = nowNanos + REPEAT_NANOS;
    lastSent = load;
    return load;
  }
}
