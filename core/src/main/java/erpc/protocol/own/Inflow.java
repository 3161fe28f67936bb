package erpc.protocol.own;

import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What comes in and must be paid for: the credit that the peer has left, and messages that are not
 * whole yet. One per connection, touched only by its event loop.
 */
final class Inflow<S extends Stream> {
  /** Below it every byte that is taken is given back at once; see docs/protocol.md. */
  private static final int SHORT_CREDIT = Wire.CONNECTION_WINDOW / 4;

  /** What has come on a stream and has to be paid for. Changed by the inflow alone. */
  static final class Window {
    private int credit = Wire.STREAM_WINDOW;
    private int uncredited;

    /** Data of messages in the inbox, or on their way there, that the peer has no credit for. */
    private int heldBytes;

    private @Nullable Assembly assembly;

    private Window() {}

    /** A message of several frames on its way, or null. */
    @Nullable Assembly assembly() {
      return assembly;
    }

    /** Whether the sender of a message that has begun has no credit to go on. */
    boolean isSpent() {
      return credit <= 0;
    }
  }

  private final Connection<S> connection;

  /** Whether little credit is left to give, which is {@linkplain Published published}. */
  private boolean isShort;

  private int credit = Wire.CONNECTION_WINDOW;
  private int uncredited;
  private long assemblyBytes;

  /** Of messages in inboxes, and of parts of streams' messages. */
  private long waitingBytes;

  /** What was held when the connection counted last. */
  private long countedBytes;

  Inflow(Connection<S> connection) {
    this.connection = connection;
  }

  /**
   * Accounts for the data part of a frame on the connection, and gives the credit back when half is
   * used.
   *
   * @throws ProtocolViolation if there was no credit for it
   */
  void received(int dataBytes) {
    charge(dataBytes);
    settle(dataBytes);
  }

  /**
   * Takes the data part of a frame off the connection's credit.
   *
   * @throws ProtocolViolation if there was no credit for it
   */
  void charge(int dataBytes) {
    if (dataBytes > Wire.MAX_DATA_BYTES) {
      throw new ProtocolViolation(
          "data part of " + dataBytes + " bytes passes the limit of " + Wire.MAX_DATA_BYTES);
    }
    credit -= dataBytes;
    if (credit < 0) {
      throw new ProtocolViolation("more data than the connection's credit");
    }
    if (credit < SHORT_CREDIT && !isShort) {
      runShort();
    }
  }

  /** There is room again for what was charged. */
  void settle(int dataBytes) {
    uncredited += dataBytes;
    if (uncredited >= Wire.CONNECTION_WINDOW / 2 || (isShort && uncredited > 0)) {
      giveBack(0, uncredited);
      credit += uncredited;
      uncredited = 0;
      if (isShort && credit >= 2 * SHORT_CREDIT) {
        setShort(false);
      }
    }
  }

  private void setShort(boolean value) {
    isShort = value;
    connection.published.setCreditShort(value);
  }

  /** What has come on a stream; it gets one with the first that has to be paid for. */
  private Window window(S stream) {
    Window found = stream.receiveWindow();
    if (found == null) {
      found = new Window();
      stream.parts().setReceiveWindow(found);
    }
    return found;
  }

  private void chargeStream(S stream, Window window, int dataBytes) {
    window.credit -= dataBytes;
    if (window.credit < 0) {
      throw new ProtocolViolation(
          "more data than the credit of stream " + Integer.toUnsignedString(stream.id));
    }
  }

  private void settleStream(Stream stream, Window window, int dataBytes) {
    window.uncredited += dataBytes;
    // While the connection has little left, its sender gives no stream more than a share of that:
    // half a window might never come together.
    if (window.uncredited >= Wire.STREAM_WINDOW / 2 || (isShort && window.uncredited > 0)) {
      giveBack(stream.id, window.uncredited);
      window.credit += window.uncredited;
      window.uncredited = 0;
    }
  }

