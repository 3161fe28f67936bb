package erpc.call;

import java.security.Principal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a handler sees of the call it handles: metadata, peer, deadline, cancellation. Thread-safe.
 *
 * <p>While a handler runs its context is ambient: {@link #current()} finds it, and calls made from
 * that thread inherit its deadline and are cancelled with it. {@link #wrap(Runnable)} carries it to
 * another thread.
 *
 * <p>A filter leaves something for those behind it, the handler included, by going on in a context
 * that has it:
 *
 * <pre>{@code
 * return Context.current().with(TENANT, tenant).call(() -> next.call(request));
 * }</pre>
 */
public final class Context {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.call");
  private static final LineLimit LINES = new LineLimit();

  private static final ThreadLocal<@Nullable Context> CURRENT = new ThreadLocal<>();
  private static final Attribute<Principal> PRINCIPAL = Attribute.named("principal");

  private final Method<?, ?> method;
  private final Metadata metadata;
  private final Peer peer;
  private final Ticker ticker;
  private final long deadlineNanos; // no Deadline: most handlers never ask for it
  private final @Nullable TraceContext trace;
  private final boolean retried;
  private final Criticality criticality;

  /** What it holds for those behind a filter, the last first; who calls is one of it. */
  private final @Nullable Held held;

  /** Whose fields below count: this one's own, or those of the context this is a view of. */
  private final Context root;

  // Guarded by root.
  private @Nullable Status cancelled;
  private @Nullable CancelActions onCancel;
  private boolean ended;
  private @Nullable Added added;

  /** What the handler has added to its answer. */
  private static final class Added {
    Metadata headers = Metadata.EMPTY;
    Metadata trailers = Metadata.EMPTY;
  }

  /** A value of an attribute. */
  private record Held(Attribute<?> attribute, Object value, @Nullable Held before) {}

  /** What a server knows of a call that it makes a context of. */
  public interface Origin {
    Method<?, ?> routedMethod();

    Metadata metadata();

    Peer peer();

    /** The reading of the ticker at which the caller stops waiting. */
    long deadlineNanos();

    Ticker ticker();

    /** The trace that the call belongs to, or null if it is not traced. */
    @Nullable TraceContext parentTrace();

    /** Who calls, or null if nobody has asked. */
    @Nullable Principal caller();

    /** Whether it is a retry, or was made on behalf of one. */
    boolean isRetried();

    /** How critical its caller says that it is. */
    Criticality criticality();
  }

  /** A context for tests of handlers. */
  public Context(
      Method<?, ?> method,
      Metadata metadata,
      Peer peer,
      Deadline deadline,
      @Nullable TraceContext trace) {
    this.method = method;
    this.metadata = metadata;
    this.peer = peer;
    this.deadlineNanos = deadline.atNanos();
    this.ticker = deadline.ticker();
    this.trace = trace;
    this.retried = false;
    this.criticality = Criticality.DEFAULT;
    this.held = null;
    this.root = this;
  }

  /** A context as a server makes it, one per call. */
  public Context(Origin of) {
    this.method = of.routedMethod();
    this.metadata = of.metadata();
    this.peer = of.peer();
    this.deadlineNanos = of.deadlineNanos();
    this.ticker = of.ticker();
    this.trace = of.parentTrace();
    this.retried = of.isRetried();
    this.criticality = of.criticality();
    Principal caller = of.caller();
    this.held = caller == null ? null : new Held(PRINCIPAL, caller, null);
    this.root = this;
  }

  private Context(
      Context of,
      Metadata metadata,
      @Nullable TraceContext trace,
      @Nullable Held held,
      boolean retried) {
    this.method = of.method;
    this.metadata = metadata;
    this.peer = of.peer;
    this.deadlineNanos = of.deadlineNanos;
    this.ticker = of.ticker;
    this.trace = trace;
    this.retried = of.retried || retried;
    this.criticality = of.criticality;
    this.held = held;
    this.root = of.root;
  }

  /** This call's context with other metadata, as a filter leaves it; all else is shared. */
  public Context withMetadata(Metadata changed) {
    return new Context(this, changed, trace, held, false);
  }

  /** This call's context with who calls, as the server found out; all else is shared. */
  public Context withPrincipal(Principal caller) {
    return with(PRINCIPAL, caller);
  }

  /**
   * This call's context in another trace or under another span, which calls made in it inherit; all
   * else is shared.
   */
  public Context withTrace(TraceContext value) {
    return new Context(this, metadata, Objects.requireNonNull(value, "trace"), held, false);
  }

  /**
   * This call's context as that of a retry: calls made in it are marked so, as {@link #isRetried}
   * says. All else is shared.
   */
  public Context asRetried() {
    return new Context(this, metadata, trace, held, true);
  }

  /** This call's context with a value for those behind; all else is shared. */
  public <T> Context with(Attribute<T> attribute, T value) {
    Objects.requireNonNull(value, "value");
    return new Context(this, metadata, trace, new Held(attribute, value, held), false);
  }

  /** The value that was left last in this context, or null if none was. */
  @SuppressWarnings("unchecked") // What is held for an attribute was given for it.
  public <T> @Nullable T get(Attribute<T> attribute) {
    for (Held each = held; each != null; each = each.before) {
      if (each.attribute == attribute) {
        return (T) each.value;
      }
    }
    return null;
  }

  /** Whether the other is a context of the same call. */
  public boolean isOfSameCall(Context other) {
    return root == other.root;
  }

  /** The context of the call this thread handles, or null outside of handlers. */
  public static @Nullable Context current() {
    return CURRENT.get();
  }

  public Method<?, ?> method() {
    return method;
  }

  /** What the caller sent beside the request. */
  public Metadata metadata() {
    return metadata;
  }

  /** Who calls, as the server's authenticator has found, or null if it has none. */
  public @Nullable Principal principal() {
    return get(PRINCIPAL);
  }

  /**
   * Whether this call is a retry, or was made on behalf of one. Then the server whose handler ran
   * before may be in trouble, and what runs for the first time here may have run elsewhere. The
   * calls that its handler makes are marked so too.
   */
  public boolean isRetried() {
    return retried;
  }

  /**
   * How critical the caller says that this call is; the calls that its handler makes are as
   * critical unless they say otherwise.
   */
  public Criticality criticality() {
    return criticality;
  }

  public Peer peer() {
    return peer;
  }

  /** When the caller stops waiting. */
  public Deadline deadline() {
    return Deadline.at(deadlineNanos, ticker);
  }

  /**
   * The trace that this call belongs to and the span that calls made in it are children of: what
   * the caller has sent, or what an observer of this server has set. Null if it is not traced.
   */
  public @Nullable TraceContext trace() {
    return trace;
  }

  /** True once the caller has cancelled, its connection is gone, or the deadline has passed. */
  public boolean isCancelled() {
    return cancellation() != null;
  }

  /** Why the call was cancelled, or null if it was not. */
  public @Nullable Status cancellation() {
    synchronized (root) {
      return root.cancelled;
    }
  }

  /**
   * Runs the action when the call is cancelled, at once if it already is; never once the handler
   * has answered. It may run on an event loop and must not block.
   */
  public void onCancel(Runnable action) {
    synchronized (root) {
      if (root.cancelled == null) {
        if (!root.ended) {
          if (root.onCancel == null) {
            root.onCancel = new CancelActions();
          }
          root.onCancel.add(action);
        }
        return;
      }
    }
    run(action);
  }

  /** Forgets an action given to {@link #onCancel}: the same object. */
  public void removeOnCancel(Runnable action) {
    synchronized (root) {
      if (root.onCancel != null) {
        root.onCancel.remove(action);
      }
    }
  }

  /**
   * Marks the call as cancelled and runs what was registered; later cancellations change nothing.
   */
  public void cancel(Status why) {
    List<Runnable> actions;
    synchronized (root) {
      if (root.cancelled != null || root.ended) {
        return;
      }
      root.cancelled = why;
      actions = root.onCancel == null ? List.of() : root.onCancel.all();
      root.onCancel = null;
    }
    for (Runnable action : actions) {
      run(action);
    }
  }

  /** One that throws must harm neither the others nor the event loop that tells them. */
  private static void run(Runnable action) {
    try {
      action.run();
    } catch (Throwable e) {
      Thrown.warn(LOG, LINES, "an action on cancellation threw; the others go on", e);
    }
  }

  /** Says that the call has been answered, so that nothing cancels it any more. */
  public void end() {
    synchronized (root) {
      root.ended = true;
      root.onCancel = null;
    }
  }

  /** Only while holding the root. */
  private Added added() {
    Added known = root.added;
    if (known == null) {
      known = new Added();
      root.added = known;
    }
    return known;
  }

  /** Adds to the metadata that goes before the reply. */
  public void addHeader(String key, String value) {
    synchronized (root) {
      Added to = added();
      to.headers = to.headers.with(key, value);
    }
  }

  /** Adds to the metadata that goes with the status. */
  public void addTrailer(String key, String value) {
    synchronized (root) {
      Added to = added();
      to.trailers = to.trailers.with(key, value);
    }
  }

  /** Adds an entry to the metadata that goes before the reply. */
  public void addHeader(Metadata.Entry entry) {
    synchronized (root) {
      Added to = added();
      to.headers = to.headers.with(entry);
    }
  }

  /** Adds an entry to the metadata that goes with the status. */
  public void addTrailer(Metadata.Entry entry) {
    synchronized (root) {
      Added to = added();
      to.trailers = to.trailers.with(entry);
    }
  }

  /** What goes before the reply. */
  public Metadata headers() {
    synchronized (root) {
      return root.added == null ? Metadata.EMPTY : root.added.headers;
    }
  }

  /** What goes with the status. */
  public Metadata trailers() {
    synchronized (root) {
      return root.added == null ? Metadata.EMPTY : root.added.trailers;
    }
  }

  /** Makes this context the thread's own and returns the one it replaces, for {@link #exit}. */
  public @Nullable Context enter() {
    Context before = CURRENT.get();
    CURRENT.set(this);
    return before;
  }

  /** Puts back what {@link #enter} returned. */
  public static void exit(@Nullable Context before) {
    // Not removed: an event loop enters a context for each call, and would make a new entry each
    // time.
    CURRENT.set(before);
  }

  /** Does something on this thread with this context ambient. */
  public <T extends @Nullable Object> T call(Callable<T> task) throws Exception {
    Context before = enter();
    try {
      return task.call();
    } finally {
      exit(before);
    }
  }

  /** The task, to be run on another thread with this context ambient. */
  public Runnable wrap(Runnable task) {
    return () -> {
      Context before = enter();
      try {
        task.run();
      } finally {
        exit(before);
      }
    };
  }

  /** The task, to be run on another thread with this context ambient. */
  public <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
    return () -> call(task);
  }
}
