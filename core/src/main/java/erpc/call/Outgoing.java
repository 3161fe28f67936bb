package erpc.call;

/**
 * Messages that go to the other side. One thread sends at a time, which may be another than the one
 * that reads. Not to be used on an event loop.
 *
 * @param <T> the messages
 */
public interface Outgoing<T> {
  /**
   * Sends a message: returns once it has been queued, waiting for room if the other side, or the
   * network, is slower. Messages arrive in order or not at all.
   *
   * @throws RpcException if the call has ended, or the message cannot be encoded
   * @throws IllegalStateException if something is being sent already
   * @throws NullPointerException if there is no message
   */
  void send(T message);
}
