package erpc.call;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What a handler sees of the call it handles: metadata, peer, deadline, cancellation. Thread-safe.
 *
 * <p>While a handler runs its context is ambient: {@link #current()} finds it, and calls made from
 * that thread inherit its deadline and are cancelled with it. {@link #wrap(Runnable)} carries it to
 * another thread.
 */
public final class Context {
  private static final ThreadLocal<@Nullable Context> CURRENT = new ThreadLocal<>();

  private final Method<?, ?> method;
  private final Metadata metadata;
  private final Peer peer;
  private final Deadline deadline;
  private final byte @Nullable [] trace;

  // Guarded by this.
  private @Nullable Status cancelled;
  private @Nullable List<Runnable> onCancel;
  private boolean ended;
  private Metadata headers = Metadata.EMPTY;
  private Metadata trailers = Metadata.EMPTY;

  /** A context as the server makes it, one a call; tests of handlers make their own. */
  public Context(
      Method<?, ?> method,
      Metadata metadata,
      Peer peer,
      Deadline deadline,
      byte @Nullable [] trace) {
    this.method = method;
    this.metadata = metadata;
    this.peer = peer;
    this.deadline = deadline;
    this.trace = trace;
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

  public Peer peer() {
    return peer;
  }

  /** When the caller stops waiting. */
  public Deadline deadline() {
    return deadline;
  }

  /** The trace context as it travelled, or null if the call is not traced; not to be modified. */
  public byte @Nullable [] trace() {
    return trace;
  }

  /** True once the caller has cancelled, its connection is gone, or the deadline has passed. */
  public boolean isCancelled() {
    return cancellation() != null;
  }

  /** Why the call was cancelled, or null if it was not. */
  public synchronized @Nullable Status cancellation() {
    return cancelled;
  }

  /**
   * Runs the action when the call is cancelled, at once if it already is; never once the handler
   * has answered. It may run on an event loop and must not block.
   */
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (cancelled == null) {
        if (!ended) {
          if (onCancel == null) {
            onCancel = new ArrayList<>(2);
          }
          onCancel.add(action);
        }
        return;
      }
    }
    action.run();
  }

  /** Forgets an action given to {@link #onCancel}. */
  public synchronized void removeOnCancel(Runnable action) {
    if (onCancel != null) {
      onCancel.remove(action);
    }
  }

  /**
   * Marks the call as cancelled and runs what was registered; later cancellations change nothing.
   */
  public void cancel(Status why) {
    List<Runnable> actions;
    synchronized (this) {
      if (cancelled != null || ended) {
        return;
      }
      cancelled = why;
      actions = onCancel == null ? List.of() : List.copyOf(onCancel);
      onCancel = null;
    }
    for (Runnable action : actions) {
      action.run();
    }
  }

  /** Says that the call has been answered, so that nothing cancels it any more. */
  public synchronized void end() {
    ended = true;
    onCancel = null;
  }

  /** Adds to the metadata that goes before the reply. */
  public synchronized void addHeader(String key, String value) {
    headers = headers.with(key, value);
  }

  /** Adds to the metadata that goes with the status. */
  public synchronized void addTrailer(String key, String value) {
    trailers = trailers.with(key, value);
  }

  /** Adds an entry to the metadata that goes before the reply. */
  public synchronized void addHeader(Metadata.Entry entry) {
    headers = headers.with(entry);
  }

  /** Adds an entry to the metadata that goes with the status. */
  public synchronized void addTrailer(Metadata.Entry entry) {
    trailers = trailers.with(entry);
  }

  /** What goes before the reply. */
  public synchronized Metadata headers() {
    return headers;
  }

  /** What goes with the status. */
  public synchronized Metadata trailers() {
    return trailers;
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
    return () -> {
      Context before = enter();
      try {
        return task.call();
      } finally {
        exit(before);
      }
    };
  }
}
