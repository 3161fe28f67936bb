package erpc.discovery;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import erpc.call.Method;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

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

  /**
   * The host at which a stream of {@link #stream} reached the center, once a reply has come: what
   * an instance beside the center is reached at, too.
   */
  default String reachedAt(Incoming<?> replies) {
    return "127.0.0.1";
  }

  /**
   * Opens a stream both ways of a method of {@link CenterMethods}, on a connection that nothing
   * else uses and that lives as long as the stream: what is set of how calls share connections, and
   * how old those become, does not touch it. To be closed. Reading it throws what the call ends in;
   * an interrupt ends it.
   *
   * @return null where there is no such way, which is what this does: a lease is then kept by calls
   *     alone, and lives by its TTL
   */
  default <Q extends Message, R extends Message> @Nullable CenterLine<Q, R> line(
      Method<Q, R> method) {
    return null;
  }
}
