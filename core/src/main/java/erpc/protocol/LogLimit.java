package erpc.protocol;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one log line of a kind and minute through, and not many of all kinds together, so that
 * nobody can flood the log from outside; those that are left out are counted, and the next line
 * tells. Thread-safe.
 */
public final class LogLimit {
  /** The one for peers that break a protocol, or speak none: a kind is a peer's host. */
  public static final LogLimit STRANGERS = new LogLimit(System::nanoTime);

  /** The one for what goes wrong here, perhaps on each connection: a kind is what it is. */
  public static final LogLimit FAILURES = new LogLimit(System::nanoTime);

  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int MAX_KINDS = 1_024;

  /** Lines of all kinds in a minute: somebody may have a million addresses. */
  static final int MOST_LINES = 100;

  private final LongSupplier clock;

  @GuardedBy("this")
  private final Map<String, Long> last =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_KINDS;
        }
      };

  @GuardedBy("this")
  private long minuteNanos;

  @GuardedBy("this")
  private int lines;

  @GuardedBy("this")
  private long leftOut;

  LogLimit(LongSupplier clock) {
    this.clock = clock;
    this.minuteNanos = clock.getAsLong();
  }

  /**
   * Whether a line about this peer may be written now.
   *
   * @return what to put behind the line, mostly nothing; null if it is left out
   */
  public @Nullable String more(SocketAddress peer) {
    return more(
        peer instanceof InetSocketAddress inet ? inet.getHostString() : String.valueOf(peer));
  }

  /**
   * Whether a line of this kind may be written now.
   *
   * @return what to put behind the line, mostly nothing; null if it is left out
   */
  public synchronized @Nullable String more(String kind) {
    long now = clock.getAsLong();
    if (now - minuteNanos >= QUIET_NANOS) {
      minuteNanos = now;
      lines = 0;
    }
    Long before = last.get(kind);
    if (lines >= MOST_LINES || (before != null && now - before < QUIET_NANOS)) {
      leftOut++;
      return null;
    }
    last.put(kind, now);
    lines++;
    long count = leftOut;
    leftOut = 0;
    return count == 0 ? "" : " (and " + count + " lines like this were left out before it)";
  }
}
