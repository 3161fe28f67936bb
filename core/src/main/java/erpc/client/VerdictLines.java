package erpc.client;

import erpc.call.LineLimit;
import erpc.call.Ticker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's lines about the verdicts of one place. They are written where calls end, and a place
 * may lose all of very many endpoints at once, so only some of them are. Thread-safe.
 */
final class VerdictLines {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");

  /** In a minute. */
  private static final int MOST = 20;

  private final String place;
  private final LineLimit limit;

  VerdictLines(String place, Ticker ticker) {
    this.place = place;
    this.limit = new LineLimit(ticker, MOST);
  }

  /** A verdict has changed. */
  void tell(String change) {
    long before = limit.admit();
    if (before >= 0) {
      String more = before == 0 ? "" : " (" + before + " such lines were left out before)";
      LOG.warn("{}: {}{}", place, change, more);
    }
  }
}