  private void giveBack(int stream, int amount) {
    if (connection.whyClosed() != null) {
      return; // Streams that end one after the other once it is closed.
    }
    FrameWriter writer = connection.writer();
    writer.end(writer.begin(Wire.CREDIT, stream, Integer.BYTES).writeInt(amount));
  }

  /**
   * Takes a frame's part of a message that doesn't fit into one frame, and is all that its stream
   * will bring. Nobody but the connection takes parts of it, so its first part is answered with
   * credit for all others: its sender never waits for a reader, and the connection's credit bounds
   * what is on its way.
   *
   * @param more whether more of it is to come
   * @param limit the most bytes the message may have
   * @return null, or why the message cannot be taken
   */
  @Nullable Status assemble(S stream, ByteBuf in, int end, boolean more, int limit) {
    Window window = window(stream);
    chargeStream(stream, window, end - in.readerIndex());
    Status wrong = add(stream, window, in, end, more, limit);
    Assembly assembly = window.assembly;
    if (wrong == null && assembly != null && assembly.missing() > window.credit) {
      int lacking = assembly.missing() - window.credit;
      window.credit += lacking;
      giveBack(stream.id, lacking);
    }
    return wrong;
  }

  // ---- streams of messages

  /**
   * Takes the data part of a frame of a stream of messages, which was {@linkplain #charge charged}
   * to the connection: whole messages go into the inbox, and their credit comes back when they are
   * taken out.
   *
   * @param more whether the message goes on in the next frame
   * @return null, or why the message cannot be taken
   */
  @Nullable Status take(S stream, Inbox inbox, ByteBuf in, int end, boolean more, int limit) {
    int size = end - in.readerIndex();
    Window window = window(stream);
    chargeStream(stream, window, size);
    window.heldBytes += size;
    waitingBytes += size;
    if (more || window.assembly != null) {
      return takePart(stream, window, inbox, in, end, more, limit);
    }
    if (size == 0) {
      return null;
    }
    if (!hasRoomFor(size)) {
      return connection.share.refusal();
    }
    int encoding = in.readUnsignedByte();
    if (size - 1 > limit) {
      return tooLong(size - 1, limit);
    }
    if (!inbox.add(encoding, in, size - 1, size)) {
      collect(stream);
    }
    return null;
  }

  private @Nullable Status takePart(
      S stream, Window window, Inbox inbox, ByteBuf in, int end, boolean more, int limit) {
    int size = end - in.readerIndex();
    Status wrong = add(stream, window, in, end, more, limit);
    Assembly assembly = window.assembly;
    if (wrong != null || assembly == null) {
      return wrong;
    }
    assembly.owed += size;
    if (!more) {
      int owed = assembly.owed;
      ByteBuf whole = assembly.deliver();
      forgetAssembly(window);
      boolean wanted = inbox.add(assembly.encoding, whole, assembly.length(), owed);
      assembly.release();
      if (!wanted) {
        collect(stream);
      }
    } else if (!inbox.deferCredit()) {
      giveBackParts(stream, window, assembly);
    }
    return null;
  }

  private void giveBackParts(Stream stream, Window window, Assembly assembly) {
    int owed = assembly.owed;
    assembly.owed = 0;
    release(stream, window, owed);
  }

  /** Gives back credit for what the reader has taken meanwhile. */
  void collect(Stream stream) {
    Inbox inbox = stream.inbox();
    if (inbox == null) {
      return;
    }
    // In any case, or the reader would believe that this is still to come.
    int taken = inbox.collect();
    Window window = stream.receiveWindow();
    if (window == null) {
      return; // Nothing has come yet.
    }
    release(stream, window, taken);
    Assembly assembly = window.assembly;
    if (assembly != null && inbox.takeDeferredCredit()) {
      giveBackParts(stream, window, assembly);
    }
    if (window.heldBytes > 0 && inbox.isDiscarding()) {
      // What its reader has with it and will not look at any more.
      release(stream, window, window.heldBytes);
      if (assembly != null) {
        assembly.owed = 0;
      }
    }
  }

