package erpc.protocol;

import erpc.call.Peer;
import erpc.call.Printable;
import erpc.call.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that a server refuses calls: one line per kind and minute, with how many. Its
 * callers are told each time, but who runs it sees no more than this. Thread-safe.
 */
public final class Refusals {
  /** Those of the process. */
  public static final Refusals OF_PROCESS = new Refusals(System::nanoTime);

  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** All that the library itself refuses for is far less. */
  private static final int MOST_KINDS = 64;

  private final LongSupplier clock;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

  Refusals(LongSupplier clock) {
    this.clock = clock;
  }

  /** Calls that are refused for the same reason. */
  private static final class Kind {
    private final AtomicLong untold = new AtomicLong();
    private final AtomicLong quietUntil;

    /** Written by any thread that refuses a call; one of those at the same time is as good. */
    private volatile Status last = Status.OK;

    Kind(long now) {
      quietUntil = new AtomicLong(now);
    }

    /** How many a line is to tell of now; 0 if it is not due. */
    long due(long now) {
      long until = quietUntil.get();
      return now - until >= 0 && quietUntil.compareAndSet(until, now + QUIET_NANOS)
          ? untold.getAndSet(0)
          : 0;
    }
  }

  /**
   * A call is refused. Says so if that is due; does nothing if its time or the server's has simply
   * run out.
   *
   * @return the line that was written, or null
   */
  public @Nullable String note(Status why, Peer caller) {
    String name = kind(why);
    if (name == null) {
      return null;
    }
    long now = clock.getAsLong();
    Kind kind = kinds.get(name);
    if (kind == null) {
      String known = kinds.size() < MOST_KINDS ? name : "";
      kind = kinds.computeIfAbsent(known, unused -> new Kind(now));
    }
    kind.last = why;
    kind.untold.incrementAndGet();
    long count = kind.due(now);
    if (count == 0) {
      return null;
    }
    String from = Printable.of(String.valueOf(caller.address()));
    return write(count == 1 ? "a call from " + from : count + " calls, the last from " + from, why);
  }

  /** Tells of those that nothing has been said of for a minute; asked now and then. */
  public void tellOverdue() {
    long now = clock.getAsLong();
    for (Kind kind : kinds.values()) {
      if (kind.untold.get() > 0) {
        long count = kind.due(now);
        if (count > 0) {
          String unused = write(count + " more calls", kind.last);
        }
      }
    }
  }

  private static String write(String what, Status why) {
    String line = "refused " + what + ": " + why.code() + ", " + Printable.of(why.message());
    LOG.warn("{}; those of the next minute are counted", line);
    return line;
  }

  /** What tells one reason from others: the code, and the limit that its text names. */
  private static @Nullable String kind(Status why) {
    return switch (why.code()) {
      case DEADLINE_EXCEEDED, UNAVAILABLE, CANCELLED -> null;
      case RESOURCE_EXHAUSTED -> {
        String text = why.message();
        int limit = text.lastIndexOf('(');
        yield limit < 0 ? why.code().name() : text.substring(limit);
      }
      default -> why.code().name();
    };
  }
}
