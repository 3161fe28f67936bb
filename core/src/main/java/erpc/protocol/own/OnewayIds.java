package erpc.protocol.own;

import erpc.call.LineLimit;
import erpc.call.Printable;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last one-way calls that were sent on a connection: their senders have been told that they
 * were, so a GOAWAY that says otherwise is heard here. Belongs to the connection's event loop.
 */
final class OnewayIds {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LineLimit LINES = new LineLimit();

  /** More than this are not counted; as many may be under way to a server that drains. */
  private static final int MOST = 1_024;

  private static final AtomicLong LOST = new AtomicLong();

  private int[] ids = {};
  private int sent;

  /** Whether there were any. */
  boolean wereSent() {
    return ids.length > 0;
  }

  void sent(int id) {
    if (ids.length == 0) {
      ids = new int[MOST];
    }
    ids[sent++ & MOST - 1] = id;
    if (sent < 0) {
      sent = MOST; // Past 2^31: it is full in any case.
    }
  }

  /** Logs and returns how many of them have certainly not been started, as their server says. */
  int reportNotStarted(int last, SocketAddress server) {
    int lost = 0;
    for (int i = Math.min(sent, MOST) - 1; i >= 0; i--) {
      lost += Integer.compareUnsigned(ids[i], last) > 0 ? 1 : 0;
    }
    sent = 0;
    if (lost > 0) {
      LOST.addAndGet(lost);
      if (LINES.admit() >= 0) {
        LOG.warn(
            "{} one-way calls to {} and before were not started, as their server was draining; they"
                + " are not sent again",
            LOST.getAndSet(0),
            Printable.of(server.toString()));
      }
    }
    return lost;
  }
}
