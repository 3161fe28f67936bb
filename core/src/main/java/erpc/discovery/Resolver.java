package erpc.discovery;

import erpc.call.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows the endpoints behind addresses of one scheme. Implementations are thread-safe; any number
 * of watches may be open at a time, and each is independent of the others.
 */
public interface Resolver {
  /** The scheme it knows, {@code ip} of {@code ip://127.0.0.1:8877/demo.hello}. */
  String scheme();

  /**
   * Begins to watch a place, and goes on until the watch is closed. It doesn't wait for an answer;
   * a listener may hear the first one before this method has returned.
   *
   * @param where the address without scheme and method, {@code 127.0.0.1:8877} or {@code
   *     /run/demo.sock}
   * @throws IllegalArgumentException if the place is malformed, saying how it should look
   */
  Watch watch(String where, Listener listener);

  /**
   * The name that certificates of this place's endpoints must have: who was asked for, not where
   * the answer led to.
   *
   * @return null if each endpoint's own host is to be named
   */
  default @Nullable String serverName(String where) {
    return null;
  }

  /**
   * Hears what becomes of a watched place. Calls come on any thread, for one watch never two at a
   * time; news equal to the last is not repeated. They must not block. What a listener throws is
   * logged and changes nothing.
   */
  interface Listener {
    /** The whole list as it is from now on; immutable. Empty: it is known that there is nobody. */
    void endpoints(List<Endpoint> endpoints);

    /** The source failed; the last list is still the best there is. The watch goes on trying. */
    void failed(Status why);
  }

  /** A watch that is going on. Thread-safe. */
  interface Watch extends AutoCloseable {
    /**
     * None of the endpoints that were told takes connections: the source is asked again soon,
     * though not more often than is good for it. Doesn't block. By default nothing happens, as is
     * right where changes come by themselves.
     */
    default void refresh() {}

    /**
     * Ends the watch: once this returns the listener hears nothing more. It waits for a call of the
     * listener that another thread is in, so it must not be called while holding a lock which the
     * listener takes. A listener may close its own watch. Closing again does nothing.
     */
    @Override
    void close();
  }
}
