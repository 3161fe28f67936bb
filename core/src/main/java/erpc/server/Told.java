package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.LineLimit;
import erpc.call.Ticker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that a state has begun, at most once a minute, and that it has ended if its
 * beginning was said. Thread-safe.
 */
final class Told {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  private final String what;
  private final LineLimit lines;

  @GuardedBy("this")
  private boolean saysEnd;

  /** Lines about something, which they begin with. */
  Told(String what, Ticker ticker) {
    this.what = what;
    this.lines = new LineLimit(ticker);
  }

  void tell(String news, boolean begins) {
    long more = 0;
    synchronized (this) {
      if (begins) {
        more = lines.admit();
        saysEnd = more >= 0;
      } else if (!saysEnd) {
        return;
      }
      saysEnd &= begins;
    }
    if (more >= 0) {
      LOG.warn(
          "{}{}{}", what, news, more == 0 ? "" : " (" + more + " more times since the last line)");
    }
  }
}
