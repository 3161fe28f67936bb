package erpc.call;

import org.jspecify.annotations.Nullable;

/**
 * A function around a call, on either side: it sees the request on its way in and the reply, or the
 * {@link RpcException}, on its way out, and may change, refuse or repeat it. One instance serves
 * many calls at once, so it must be thread-safe.
 *
 * <p>Of a call with streams it sees the opening on a client, and all that the handler does on a
 * server; the messages are seen by what {@link #messages} returns. The body of the reply that
 * {@code next.call} gives stands for them. A filter that puts another body in its place answers the
 * call itself: with one message, or, where the method streams its replies, with an {@link Iterable}
 * of them.
 */
@FunctionalInterface
public interface Filter {
  /**
   * Handles the call, normally by {@code next.call(request)}.
   *
   * @throws Exception what the call is to end with; anything but an {@link RpcException} becomes
   *     INTERNAL. Whether the call was started is not the filter's to say: its status is given what
   *     is known of that
   */
  Reply<?> call(Request<?, ?> request, Next next) throws Exception;

  /**
   * Whether it may block. On the server one that may moves an inline method off the event loop. On
   * a client every filter waits for the reply inside {@code next.call}, so an asynchronous call
   * with filters takes a virtual thread.
   */
  default boolean mayBlock() {
    return true;
  }

  /**
   * On the server, whether it wants messages: {@code request.body()} is then the decoded object.
   * Otherwise the body is the encoded bytes as a read-only {@link java.nio.ByteBuffer}, and calls
   * this filter refuses cost no decoding.
   */
  default boolean wantsMessages() {
    return false;
  }

  /**
   * What sees the messages of a call with streams: asked once for each such call, right before
   * {@link #call}, on either side.
   *
   * @param request as it comes to this filter
   * @return null if it is to see none
   */
  default @Nullable MessageFilter messages(Request<?, ?> request) {
    return null;
  }

  /** The rest of the way. */
  @FunctionalInterface
  interface Next {
    /**
     * Goes on with the call and waits for its outcome. To be used before the filter returns; after
     * that it throws.
     */
    Reply<?> call(Request<?, ?> request) throws Exception;
  }
}
