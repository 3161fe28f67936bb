package erpc.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Printable;
import erpc.protocol.LogLimit;
import erpc.protocol.ServedConnection;
import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections a server has at the same time. When there are as many as may be, a new one
 * closes the one that has been open for longest of those on which nothing was ever answered, and if
 * there is none it is closed itself: strangers who only hold connections keep nobody out.
 * Thread-safe.
 */
public final class ConnectionLimit {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  private final int limit;

  @GuardedBy("this")
  private int open;

  @GuardedBy("this")
  private final Set<Channel> unproven = new LinkedHashSet<>();

  /**
   * A limit.
   *
   * @param limit the most connections
   */
  public ConnectionLimit(int limit) {
    this.limit = limit;
  }

  /** Lets a connection in, or closes it and says false. On its event loop. */
  boolean enters(Channel accepted) {
    Channel oldest = null;
    synchronized (this) {
      if (open >= limit) {
        oldest = oldestUnproven();
        if (oldest == null) {
          oldest = accepted;
        }
      }
      if (oldest != accepted) {
        open++;
        unproven.add(accepted);
      }
    }
    if (oldest != accepted) {
      accepted.closeFuture().addListener(closed -> left(accepted));
    }
    if (oldest != null) {
      turnAway(oldest);
    }
    return oldest != accepted;
  }

  @GuardedBy("this")
  private @Nullable Channel oldestUnproven() {
    for (Iterator<Channel> each = unproven.iterator(); each.hasNext(); ) {
      Channel channel = each.next();
      each.remove(); // Either proven, for good, or to be closed.
      if (channel.isOpen() && !hasAnswered(channel)) {
        return channel;
      }
    }
    return null;
  }

  private static boolean hasAnswered(Channel channel) {
    ServedConnection served = Listening.served(channel);
    return served != null && served.hasAnswered();
  }

  private void turnAway(Channel channel) {
    String more = LogLimit.FAILURES.more("maxConnections");
    if (more != null) {
      LOG.warn(
          "closing the connection from {}: there are as many as there may be, {} (maxConnections),"
              + " and nothing was ever answered on it{}",
          Printable.of(String.valueOf(channel.remoteAddress())),
          limit,
          more);
    }
    channel.close();
  }

  private synchronized void left(Channel channel) {
    open--;
    unproven.remove(channel);
  }
}
