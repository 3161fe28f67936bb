package erpc.call;

import java.net.SocketAddress;

/** The other end of a connection. Thread-safe. */
public interface Peer {
  /** Its address as this side sees it. */
  SocketAddress address();

  /** True if it runs on this machine: a loopback address, a Unix socket or the same process. */
  boolean isSameMachine();

  /**
   * Runs the action once the connection has closed, or at once if it already has. It runs on the
   * connection's event loop and must not block.
   */
  void onClose(Runnable action);
}
