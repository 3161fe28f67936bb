package erpc.call;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The other end of a connection. Thread-safe. */
public interface Peer {
  /** Its address as this side sees it. */
  SocketAddress address();

  /** True if it runs on this machine: a loopback address, a Unix socket or the same process. */
  boolean isSameMachine();

  /** True if the connection speaks TLS. */
  default boolean isSecure() {
    return false;
  }

  /**
   * Who its TLS certificate says it is: the first URI among its alternative names, as {@code
   * spiffe://example.org/billing}, else the first DNS name; null if it showed none.
   */
  default @Nullable String identity() {
    return null;
  }

  /** True once the connection has closed. */
  default boolean isClosed() {
    return false;
  }

  /**
   * True once the connection has closed though the other side had not said that it would: its
   * process may be gone, or the network between.
   */
  default boolean isLost() {
    return false;
  }

  /**
   * Runs the action once the connection has closed, or at once if it already has. It runs on the
   * connection's event loop and must not block.
   */
  void onClose(Runnable action);
}
