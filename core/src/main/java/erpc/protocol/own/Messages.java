package erpc.protocol.own;

import erpc.call.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What only a stream of messages has: where they come in and go out, and how long either side waits
 * for the other. Its connection's event loop's.
 */
final class Messages extends StreamParts {
  /** What has come. */
  final Inbox inbox;

  /** What is sent; null if there is one message at most, which is the stream's own. */
  final @Nullable Outbox outbox;

  /** How long one side may wait for the other. */
  private final long progressNanos;

  /**
   * Since when messages wait for the other side to take them, though their sender has finished, on
   * the connection's ticker; 0 if none do.
   */
  private long leftSinceNanos;

  /** Whether the server is told when it ends. */
  private final boolean timed;

  /** Whether headers may come no more, since a message has come. */
  private boolean headersClosed;

  /** Whether its status is known and goes out behind the messages that are kept. */
  private boolean replyWaits;

  Messages(
      Inbox inbox, @Nullable Outbox outbox, long progressNanos, boolean timed, long deadlineNanos) {
    super(deadlineNanos);
    this.inbox = inbox;
    this.outbox = outbox;
    this.progressNanos = progressNanos;
    this.timed = timed;
  }

  boolean isTimed() {
    return timed;
  }

  boolean areHeadersClosed() {
    return headersClosed;
  }

  /** A message has come. */
  void closeHeaders() {
    headersClosed = true;
  }

  boolean isReplyWaiting() {
    return replyWaits;
  }

  void setReplyWaits(boolean value) {
    replyWaits = value;
  }

  /** When it is to be looked at first. */
  long firstLookNanos(long nowNanos) {
    return nowNanos + Math.min(deadlineNanos - nowNanos, progressNanos);
  }

  /** Their sender has finished, and they wait still. */
  void leftWaiting(long nowNanos) {
    leftSinceNanos = nowNanos;
  }

  /** The other side has taken some of what was left waiting, if there is any. */
  void someTaken(long nowNanos) {
    if (leftSinceNanos != 0) {
      leftSinceNanos = nowNanos;
    }
  }

  /** None wait any more. */
  void allTaken() {
    leftSinceNanos = 0;
  }

  /**
   * How long either side may still wait; 0 or less if it has waited too long.
   *
   * @param awakeSinceNanos nobody has waited since before that
   */
  long leftNanos(long nowNanos, long awakeSinceNanos) {
    long reading = waited(inbox.waitingSince(), nowNanos, awakeSinceNanos);
    long sending = waited(sendingSince(), nowNanos, awakeSinceNanos);
    return progressNanos - Math.max(reading, sending);
  }

  /** Why it ends when that is over. */
  Status tooLate(long nowNanos, long awakeSinceNanos) {
    long reading = waited(inbox.waitingSince(), nowNanos, awakeSinceNanos);
    long sending = waited(sendingSince(), nowNanos, awakeSinceNanos);
    String what = reading >= sending ? "no message" : "no room for a message";
    return tooLate(what + " from the other side", progressNanos);
  }

  /** Since when messages have waited for the other side; 0 if they do not. */
  private long sendingSince() {
    long sender = outbox == null ? 0 : outbox.waitingSince();
    return sender == 0 ? leftSinceNanos : sender;
  }

  private static long waited(long sinceNanos, long nowNanos, long awakeSinceNanos) {
    if (sinceNanos == 0) {
      return -1;
    }
    return nowNanos - (sinceNanos - awakeSinceNanos >= 0 ? sinceNanos : awakeSinceNanos);
  }

  /** What ends a call for which something has not come in time. */
  static Status tooLate(String what, long limitNanos) {
    return Status.of(
        Status.Code.DEADLINE_EXCEEDED,
        what + " within " + TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms (progressTimeout)");
  }
}
