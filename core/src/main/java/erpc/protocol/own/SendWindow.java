package erpc.protocol.own;

/**
 * What a stream may send that has more to send than one frame takes. Belongs to the connection's
 * {@link Outflow}.
 */
final class SendWindow {
  /** A frame for less than a message's prefix and a byte would be all header. */
  static final int LEAST_CREDIT = Wire.ENCODING_BYTES + Wire.TOTAL_BYTES;

  /** With so much of the connection's credit left, every stream may use up its own. */
  private static final int ENOUGH_CREDIT = Wire.CONNECTION_WINDOW / 4;

  /**
   * With less left, what a stream may have sent ahead of its reader falls with the square of that:
   * to nearly a whole window at first, and to {@link #LEAST_SHARE} at the end. So there is
   * something left for the others after some 200 readers that stand still, not 32.
   */
  private static final long SHARE_DIVISOR =
      (long) ENOUGH_CREDIT * ENOUGH_CREDIT / Wire.STREAM_WINDOW;

  private static final int LEAST_SHARE = 2 * 1024;

  /** Less room than this is not worth a frame. */
  private static final int LEAST_PART = 512;

  /** The credit it started with, and what is left of it. */
  private final int granted;

  private int credit;

  // What the outflow notes of it.

  /** True while it waits in the round of large messages. */
  boolean inRound;

  /** True while it has something to send and waits for credit. */
  boolean heldUp;

  /** What of its messages is counted as waiting, and in which of the two sums. */
  int countedBytes;

  boolean countedApart;

  SendWindow(int granted) {
    this.granted = granted;
    this.credit = granted;
  }

  /** Two credits together. */
  static int sum(int credit, int amount) {
    if (credit > Integer.MAX_VALUE - amount) {
      throw new ProtocolViolation("CREDIT past 2^31 - 1");
    }
    return credit + amount;
  }

  /** The peer has room for more. */
  void add(int amount) {
    credit = sum(credit, amount);
  }

  /** So much was sent. */
  void spend(int dataBytes) {
    credit -= dataBytes;
  }

  /** Bytes that were sent and that the reader has not given back as credit. */
  int unpaidBytes() {
    return granted - credit;
  }

  /**
   * Whether the peer has room for more of this stream, whatever others send.
   *
   * @param begun whether a message has begun: its next part may be a byte, and the peer may give
   *     credit for no more than its rest
   */
  boolean isOpen(boolean begun) {
    return credit > (begun ? 0 : LEAST_CREDIT);
  }

  /**
   * Bytes that it may send now.
   *
   * @param connectionCredit what all streams together may send
   * @param streams whether it is a stream of messages, whose reader may stand still for long
   */
  int room(int connectionCredit, boolean streams) {
    int most = Math.min(credit, connectionCredit);
    if (!streams || connectionCredit >= ENOUGH_CREDIT) {
      return most;
    }
    long square = (long) connectionCredit * connectionCredit;
    int share = (int) Math.max(LEAST_SHARE, square / SHARE_DIVISOR);
    return Math.min(most, share - unpaidBytes());
  }

  /**
   * Whether that is worth a frame.
   *
   * @param begun as for {@link #isOpen}
   */
  boolean hasRoom(int connectionCredit, boolean streams, boolean begun) {
    if (!isOpen(begun)) {
      return false;
    }
    int room = room(connectionCredit, streams);
    return !streams || room >= LEAST_PART || room == credit;
  }
}
