package erpc.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Writes the messages of streams as frames, as far as there is credit for them. One a connection,
 * touched only by its event loop.
 */
final class MessageWriter<S extends Stream> {
  private final Connection<S> connection;

  MessageWriter(Connection<S> connection) {
    this.connection = connection;
  }

  /** Writes something of a stream of messages, or keeps it until there is credit for it. */
  void send(S stream, StreamMessage message) {
    Outbox outbox = stream.outbox;
    if (outbox == null || connection.streams.get(stream.id) != stream) {
      message.dropped();
    } else if (!outbox.pending.isEmpty() || !canSendAtOnce(stream, message)) {
      outbox.keep(message);
      connection.outflow.sendLater(stream);
    } else {
      writeWhole(stream, outbox, message);
    }
  }

  private boolean canSendAtOnce(S stream, StreamMessage message) {
    return !message.isMessage()
        || (stream.unsentBytes() == 0
            && connection.outflow.canSendAtOnce(stream, Wire.ENCODING_BYTES + message.length));
  }

  private void writeWhole(S stream, Outbox outbox, StreamMessage message) {
    if (message.isMessage()) {
      int bytes = Wire.ENCODING_BYTES + message.length;
      ByteBuf out = connection.writer().beginWhole(Wire.DATA, stream.id, bytes);
      out.writeByte(message.encoding).writeBytes(message.bytes, 0, message.length);
      stream.sendCredit -= bytes;
      connection.outflow.spend(bytes);
    } else if (message.headers != null) {
      connection.writeHeaders(stream, message.headers);
    } else {
      connection.writer().end(connection.writer().begin(Wire.DATA | Wire.END, stream.id, 0));
    }
    outbox.left(message);
  }

  /**
   * Writes the next frame of what a stream keeps.
   *
   * @return true if more frames of it are to come
   */
  boolean writeKept(S stream, Outbox outbox, int mostData) {
    StreamMessage message = outbox.pending.peek();
    if (message != null && message.isMessage()) {
      writePart(stream, outbox, message, mostData);
    }
    // What costs no credit must not wait for any.
    for (message = outbox.pending.peek();
        message != null && !message.isMessage();
        message = outbox.pending.peek()) {
      outbox.pending.poll();
      writeWhole(stream, outbox, message);
    }
    if (message == null) {
      connection.written(stream);
    }
    return message != null;
  }

  private void writePart(S stream, Outbox outbox, StreamMessage message, int mostData) {
    boolean first = message.sent == 0;
    boolean whole = first && Wire.ENCODING_BYTES + message.length <= mostData;
    int prefix = !first ? 0 : whole ? Wire.ENCODING_BYTES : Wire.ENCODING_BYTES + Wire.TOTAL_BYTES;
    int bytes = Math.min(mostData - prefix, message.bytesLeft());
    boolean last = bytes == message.bytesLeft() && (whole || !first);
    ByteBuf out =
        connection
            .writer()
            .begin(last ? Wire.DATA : Wire.DATA | Wire.MORE, stream.id, prefix + bytes);
    if (first) {
      out.writeByte(message.encoding);
      if (!whole) {
        out.writeInt(message.length);
      }
    }
    out.writeBytes(message.bytes, message.sent, bytes);
    connection.writer().end(out);
    message.sent += bytes;
    outbox.pendingBytes -= bytes;
    stream.sendCredit -= prefix + bytes;
    connection.outflow.spend(prefix + bytes);
    if (last) {
      outbox.pending.poll();
      outbox.left(message);
    }
  }
}