  private void release(Stream stream, Window window, int dataBytes) {
    int most = Math.min(dataBytes, window.heldBytes);
    if (most > 0) {
      window.heldBytes -= most;
      waitingBytes -= most;
      settleStream(stream, window, most);
      settle(most);
    }
  }

  /** Collects what every reader has taken, and has them tell of each byte from now on. */
  private void runShort() {
    setShort(true);
    settle(0);
    for (S each : connection.streams.values()) {
      collect(each);
      Window window = each.receiveWindow();
      if (window != null) {
        settleStream(each, window, 0);
      }
    }
  }

  private static Status tooLong(int length, int limit) {
    return Status.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "message of "
            + Integer.toUnsignedString(length)
            + " bytes passes the limit of "
            + limit
            + " (maxMessageBytes)");
  }

  // ---- how much is held

  /** Bytes that have arrived and that nobody has taken. */
  long heldBytes() {
    return assemblyBytes + waitingBytes;
  }

  /** Bytes that messages hold which are not whole. */
  long assemblyBytes() {
    return assemblyBytes;
  }

  /** Whether the connection may hold so much more, what came since it was last counted included. */
  private boolean hasRoomFor(int bytes) {
    return connection.share.hasRoomFor(Math.max(0, heldBytes() - countedBytes) + bytes);
  }

  /** What is held is counted now. */
  void counted() {
    countedBytes = heldBytes();
  }

  // ---- messages of several frames

  private @Nullable Status add(
      S stream, Window window, ByteBuf in, int end, boolean more, int limit) {
    Assembly assembly = window.assembly;
    if (assembly == null) {
      Payload.need(in, end, Wire.ENCODING_BYTES + Wire.TOTAL_BYTES, "message total");
      int encoding = in.readUnsignedByte();
      int total = in.readInt();
      if (total < 0 || total > limit) {
        return tooLong(total, limit);
      }
      assembly = new Assembly(encoding, total, connection.batch.nowNanos());
      window.assembly = assembly;
      connection.unfinished.messageCame(stream);
      connection.unfinished.checkLater(stream);
    }
    int size = end - in.readerIndex();
    int growth = assembly.growth(size);
    if (!hasRoomFor(growth) || !connection.memory.incomplete().isRoomyFor(assemblyBytes + growth)) {
      return connection.share.refusal();
    }
    int most = connection.settings.maxAssemblyBytes();
    if (assemblyBytes + size > most) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "messages in progress on this connection pass the limit of "
              + most
              + " bytes (maxAssemblyBytes)");
    }
    int before = assembly.capacity();
    if (!assembly.add(in, size)) {
      return wrongLength(assembly);
    }
    assemblyBytes += assembly.capacity() - before;
    assembly.grown(connection.batch.nowNanos());
    return more || assembly.isWhole() ? null : wrongLength(assembly);
  }

  private static Status wrongLength(Assembly assembly) {
    return Status.of(
        Status.Code.INVALID_ARGUMENT,
        "message is not as long as announced (" + assembly.total + ")");
  }

  /** Lets go of what has arrived and was not taken; the connection's credit for it is due. */
  void forget(S stream) {
    Window window = stream.receiveWindow();
    if (window == null) {
      return;
    }
    forgetAssembly(window);
    if (window.heldBytes > 0) {
      int held = window.heldBytes;
      window.heldBytes = 0;
      waitingBytes -= held;
      settle(held);
    }
  }

  /** The same, of a stream whose connection has ended: there is nobody to give credit to. */
  void forgetLost(S stream) {
    Window window = stream.receiveWindow();
    if (window != null) {
      window.heldBytes = 0;
      forgetAssembly(window);
    }
  }

  private void forgetAssembly(Window window) {
    Assembly assembly = window.assembly;
    if (assembly != null) {
      assemblyBytes -= assembly.capacity();
      if (!assembly.isDelivered()) {
        assembly.release();
      }
      window.assembly = null;
    }
  }
}
