package erpc.server;

import erpc.call.Method;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a handler threw, as its caller and the log see it. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  /** A handler that always throws must not fill the disk: one stack trace a method and interval. */
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Map<String, Long> LAST_LOGGED = new ConcurrentHashMap<>();

  private Failures() {}

  static Status statusOf(Throwable thrown, Method<?, ?> method, boolean handlerRan) {
    if (thrown instanceof RpcException chosen) {
      // A status of a nested call is passed on as this handler's own: its caller's view of
      // "started" is about this call. A filter that refuses says NO by itself.
      Status status = chosen.status();
      return handlerRan ? status.withStarted(Status.Started.YES) : status;
    }
    log(thrown, method);
    if (thrown instanceof OutOfMemoryError) {
      return Status.of(
              Status.Code.RESOURCE_EXHAUSTED, "there was no memory for the handler of " + method)
          .withStarted(Status.Started.YES);
    }
    String text = thrown.getMessage() == null ? "" : ": " + Printable.of(thrown.getMessage());
    return Status.of(
            Status.Code.INTERNAL,
            "the handler of " + method + " threw " + thrown.getClass().getSimpleName() + text)
        .withStarted(Status.Started.YES);
  }

  private static void log(Throwable thrown, Method<?, ?> method) {
    long now = System.nanoTime();
    Long before = LAST_LOGGED.get(method.name());
    if (before == null || now - before >= LOG_INTERVAL_NANOS) {
      LAST_LOGGED.put(method.name(), now);
      LOG.warn("the handler of {} threw; its caller gets INTERNAL", method, thrown);
    }
  }
}
