package erpc.server;

import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What handlers and all other code of the user's have thrown, as their caller and the log see it. A
 * caller is a stranger: it gets a number, and the log has the rest. Never throws. Thread-safe.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  /** A handler that always throws must not fill the disk: one stack trace a kind and interval. */
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Methods and classes of exceptions that are told apart. */
  private static final int MOST_KINDS = 1_000;

  private static final Status UNKNOWN =
      Status.of(Status.Code.INTERNAL, "the handler failed, and so did finding out how");

  private final boolean tells;
  private final Map<String, Logged> lastLogged = new ConcurrentHashMap<>();

  /** A stack trace in the log, and how many like it have not been logged since. */
  private record Logged(long atNanos, String reference, AtomicInteger more) {}

  /**
   * Failures of one server.
   *
   * @param tells whether callers get to know the class and message of what was thrown
   */
  Failures(boolean tells) {
    this.tells = tells;
  }

  /** What a call ends in whose handler, filter or codec has thrown this. */
  Status statusOf(Throwable thrown, @Nullable Method<?, ?> method, Status.Started started) {
    try {
      Status chosen = thrown instanceof RpcException own ? own.status() : null;
      Status status = chosen == null ? unchosen(thrown, method) : passedOn(chosen);
      return status.withStarted(started);
    } catch (Throwable e) {
      return UNKNOWN.withStarted(started);
    }
  }

  /**
   * A status of a nested call says something of that, also one that never got to an endpoint; here
   * only its code and text count, and that another call is of no use.
   */
  private static Status passedOn(Status chosen) {
    boolean nested = chosen.isEndOfCall() || chosen.isRemote() || !chosen.endpoint().isEmpty();
    if (!nested) {
      return chosen;
    }
    Status passed = Status.of(chosen.code(), chosen.message()).asPassedOn();
    boolean never = Status.NEVER_AGAIN.equals(chosen.retryAfter());
    return never ? passed.withRetryAfter(Status.NEVER_AGAIN) : passed;
  }

  private Status unchosen(Throwable thrown, @Nullable Method<?, ?> method) {
    String name = method == null ? "a method" : method.name();
    String reference = log(thrown, name);
    if (thrown instanceof OutOfMemoryError) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED, "there was no memory for the handler of " + name);
    }
    String what = "the handler of " + name + " failed";
    return Status.of(
        Status.Code.INTERNAL,
        tells
            ? what + ": " + Thrown.describe(thrown)
            : what + "; the server's log has the reason as number " + reference);
  }

  /** Returns the number under which something like it is in the log. */
  private String log(Throwable thrown, String method) {
    String kind = method + " " + thrown.getClass().getName();
    long now = System.nanoTime();
    Logged before = lastLogged.get(kind);
    if (before != null && now - before.atNanos < LOG_INTERVAL_NANOS) {
      before.more.incrementAndGet();
      return before.reference;
    }
    if (lastLogged.size() >= MOST_KINDS) {
      lastLogged.clear();
    }
    String reference = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    lastLogged.put(kind, new Logged(now, reference, new AtomicInteger()));
    String since =
        before == null || before.more.get() == 0
            ? ""
            : " (" + before.more.get() + " more like number " + before.reference + " before)";
    Thrown.warn(
        LOG,
        "the handler of "
            + method
            + ", or what stands around it, threw: number "
            + reference
            + since,
        thrown);
    return reference;
  }

  /** What a handler has returned, which must be something. */
  static Object notNull(@Nullable Object reply, Method<?, ?> method) {
    if (reply == null) {
      throw Status.of(
              Status.Code.INTERNAL,
              "the handler of "
                  + method
                  + " returned null: return an empty message if there is nothing to say")
          .withStarted(Status.Started.YES)
          .toException();
    }
    return reply;
  }
}
