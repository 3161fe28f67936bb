package erpc.protocol;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Lets one log line a host and minute through, so that nobody can flood the log from outside.
 * Thread-safe.
 */
public final class LogLimit {
  /** The one for peers that break a protocol, or speak none. */
  public static final LogLimit STRANGERS = new LogLimit();

  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int MAX_HOSTS = 1_024;

  private final Map<String, Long> last = // guarded by this
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_HOSTS;
        }
      };

  /** Whether a line about this peer may be written now. */
  public synchronized boolean allows(SocketAddress peer) {
    String host =
        peer instanceof InetSocketAddress inet ? inet.getHostString() : String.valueOf(peer);
    long now = System.nanoTime();
    Long before = last.get(host);
    if (before != null && now - before < QUIET_NANOS) {
      return false;
    }
    last.put(host, now);
    return true;
  }
}
