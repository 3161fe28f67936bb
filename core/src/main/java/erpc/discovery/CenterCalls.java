package erpc.discovery;

import com.google.protobuf.Message;
import java.time.Duration;

/**
 * How discovery calls the center: a function that whoever owns a client hands in, so that this
 * package knows none. Thread-safe.
 */
@FunctionalInterface
public interface CenterCalls {
  /**
   * Calls a method of {@link CenterMethods} and waits for the reply. An interrupt ends the wait.
   *
   * @throws erpc.call.RpcException if it ended in anything but OK; UNAVAILABLE at once while no
   *     center can be reached
   */
  <Q extends Message, R extends Message> R call(
      String method, Q request, Class<R> replyType, Duration timeout);
}
