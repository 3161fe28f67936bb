package erpc.call;

/**
 * What a {@link Filter} makes of the messages of one call with streams, on the side where it
 * stands. Requests pass the outermost filter first, replies the innermost.
 *
 * <p>{@link #request} and {@link #reply} may run at the same time, on the threads that send and
 * read the messages, each of them once at a time; they may block as these may. {@link #ended} comes
 * after both. Whatever they throw but an {@link RpcException} becomes INTERNAL.
 */
public interface MessageFilter {
  /**
   * A message on its way to the handler.
   *
   * @return what goes on in its place, normally the same; never null
   * @throws RpcException to refuse it: the call ends with that status
   */
  default Object request(Object message) {
    return message;
  }

  /**
   * A message on its way to the caller.
   *
   * @return what goes on in its place, normally the same; never null
   * @throws RpcException to refuse it: the call ends with that status
   */
  default Object reply(Object message) {
    return message;
  }

  /**
   * The call has ended; once, with the status that it ends in on this side. On the server once the
   * handler has finished, too.
   */
  default void ended(Status status) {}
}
