package erpc.center;

import erpc.call.LineLimit;
import erpc.call.Ticker;
import erpc.discovery.wire.Instance;
import java.util.List;
import org.slf4j.Logger;

/**
 * What the log says of servers that come and go: one line per kind and minute, with how many more
 * there were. Thread-safe.
 */
final class RegistryLines {
  private final Logger log;
  private final LineLimit registered;
  private final LineLimit stopped;
  private final LineLimit lost;

  RegistryLines(Logger log, Ticker ticker) {
    this.log = log;
    this.registered = new LineLimit(ticker);
    this.stopped = new LineLimit(ticker);
    this.lost = new LineLimit(ticker);
  }

  void registered(String owner, List<Instance> instances) {
    long more = registered.admit();
    if (more >= 0) {
      log.info(
          "registered {}: {} instances, the first at {}{}",
          owner,
          instances.size(),
          instances.get(0).getAddress(),
          said(more));
    }
  }

  void stopped(Lease lease) {
    long more = stopped.admit();
    if (more >= 0) {
      log.info("stopped {}{}", lease.owner(), said(more));
    }
  }

  void lost(Lease lease, String why) {
    long more = lost.admit();
    if (more >= 0) {
      log.info("lost {}: {}{}", lease.owner(), why, said(more));
    }
  }

  /** Says what was kept back and no line has told for a minute. */
  void flush() {
    flush(registered, "registered");
    flush(stopped, "stopped");
    flush(lost, "lost");
  }

  private void flush(LineLimit limit, String what) {
    long more = limit.overdue();
    if (more > 0) {
      log.info("{} {} more since the last line", what, more);
    }
  }

  private static String said(long more) {
    return more == 0 ? "" : " (and " + more + " more since the last line)";
  }
}
