package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Context;
import erpc.call.Reply;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.client.Combine.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several calls with one end. It begins at most so many at a time, and ends where the part that
 * decides has ended, in the context in which it was made. Whatever completes it cancels the parts
 * that are under way, and begins no more. Thread-safe; the lock is held for no more than a look,
 * never while code of others runs.
 */
final class Joint<T extends @Nullable Object, M extends @Nullable Object>
    extends CompletableFuture<M> {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");

  /** What one ends in that had no time. */
  private static final Status LATE = Status.of(Status.Code.DEADLINE_EXCEEDED, "");

  private final @Nullable Context madeIn = Context.current();
  private final Ends ends;
  private final Function<List<Part<T>>, M> merge;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private IntFunction<? extends CompletableFuture<? extends T>> starter =
      index -> new CompletableFuture<>();

  @GuardedBy("lock")
  private IntFunction<String> goesTo = index -> "";

  @GuardedBy("lock")
  private int size;

  @GuardedBy("lock")
  private int wanted;

  @GuardedBy("lock")
  private int atOnce;

  /** Those that have not ended, by their indexes; null for others. */
  @GuardedBy("lock")
  private List<@Nullable CompletableFuture<? extends T>> underWay = List.of();

  /** How each has ended; null for those that have not. */
  @GuardedBy("lock")
  private List<@Nullable Part<T>> ended = List.of();

  @GuardedBy("lock")
  private int begun;

  /** Whether its parts are calls that were under way before it. */
  @GuardedBy("lock")
  private boolean given;

  @GuardedBy("lock")
  private int succeeded;

  @GuardedBy("lock")
  private int failed;

  /** The first that has failed, and with what. */
  @GuardedBy("lock")
  private @Nullable Failure first;

  /** Whether a thread begins parts: it also begins what others have made room for. */
  @GuardedBy("lock")
  private boolean beginning;

  /** Whether its end is decided; the rest of it belongs to whoever has set this. */
  @GuardedBy("lock")
  private boolean over;

  /** What else there is to stop at the end. */
  @GuardedBy("lock")
  private final List<Runnable> onEnd = new ArrayList<>(1);

  private record Failure(int index, RpcException thrown) {}

  /** When it ends, if no time ends it. */
  enum Ends {
    /** When all have succeeded, or with the first failure, which is its own. */
    WITH_FIRST_FAILURE,

    /** When enough have succeeded, or cannot any more. */
    WITH_ENOUGH,

    /** When all have ended, or enough cannot succeed any more. */
    WITH_LAST
  }

  /**
   * One that has not begun.
   *
   * @param merge makes its value of the parts that have ended, in their order
   */
  Joint(Ends ends, Function<List<Part<T>>, M> merge) {
    this.ends = ends;
    this.merge = merge;
    // As when it is completed by hand, or orTimeout does it.
    var unused = whenComplete((value, thrown) -> abandon());
  }

  // ---- beginning

  /**
   * Its parts are so many calls that are under way, so they count as begun from now on. Before it
   * begins.
   *
   * @param wanted of no meaning if all of them have to succeed
   * @return how many of them have to succeed
   */
  int given(int number, int wanted) {
    synchronized (lock) {
      size = number;
      given = true;
    }
    return ends == Ends.WITH_FIRST_FAILURE ? number : wanted;
  }

  /**
   * Begins its parts, once.
   *
   * @param wanted as many have to succeed
   * @param atOnce as many may be under way at a time
   * @param starter begins a part
   * @param goesTo the endpoint that a part goes to, or an empty text
   */
  void begin(
      int size,
      int wanted,
      int atOnce,
      IntFunction<? extends CompletableFuture<? extends T>> starter,
      IntFunction<String> goesTo) {
    boolean decided;
    synchronized (lock) {
      if (over) {
        return;
      }
      this.size = size;
      this.wanted = wanted;
      this.atOnce = atOnce;
      this.starter = starter;
      this.goesTo = goesTo;
      underWay = new ArrayList<>(Collections.nCopies(size, null));
      ended = new ArrayList<>(Collections.nCopies(size, null));
      decided = isDecided();
      over = decided;
      beginning = !decided;
    }
    if (decided) {
      finish(null);
    } else {
      inContext(this::beginMore);
    }
  }

  /** Begins parts while there is room. A loop: parts may end at once, and each makes room. */
  private void beginMore() {
    try {
      beginWhatHasRoom();
    } catch (Throwable e) { // As when there is no memory: nobody else would begin the rest.
      fail(CallFuture.asRpcException(e));
    }
  }

  private void beginWhatHasRoom() {
    for (int index = next(); index >= 0; index = next()) {
      CompletableFuture<? extends T> part = begun(index);
      boolean stays;
      synchronized (lock) {
        stays = !over;
        if (stays) {
          underWay.set(index, part);
        }
      }
      if (!stays) {
        cancel(part);
        return;
      }
      int at = index;
      var unused = part.whenComplete((value, thrown) -> ended(at, value, thrown));
    }
  }

  private CompletableFuture<? extends T> begun(int index) {
    IntFunction<? extends CompletableFuture<? extends T>> how;
    synchronized (lock) {
      how = starter;
    }
    try {
      return Objects.requireNonNull(how.apply(index), "call " + index + " is null");
    } catch (Throwable e) {
      return CallFuture.failed(e);
    }
  }

  /** The next part that is to begin; -1 if there is none now. */
  private int next() {
    synchronized (lock) {
      if (over || begun == size || begun - succeeded - failed >= atOnce) {
        beginning = false; // With the lock held: who makes room after this begins the next itself.
        return -1;
      }
      return begun++;
    }
  }

  // ---- ends of parts

  private void ended(int index, @Nullable T value, @Nullable Throwable thrown) {
    boolean decided;
    boolean begins;
    synchronized (lock) {
      if (over) {
        return;
      }
      underWay.set(index, null);
      ended.set(index, part(index, value, thrown));
      over = isDecided();
      decided = over;
      begins = !over && !beginning;
      beginning |= begins;
    }
    if (decided) {
      finish(null);
    } else if (begins) {
      inContext(this::beginMore);
    }
  }

  @GuardedBy("lock")
  private Part<T> part(int index, @Nullable T value, @Nullable Throwable thrown) {
    if (thrown == null) {
      succeeded++;
      String from = value instanceof Reply<?> reply ? reply.endpoint() : "";
      return new Part<>(index, endpoint(index, from), value, Status.OK);
    }
    failed++;
    RpcException failure = asRpcException(thrown);
    if (first == null) {
      first = new Failure(index, failure);
    }
    Status status = failure.status();
    return new Part<>(index, endpoint(index, status.endpoint()), null, status);
  }

  @GuardedBy("lock")
  private String endpoint(int index, String known) {
    return known.isEmpty() ? goesTo.apply(index) : known;
  }

  /** What anybody's future has failed with, as the exception that all calls end in. */
  static RpcException asRpcException(Throwable thrown) {
    if (thrown instanceof CompletionException && thrown.getCause() != null) {
      return asRpcException(thrown.getCause());
    }
    return thrown instanceof CancellationException
        ? Status.of(Status.Code.CANCELLED, "the call was cancelled").toException(thrown)
        : CallFuture.asRpcException(thrown);
  }

  @GuardedBy("lock")
  private boolean isDecided() {
    return succeeded + failed == size
        || size - failed < wanted
        || (ends != Ends.WITH_LAST && succeeded >= wanted);
  }

  // ---- the end

  /** What is to be stopped when it ends; at once if it has. */
  void onEnd(Runnable action) {
    synchronized (lock) {
      if (!over) {
        onEnd.add(action);
        return;
      }
    }
    action.run();
  }

  /** Ends it with this status, unless its end is decided. Any thread where callbacks may run. */
  void fail(Status why) {
    fail(why.asEndOfCall().toException());
  }

  /** The same with what was thrown. */
  void fail(RpcException why) {
    RpcException last;
    synchronized (lock) {
      if (over) {
        return;
      }
      over = true;
      last = atLeast(started(ended), why);
    }
    stopRest();
    inContext(() -> {
      boolean unused = completeExceptionally(last);
    });
  }

  /**
   * Its time is over: what has not ended is given up.
   *
   * @param late says so; its code is that of what has not ended
   */
  void timeIsUp(Status late) {
    synchronized (lock) {
      if (over) {
        return;
      }
      over = true;
      for (int i = 0; i < size; i++) {
        if (ended.get(i) == null) {
          Status.Started known = given || i < begun ? Status.Started.MAYBE : Status.Started.NO;
          ended.set(i, new Part<>(i, endpoint(i, ""), null, late.withStarted(known)));
        }
      }
    }
    finish(late);
  }

  private boolean takeEnd() {
    synchronized (lock) {
      boolean mine = !over;
      over = true;
      return mine;
    }
  }

  /**
   * Whoever has set {@link #over} ends the rest, and then tells what it comes to.
   *
   * @param late why no more came, or null
   */
  private void finish(@Nullable Status late) {
    stopRest();
    List<Part<T>> parts = new ArrayList<>();
    RpcException failure;
    Status.Started started;
    synchronized (lock) {
      ended.stream().filter(Objects::nonNull).forEach(parts::add);
      ended = List.of();
      started = started(parts);
      failure = succeeded >= wanted ? null : failure(parts, late);
    }
    inContext(() -> {
      if (failure == null) {
        merged(Collections.unmodifiableList(parts), started);
      } else {
        boolean unused = completeExceptionally(failure);
      }
    });
  }

  private void merged(List<Part<T>> parts, Status.Started started) {
    M value;
    try {
      value = merge.apply(parts);
    } catch (RpcException e) {
      boolean unused = completeExceptionally(atLeast(started, e));
      return;
    } catch (Throwable e) {
      Status why = Status.of(Status.Code.INTERNAL, "merging replies threw " + Thrown.describe(e));
      RpcException failure = why.withStarted(started).asEndOfCall().toException(e);
      boolean unused = completeExceptionally(failure);
      return;
    }
    boolean unused = complete(value);
  }

  /** What was thrown, saying no less of the start than this. */
  private static RpcException atLeast(Status.Started started, RpcException thrown) {
    Status status = thrown.status();
    return status.started().compareTo(started) >= 0
        ? thrown
        : status.withStarted(started).asEndOfCall().toException(thrown);
  }

  @GuardedBy("lock")
  private RpcException failure(List<Part<T>> parts, @Nullable Status late) {
    Status.Started started = started(parts);
    Failure cause = first;
    if (cause != null && late == null && ends == Ends.WITH_FIRST_FAILURE) {
      return atLeast(started, cause.thrown);
    }
    String counts =
        late == null
            ? failed + " of " + size + " calls failed, and " + wanted + " were to succeed"
            : late.message()
                + ": "
                + succeeded
                + " of "
                + size
                + " calls succeeded by then, and "
                + wanted
                + " were to";
    String why =
        cause == null
            ? ""
            : "; the first that failed is call " + cause.index + ", " + cause.thrown.status();
    Status like = late != null ? late : cause != null ? cause.thrown.status() : LATE;
    return like.withMessage(counts + why)
        .withStarted(started)
        .asEndOfCall()
        .toException(cause == null ? null : cause.thrown);
  }

  /** How far any part may have got: whoever makes it again makes all of them again. */
  @GuardedBy("lock")
  private Status.Started started(List<? extends @Nullable Part<T>> parts) {
    Status.Started most = Status.Started.NO;
    int known = 0;
    for (@Nullable Part<T> each : parts) {
      if (each != null) {
        known++;
        Status.Started its = each.status().started();
        most = its.compareTo(most) > 0 ? its : most;
      }
    }
    boolean more = (given ? size : begun) > known;
    return more && most == Status.Started.NO ? Status.Started.MAYBE : most;
  }

  private void stopRest() {
    List<Runnable> actions;
    List<CompletableFuture<? extends T>> rest = new ArrayList<>();
    synchronized (lock) {
      actions = List.copyOf(onEnd);
      onEnd.clear();
      underWay.stream().filter(Objects::nonNull).forEach(rest::add);
      underWay = List.of();
      starter = index -> new CompletableFuture<>(); // Nobody needs any more what it holds.
    }
    actions.forEach(Runnable::run);
    rest.forEach(Joint::cancel);
  }

  /** Cancels a call, which may be anybody's future: what it throws does not keep the next one. */
  static void cancel(@Nullable Future<?> call) {
    try {
      boolean unused = call != null && call.cancel(true);
    } catch (RuntimeException e) {
      LOG.debug("cancelling a part of a combined call threw", e);
    }
  }

  /** Its end is told by who completes it. */
  private void abandon() {
    if (takeEnd()) {
      stopRest();
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    abandon(); // Before what depends on it runs, which may take its time.
    return super.cancel(mayInterruptIfRunning);
  }

  /** Runs something in the context in which it was made. */
  void inContext(Runnable task) {
    in(madeIn, task);
  }

  /** Runs something in this context, or in none. */
  static void in(@Nullable Context context, Runnable task) {
    Context before = Context.current();
    Context.exit(context);
    try {
      task.run();
    } finally {
      Context.exit(before);
    }
  }
}
