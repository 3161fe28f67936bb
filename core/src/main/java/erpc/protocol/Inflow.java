package erpc.protocol;

import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What comes in and must be paid for: the credit that the peer has left, and messages that are not
 * whole yet. One a connection, touched only by its event loop.
 */
final class Inflow<S extends Stream> {
  private final Connection<S> connection;
  private int credit = Wire.CONNECTION_WINDOW;
  private int uncredited;
  private long assemblyBytes;

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
    if (dataBytes > Wire.MAX_DATA_BYTES) {
      throw new ProtocolViolation(
          "data part of " + dataBytes + " bytes passes the limit of " + Wire.MAX_DATA_BYTES);
    }
    credit -= dataBytes;
    if (credit < 0) {
      throw new ProtocolViolation("more data than the connection's credit");
    }
    uncredited += dataBytes;
    if (uncredited >= Wire.CONNECTION_WINDOW / 2) {
      giveBack(0, uncredited);
      credit += uncredited;
      uncredited = 0;
    }
  }

  /** The same for a part of an unfinished message, on its stream. */
  private void received(S stream, int dataBytes) {
    stream.receiveCredit -= dataBytes;
    if (stream.receiveCredit < 0) {
      throw new ProtocolViolation(
          "more data than the credit of stream " + Integer.toUnsignedString(stream.id));
    }
    stream.receivedUncredited += dataBytes;
    if (stream.receivedUncredited >= Wire.STREAM_WINDOW / 2) {
      giveBack(stream.id, stream.receivedUncredited);
      stream.receiveCredit += stream.receivedUncredited;
      stream.receivedUncredited = 0;
    }
  }

  private void giveBack(int stream, int amount) {
    FrameWriter writer = connection.writer();
    writer.end(writer.begin(Wire.CREDIT, stream, Integer.BYTES).writeInt(amount));
  }

  /**
   * Takes a frame's part of a message that doesn't fit into one frame.
   *
   * @param more whether more of it is to come
   * @param limit the most bytes the message may have
   * @return null, or why the message cannot be taken
   */
  @Nullable Status assemble(S stream, ByteBuf in, int end, boolean more, int limit) {
    received(stream, end - in.readerIndex());
    Assembly assembly = stream.assembly;
    if (assembly == null) {
      Connection.need(in, end, Wire.ENCODING_BYTES + Wire.TOTAL_BYTES, "message total");
      int encoding = in.readUnsignedByte();
      int total = in.readInt();
      if (total < 0 || total > limit) {
        return Status.of(
            Status.Code.RESOURCE_EXHAUSTED,
            "message of "
                + Integer.toUnsignedString(total)
                + " bytes passes the limit of "
                + limit);
      }
      assembly = new Assembly(encoding, total);
      stream.assembly = assembly;
    }
    int size = end - in.readerIndex();
    int most = connection.settings.maxAssemblyBytes();
    if (assemblyBytes + size > most) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "messages in progress on this connection pass the limit of " + most + " bytes");
    }
    if (!assembly.add(in, size)) {
      return wrongLength(assembly);
    }
    assemblyBytes += size;
    return more || assembly.isWhole() ? null : wrongLength(assembly);
  }

  private static Status wrongLength(Assembly assembly) {
    return Status.of(
        Status.Code.INVALID_ARGUMENT,
        "message is not as long as announced (" + assembly.total + ")");
  }

  /** Lets go of what has arrived of an unfinished message. */
  void forget(S stream) {
    Assembly assembly = stream.assembly;
    if (assembly != null) {
      assemblyBytes -= assembly.length();
      stream.assembly = null;
    }
  }
}
