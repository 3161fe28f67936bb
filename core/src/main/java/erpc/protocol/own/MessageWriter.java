package erpc.protocol.own;

import io.netty.buffer.ByteBuf;

/**
 * Writes the messages of streams as frames, as far as there is credit for them. One per connection,
 * touched only by its event loop.
 */
final class MessageWriter<S extends Stream> {
  private final Connection<S> connection;

  MessageWriter(Connection<S> connection) {
    this.connection = connection;
  }

  /** Writes something of a stream of messages, or keeps it until there is credit for it. */
  void send(S stream, StreamOutbound item) {
    Outbox outbox = stream.outbox();
    if (outbox == null || connection.streams.get(stream.id) != stream) {
      item.dropped();
    } else if (outbox.hasPending() || !canSendAtOnce(stream, item.dataBytes())) {
      outbox.addPending(item);
      connection.outflow.sendLater(stream);
    } else if (item instanceof StreamBatch batch) {
      writeFrames(stream, outbox, batch);
    } else {
      writeWhole(stream, outbox, (StreamMessage) item);
    }
  }

  private boolean canSendAtOnce(S stream, int dataBytes) {
    return dataBytes == 0
        || (stream.unsentBytes() == 0 && connection.outflow.canSendAtOnce(stream, dataBytes));
  }

  private void writeFrames(S stream, Outbox outbox, StreamBatch batch) {
    connection.writer().frames(stream.id, batch.bytes, batch.from(), batch.until(), batch.frames());
    connection.outflow.spend(stream, batch.dataBytes(), batch.frames());
    outbox.released(batch.aheadBytes());
  }

  private void writeWhole(S stream, Outbox outbox, StreamMessage message) {
    if (message.isMessage()) {
      int bytes = message.dataBytes();
      ByteBuf out = connection.writer().beginWhole(Wire.DATA, stream.id, bytes);
      out.writeByte(message.encoding).writeBytes(message.bytes, 0, message.length);
      connection.outflow.spend(stream, bytes);
    } else if (message.headers != null) {
      connection.writeHeaders(stream, message.headers);
    } else {
      connection.writer().end(connection.writer().begin(Wire.DATA | Wire.END, stream.id, 0));
    }
    outbox.released(message.aheadBytes());
  }

  /**
   * Writes the next frames of what a stream keeps.
   *
   * @return true if more frames of it are to come
   */
  boolean writePending(S stream, Outbox outbox, int mostData) {
    StreamOutbound item = outbox.firstPending();
    if (item instanceof StreamBatch batch) {
      writePartOfBatch(stream, outbox, batch, mostData);
    } else if (item instanceof StreamMessage message && message.isMessage()) {
      writePart(stream, outbox, message, mostData);
    }
    // What costs no credit must not wait for any.
    for (item = outbox.firstPending();
        item instanceof StreamMessage message && !message.isMessage();
        item = outbox.firstPending()) {
      outbox.removePending();
      writeWhole(stream, outbox, message);
    }
    if (item == null) {
      connection.messagesWritten(stream);
    }
    return item != null;
  }

  /** Writes the first frames of a batch, or a part of its first message. */
  private void writePartOfBatch(S stream, Outbox outbox, StreamBatch batch, int mostData) {
    StreamBatch some = outbox.splitPending(batch, mostData);
    if (some.isEmpty()) {
      writePart(stream, outbox, outbox.cutPending(batch), mostData);
    } else {
      writeFrames(stream, outbox, some);
    }
  }

  private void writePart(S stream, Outbox outbox, StreamMessage message, int mostData) {
    int data = MessageCut.dataBytes(message.length, message.sent, mostData);
    boolean last = MessageCut.isLast(message.length, message.sent, mostData);
    ByteBuf out =
        connection.writer().begin(last ? Wire.DATA : Wire.DATA | Wire.MORE, stream.id, data);
    int before = message.sent;
    message.writeNext(out, mostData);
    outbox.writtenOfPending(message.sent - before);
    connection.writer().end(out);
    connection.outflow.spend(stream, data);
    if (last) {
      outbox.removePending();
      outbox.released(message.aheadBytes());
    }
  }
}
