package erpc.client;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Request;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call whose requests are sent by a thread of its own while its replies are read. When either
 * side is at its end the other one hears of it: requests are closed once the call is over, and the
 * call is cancelled if its requests fail.
 */
final class Upload<Q, R> implements Incoming<R> {
  private final Exchange<Q, R> call;
  private final Incoming<Q> requests;

  /** Why there are no more requests, unless all went well; written by the thread that sends. */
  private volatile @Nullable Throwable failure;

  Upload(Client client, Request<Q, R> opening, Incoming<Q> requests) {
    this.requests = requests;
    try {
      this.call = client.open(opening);
    } catch (Throwable e) {
      requests.close();
      throw e;
    }
    start("erpc-upload", this::send);
  }

  private static void start(String name, Runnable task) {
    Context of = Context.current();
    Thread.ofVirtual().name(name).start(of == null ? task : of.wrap(task));
  }

  private void send() {
    try (requests) {
      requests.forwardTo(call);
      call.finish();
    } catch (Throwable e) {
      if (call.status() == null) { // Else it is the call's end that is told, to whoever reads.
        failure = e;
        call.close();
      }
    }
  }

  @Override
  public @Nullable R next() {
    try {
      R reply = call.next();
      if (reply == null) {
        requests.close();
      }
      return reply;
    } catch (Throwable e) {
      requests.close();
      throw told(e);
    }
  }

  @Override
  public R one() {
    try {
      return call.one();
    } catch (Throwable e) {
      throw told(e);
    } finally {
      requests.close();
    }
  }

  /** Why requests failed tells more than that the call was cancelled for it. */
  private RuntimeException told(Throwable e) {
    Throwable first = failure == null ? e : failure;
    return switch (first) {
      case Error error -> throw error;
      case RuntimeException own -> own;
      default -> new IllegalStateException("the requests of a stream failed", first);
    };
  }

  /** What {@link #one} gives, later; cancelling it cancels the call. */
  CompletableFuture<R> oneAsync() {
    CompletableFuture<R> reply = new CompletableFuture<>();
    var unused =
        reply.whenComplete((value, thrown) -> {
          if (reply.isCancelled()) {
            close();
          }
        });
    start(
        "erpc-reply",
        () -> {
          try (this) {
            reply.complete(one());
          } catch (Throwable e) {
            reply.completeExceptionally(e);
          }
        });
    return reply;
  }

  @Override
  public void close() {
    call.close();
    requests.close();
  }
}
