package erpc.trace;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/**
 * Sees calls, each once however many tries it takes: spans, metrics and logs are built on it. One
 * instance sees many calls at once, so it must be thread-safe.
 *
 * <p>An observer keeps what it needs of a call in an object of its own, which {@link #begin}
 * returns and every later event of that call gets. The events of one call never overlap, each sees
 * what earlier ones have written, and {@link #ended} is the last. They may run on different threads
 * and on event loops: they must be quick and must not block. What they throw is logged and harms
 * nobody.
 *
 * <p>Events that an observer does not implement cost nothing.
 */
public interface CallObserver {
  /**
   * A call begins; on a server one that will be refused, too.
   *
   * @param call what is known of it, valid until this returns
   * @return what later events are to get; null to be told nothing more of this call
   */
  @Nullable Object begin(CallView call);

  /**
   * On a client: a try begins, and its endpoint has been picked. On a server, told once: what the
   * call had to wait for is over, and filters and handler run from here on.
   *
   * @param kept what {@link #begin} returned
   */
  default void tryBegun(Object kept, CallView call) {}

  /**
   * The request of a try has been written to its connection, or, if requests are streamed, what
   * opens the stream. Only on clients, once per try, or as often as a filter around tries sends it.
   *
   * @param kept what {@link #begin} returned
   */
  default void sent(Object kept, CallView call) {}

  /**
   * The first frame of the answer to a try has arrived. Only on clients, once per try at most.
   *
   * @param kept what {@link #begin} returned
   */
  default void firstByte(Object kept, CallView call) {}

  /**
   * A try has failed, and another one follows, at once or after a pause. Only on clients.
   *
   * @param kept what {@link #begin} returned
   * @param why what the try ended in, with its endpoint
   */
  default void retried(Object kept, CallView call, Status why) {}

  /**
   * The call has ended. Nothing follows.
   *
   * @param kept what {@link #begin} returned
   * @param status what its caller gets; on a server what it was answered with
   */
  default void ended(Object kept, CallView call, Status status) {}
}
