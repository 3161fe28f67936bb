package erpc.tools;

import erpc.call.RpcException;
import erpc.client.Exchange;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A call that streams: sends requests as they come while replies are shown as they come. */
final class StreamedCall {
  /** Where requests come from. */
  @FunctionalInterface
  interface Source {
    /** The next message as JSON, or null after the last one. */
    @Nullable String next() throws IOException;
  }

  /** Takes what a reply is. */
  @FunctionalInterface
  interface Sink {
    void show(Object reply) throws CallFailure;
  }

  private final DynamicCall call;
  private final Exchange<Object, Object> exchange;
  private final AtomicReference<@Nullable Exception> broken = new AtomicReference<>();

  StreamedCall(DynamicCall call, Exchange<Object, Object> exchange) {
    this.call = call;
    this.exchange = exchange;
  }

  /**
   * Returns when the call has ended in OK; what has not been read from the source by then stays.
   *
   * @throws RpcException if it ended otherwise
   * @throws IllegalArgumentException if a request does not fit the method
   */
  void run(Source requests, Sink replies) throws IOException, CallFailure {
    if (call.kind().streamsRequests()) {
      Thread.ofVirtual().name("erpc-requests").start(() -> send(requests));
    }
    try {
      for (Object reply : exchange) {
        replies.show(reply);
      }
    } finally {
      explain();
    }
  }

  /** The reason why this side gave up explains more than that it did. */
  private void explain() throws IOException {
    switch (broken.get()) {
      case IOException e -> throw e;
      case IllegalArgumentException e -> throw e;
      case null, default -> {}
    }
  }

  private void send(Source requests) {
    try {
      for (String json = requests.next(); json != null; json = requests.next()) {
        exchange.send(call.request(json));
      }
      exchange.finish();
    } catch (IOException | IllegalArgumentException e) {
      broken.set(e);
      exchange.close();
    } catch (RpcException e) {
      // The call has ended, which whoever reads is told.
      broken.compareAndSet(null, e);
    }
  }
}
