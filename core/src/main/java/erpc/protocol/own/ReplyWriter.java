package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.InboundCall;
import io.netty.buffer.ByteBuf;

/**
 * Writes what a server's connection answers: replies, and the status of each call, with the numbers
 * that methods have been given. Its event loop's.
 */
final class ReplyWriter {
  private final ServerConnection connection;
  private final LoadReport load;
  private final GivenRoutes routes = new GivenRoutes();

  /** Set by the event loop, for good; read by any thread. */
  private volatile boolean begun;

  ReplyWriter(ServerConnection connection, LoadReport load) {
    this.connection = connection;
    this.load = load;
  }

  /** Whether a call was ever answered, other than by a refusal. Any thread. */
  boolean hasBegun() {
    return begun;
  }

  /** An answer that is no refusal is on its way. */
  void markBegun() {
    if (!begun) {
      begun = true;
    }
  }

  /** As {@link GivenRoutes#method}. */
  int method(int number) {
    return routes.method(number);
  }

  /** Writes how a call has ended, or has it wait for what goes before that. */
  void write(ServerStream stream) {
    if (!begun && stream.status().started() != Status.Started.NO) {
      InboundCall call = stream.call;
      begun = call == null || call.provesConnection();
    }
    Messages messages = stream.messages();
    Outbox outbox = stream.outbox();
    if (messages != null && outbox != null) {
      if (outbox.hasPending()) {
        messages.setReplyWaits(true);
        messages.leftWaiting(connection.ticker.nanos());
      } else {
        writeStatus(stream);
      }
      return;
    }
    if (stream.oneway) {
      connection.remove(stream);
      return;
    }
    boolean ok = stream.status().isOk();
    int data = ok ? stream.wholeDataBytes() : 0;
    if (data > 0 && !connection.outflow.canSendAtOnce(data)) {
      connection.outflow.sendLater(stream);
      return;
    }
    if (stream.hasUsualAnswer() && !load.isDue(connection.batch.nowNanos())) {
      ByteBuf out = connection.writer().beginWhole(Wire.RESPONSE | Wire.END, stream.id, 1 + data);
      stream.writeWhole(out.writeShort(stream.encoding())); // behind a head without fields
    } else {
      ByteBuf out = beginResponse(stream, data);
      if (ok) {
        stream.writeNext(out, data);
      }
      connection.writer().end(out);
    }
    if (ok) {
      connection.outflow.spend(stream, data);
    }
    connection.remove(stream);
  }

  /** All messages of a stream have been written: its status may follow. */
  void messagesWritten(ServerStream stream) {
    Messages messages = stream.messages();
    if (messages != null && messages.isReplyWaiting()) {
      messages.setReplyWaits(false);
      messages.allTaken();
      write(stream);
    }
  }

  /** Writes metadata that goes before a stream's first message. */
  void writeHeaders(ServerStream stream, Metadata headers) {
    int most = ResponseHead.most(Status.OK, headers, Metadata.EMPTY);
    FrameWriter writer = connection.writer();
    ByteBuf out = writer.begin(Wire.RESPONSE, stream.id, most);
    ResponseHead.write(out, Status.OK, headers, Metadata.EMPTY, 0, null);
    writer.end(out);
  }

  /** Ends a stream of messages, the last of which has been written. */
  private void writeStatus(ServerStream stream) {
    if (!stream.oneway) {
      connection.writer().end(beginResponse(stream, 0));
    }
    connection.remove(stream);
  }

  private ByteBuf beginResponse(ServerStream stream, int dataBytes) {
    int most = ResponseHead.most(stream.status(), stream.headers(), stream.trailers());
    ByteBuf out = connection.writer().begin(Wire.RESPONSE | Wire.END, stream.id, most + dataBytes);
    InboundCall call = stream.call;
    int route = stream.wantsRoute && call != null ? routes.number(call.route()) : 0;
    ResponseHead.write(
        out,
        stream.status(),
        stream.headers(),
        stream.trailers(),
        route,
        load.take(connection.batch.nowNanos()));
    return out;
  }

  /** Writes the next part of a large reply: DATA, or at its end the RESPONSE. */
  boolean writeFrame(ServerStream stream, int mostData) {
    Outbox outbox = stream.outbox();
    if (outbox != null) {
      return connection.messages.writePending(stream, outbox, mostData);
    }
    int data = stream.nextDataBytes(mostData);
    boolean last = stream.isNextLast(mostData);
    FrameWriter writer = connection.writer();
    ByteBuf out =
        last ? beginResponse(stream, data) : writer.begin(Wire.DATA | Wire.MORE, stream.id, data);
    stream.writeNext(out, mostData);
    writer.end(out);
    connection.outflow.spend(stream, data);
    if (last) {
      stream.bodyWritten();
      connection.remove(stream);
    }
    return !last;
  }
}
