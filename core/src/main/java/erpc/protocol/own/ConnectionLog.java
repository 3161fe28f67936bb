package erpc.protocol.own;

import erpc.call.Printable;
import erpc.call.Thrown;
import erpc.protocol.LogLimit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.NotYetConnectedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is logged of connections, in no more lines than anybody would read. Thread-safe. */
final class ConnectionLog {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");

  private ConnectionLog() {}

  /** A peer did what it must not. */
  static void refused(SocketAddress peer, String what) {
    String more = LogLimit.STRANGERS.more(peer);
    if (more != null) {
      LOG.warn(
          "closing the connection with {}: {}{}",
          Printable.of(peer.toString()),
          Printable.of(what),
          more);
    }
  }

  /** Whether it says no more than that a connection is gone; some sockets have odd words for it. */
  static boolean isOrdinary(Throwable cause) {
    return cause instanceof IOException || cause instanceof NotYetConnectedException;
  }

  /** Something failed here, as may on each connection when memory is short. */
  static void broke(SocketAddress peer, String what, Throwable cause) {
    String more = LogLimit.FAILURES.more(what + cause.getClass().getName());
    if (more != null) {
      String text = what + " the connection with " + Printable.of(peer.toString());
      Thrown.error(LOG, text + "; it is closed" + more, cause);
    }
  }
}
