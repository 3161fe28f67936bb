package erpc.server;

import erpc.call.Context;
import erpc.call.LineLimit;
import erpc.call.Method;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.transport.Reactor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an asynchronous handler has promised to answer. Told of its stage's end, on whatever thread
 * that comes, and of the call's, on its event loop. True once the stage has completed.
 */
final class PendingAnswer extends AtomicBoolean
    implements BiConsumer<@Nullable Object, @Nullable Throwable>, Runnable {
  private static final long serialVersionUID = 1;

  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final LineLimit LINES = new LineLimit();

  /** Stages within stages that are looked through for what has gone wrong. */
  private static final int MOST_WRAPPERS = 50;

  private final transient ServerCall call;
  private final transient Context context;
  private final transient CompletionStage<?> stage;

  PendingAnswer(ServerCall call, Context context, CompletionStage<?> stage) {
    this.call = call;
    this.context = context;
    this.stage = stage;
  }

  /** Answers the call once the stage completes, which may be at once. */
  void await() {
    try {
      CompletionStage<?> unused = stage.whenComplete(this);
    } catch (Throwable e) { // A stage of the user's own: it will not tell, or has told.
      if (compareAndSet(false, true)) {
        throw e;
      }
    }
    if (!get()) {
      context.onCancel(this);
    }
  }

  @Override
  public void accept(@Nullable Object value, @Nullable Throwable thrown) {
    if (!compareAndSet(false, true)) {
      return; // A stage of the user's own may say it twice.
    }
    Runnable answer = () -> call.answered(value, thrown, context);
    try {
      if (!Reactor.isEventLoop()) {
        call.answered(value, thrown, context);
      } else if (call.isCompressed()) {
        Execution.virtual().executor().execute(answer); // It may have to wait for its turn.
      } else if (call.responder.isOnLoop()) {
        call.answered(value, thrown, context);
      } else {
        // An event loop must not wait until another one's connection has room for the answer.
        call.responder.onLoop(answer);
      }
    } catch (RejectedExecutionException e) {
      answer.run(); // That loop is gone, and with it all that could be waited for.
    }
  }

  /** The call has ended without it. */
  @Override
  public void run() {
    if (get()) {
      return;
    }
    if (call.found().execution().isInline()) {
      cancel(stage);
      return;
    }
    try { // What depends on the stage has not said that it may run on an event loop.
      Execution.virtual().executor().execute(() -> cancel(stage));
    } catch (Throwable e) {
      Thrown.warn(LOG, LINES, "no thread to cancel what a handler waits for", e);
    }
  }

  private static void cancel(CompletionStage<?> stage) {
    try {
      boolean unused = stage.toCompletableFuture().cancel(true);
    } catch (UnsupportedOperationException e) {
      // One that cannot be cancelled runs to its end.
    } catch (Throwable e) {
      Thrown.warn(LOG, LINES, "cancelling what a handler waits for has failed", e);
    }
  }

  /** What a stage, or what was made of it, has completed with. */
  static Throwable cause(Throwable thrown) {
    Throwable each = thrown;
    for (int i = 0; i < MOST_WRAPPERS; i++) {
      boolean wraps = each instanceof CompletionException || each instanceof ExecutionException;
      Throwable within = wraps ? each.getCause() : null;
      if (within == null) {
        return each;
      }
      each = within;
    }
    return thrown;
  }

  /** The future that a stage is, if it has completed with an answer; else null. */
  static @Nullable CompletableFuture<?> ifDone(CompletionStage<?> stage) {
    // No subclass: a minimal stage is one, and cannot be asked.
    return stage.getClass() == CompletableFuture.class
            && stage instanceof CompletableFuture<?> future
            && future.isDone()
            && !future.isCompletedExceptionally()
        ? future
        : null;
  }

  /** A handler that does the same by waiting, for filters around it. */
  static <Q, R> Handler<Q, R> awaiting(Method<?, R> method, AsyncHandler<Q, R> handler) {
    return (context, request) -> {
      CompletionStage<R> stage = notNull(handler.handle(context, request), method);
      CompletableFuture<R> done = new CompletableFuture<>();
      CompletionStage<?> unused =
          stage.whenComplete((value, thrown) -> {
            boolean unusedToo =
                thrown == null ? done.complete(value) : done.completeExceptionally(thrown);
          });
      Runnable cancel = () -> Execution.virtual().executor().execute(() -> cancel(stage));
      context.onCancel(cancel);
      try {
        return done.get();
      } catch (ExecutionException e) {
        throw raw(cause(e));
      } finally {
        context.removeOnCancel(cancel);
      }
    };
  }

  // The compiler is told what is never looked at.
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E raw(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** What a handler has returned, which must be something. */
  static <R> CompletionStage<R> notNull(@Nullable CompletionStage<R> stage, Method<?, ?> method) {
    if (stage == null) {
      throw Status.of(
              Status.Code.INTERNAL,
              "the handler of " + method + " returned null: return what completes with the answer")
          .withStarted(Status.Started.YES)
          .toException();
    }
    return stage;
  }
}
