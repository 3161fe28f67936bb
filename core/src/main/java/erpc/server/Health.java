package erpc.server;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Outgoing;
import erpc.server.wire.HealthReply;
import erpc.server.wire.HealthRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server, and each of its services, wants calls. Answered as {@code erpc.health.check},
 * and as the stream {@code erpc.health.watch}, which tells the state at once, when it changes, and
 * every ten seconds. A server that drains says NOT_SERVING for everything. A check of the whole
 * server is answered whoever asks, unless the settings say otherwise ({@code openHealth}); the rest
 * are calls like others. Thread-safe.
 */
public final class Health {
  /** What a service says of itself. */
  public enum State {
    SERVING,
    /** Wants no calls for now; those that come all the same are answered. */
    NOT_SERVING
  }

  static final Method<HealthRequest, HealthReply> CHECK =
      Method.unary("erpc.health.check", HealthRequest.class, HealthReply.class).idempotent();

  private static final Method<HealthRequest, HealthReply> WATCH =
      Method.serverStreaming("erpc.health.watch", HealthRequest.class, HealthReply.class)
          .idempotent();

  /** Well within the progress timeout of who watches. */
  private static final long REPEAT_NANOS = Duration.ofSeconds(10).toNanos();

  /** The server as a whole. */
  private static final String WHOLE = "";

  private final MethodTable methods;
  private final Map<String, State> states = new ConcurrentHashMap<>();
  private final Set<Thread> watchers = ConcurrentHashMap.newKeySet();

  /** Set by the thread that closes the server, for good, before it wakes those that watch. */
  private volatile boolean draining;

  private Health(MethodTable methods) {
    this.methods = methods;
  }

  static Health addTo(MethodTable methods) {
    Health health = new Health(methods);
    methods.add(CHECK, (context, request) -> health.reply(request), Execution.virtual());
    methods.add(
        WATCH,
        (context, requests, replies) -> health.watch(context, requests.one(), replies),
        Execution.virtual());
    return health;
  }

  /** Sets the state of the whole server, which holds for each service that has none of its own. */
  public void set(State state) {
    set(WHOLE, state);
  }

  /** Sets the state of a service. */
  public void set(String service, State state) {
    states.put(service, state);
    watchers.forEach(LockSupport::unpark);
  }

  /** The state of a service, or of the whole server if empty; null if there is no such service. */
  public @Nullable State state(String service) {
    State own = states.get(service);
    if (own == null && !service.equals(WHOLE) && !methods.hasService(service)) {
      return null;
    }
    if (draining) {
      return State.NOT_SERVING;
    }
    return own == null ? states.getOrDefault(WHOLE, State.SERVING) : own;
  }

  /** Says NOT_SERVING from now on, and ends what watches, which would keep the server up. */
  void drain() {
    draining = true;
    watchers.forEach(LockSupport::unpark);
  }

  HealthReply reply(HealthRequest request) {
    State state = state(request.getService());
    HealthReply.State shown =
        state == null
            ? HealthReply.State.UNKNOWN
            : state == State.SERVING ? HealthReply.State.SERVING : HealthReply.State.NOT_SERVING;
    return HealthReply.newBuilder().setState(shown).build();
  }

  private void watch(Context context, HealthRequest request, Outgoing<HealthReply> replies) {
    Thread thread = Thread.currentThread();
    watchers.add(thread);
    context.onCancel(() -> LockSupport.unpark(thread));
    try {
      HealthReply lastSent = null;
      long due = System.nanoTime();
      while (!context.isCancelled()) {
        boolean last = draining;
        HealthReply now = reply(request);
        if (!now.equals(lastSent) || System.nanoTime() - due >= 0) {
          replies.send(now);
          lastSent = now;
          due = System.nanoTime() + REPEAT_NANOS;
          // Sending may have waited, and so used up the wake-up for the next change.
          continue;
        }
        if (last) {
          return;
        }
        LockSupport.parkNanos(this, due - System.nanoTime());
      }
    } finally {
      watchers.remove(thread);
    }
  }
}
