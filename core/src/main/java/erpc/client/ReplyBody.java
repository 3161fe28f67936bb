package erpc.client;

import erpc.call.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a reply to come. Cancelling it cancels the call, which a dependent stage would not.
 */
final class ReplyBody<R> extends CompletableFuture<R>
    implements BiConsumer<@Nullable Reply<R>, @Nullable Throwable> {
  private final CompletableFuture<Reply<R>> reply;

  ReplyBody(CompletableFuture<Reply<R>> reply) {
    this.reply = reply;
    var unused = reply.whenComplete(this);
  }

  @Override
  public void accept(@Nullable Reply<R> came, @Nullable Throwable thrown) {
    if (came != null) {
      complete(came.body());
    } else if (thrown != null) {
      // As a stage that depends on another one fails.
      completeExceptionally(
          thrown instanceof CompletionException ? thrown : new CompletionException(thrown));
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) {
      boolean unused = reply.cancel(mayInterruptIfRunning);
    }
    return cancelled;
  }
}
