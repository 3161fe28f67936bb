package erpc.client;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call whose requests are sent by a thread of its own while its replies are read. When either
 * side is at its end the other one hears of it: requests are closed, and the thread that waits for
 * one is interrupted, once the end of the call was read; and the call is cancelled if its requests
 * fail.
 */
final class Upload<Q, R> implements Incoming<R> {
  private final Exchange<Q, R> call;
  private final Incoming<Q> requests;
  private final Thread sender;

  /** Why there are no more requests, unless all went well; written by the thread that sends. */
  private volatile @Nullable Throwable failure;

  /** Whether the call has ended while something was sent. The sender's own. */
  private boolean over;

  /**
   * Opens the call and begins to send.
   *
   * @param requests closed in any case, also if the call cannot be opened
   */
  Upload(Client client, Request<Q, R> opening, Incoming<Q> requests) {
    this.requests = requests;
    try {
      this.call = client.open(opening);
    } catch (Throwable e) {
      requests.close();
      throw e;
    }
    this.sender = start("erpc-upload", this::send);
  }

  private static Thread start(String name, Runnable task) {
    Context of = Context.current();
    return Thread.ofVirtual().name(name).start(of == null ? task : of.wrap(task));
  }

  private void send() {
    try (requests) {
      requests.forwardTo(this::offer);
      call.finishQuietly();
    } catch (Throwable e) {
      // If the call has ended it is its end that is told, to whoever reads.
      if (!over && call.status() == null) {
        failure = e;
        call.close();
      }
    }
  }

  private void offer(Q message) {
    Status ended = call.offer(message);
    if (ended != null) {
      // Memory that is short ends no call, so the reader would not hear of it.
      over = ended.code() != Status.Code.RESOURCE_EXHAUSTED;
      throw new RpcException(ended.isOk() ? Exchange.OVER : ended, null);
    }
  }

  @Override
  public @Nullable R next() {
    try {
      R reply = call.next();
      if (reply == null) {
        stopSending();
      }
      return reply;
    } catch (Throwable e) {
      stopSending();
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
      stopSending();
    }
  }

  /** Nobody wants more of them: a source that waits for its next one would wait for ever. */
  private void stopSending() {
    requests.close();
    sender.interrupt();
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

  /**
   * The only reply of a call, later; the call is opened on another thread. Cancelling cancels it.
   */
  static <Q, R> CompletableFuture<R> later(Supplier<Upload<Q, R>> opened) {
    CompletableFuture<R> reply = new CompletableFuture<>();
    Thread unused =
        start(
            "erpc-reply",
            () -> {
              try (Upload<Q, R> call = opened.get()) {
                var unusedToo =
                    reply.whenComplete((value, thrown) -> {
                      if (reply.isCancelled()) {
                        call.close();
                      }
                    });
                reply.complete(call.one());
              } catch (Throwable e) {
                reply.completeExceptionally(e);
              }
            });
    return reply;
  }

  @Override
  public void close() {
    call.close();
    stopSending();
  }
}
