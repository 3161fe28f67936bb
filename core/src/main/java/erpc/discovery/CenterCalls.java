package erpc.discovery;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import java.time.Duration;

/**
 * How discovery calls the center: functions that whoever owns a client hands in, so that this
 * package knows none. Thread-safe.
 */
public interface CenterCalls {
  /**
   * Calls a method of {@link CenterMethods} and waits for the reply. An interrupt ends the wait.
   *
   * @throws erpc.call.RpcException if it ended in anything but OK; UNAVAILABLE at once while no
   *     center can be reached
   */
  <Q extends Message, R extends Message> R call(
      String method, Q request, Class<R> replyType, Duration timeout);

  /**
   * Opens a stream of a method of {@link CenterMethods}. Reading it throws what the call ends in,
   * as {@link #call} does; an interrupt ends it.
   */
  <Q extends Message, R extends Message> Incoming<R> stream(
      String method, Q request, Class<R> replyType);
}
