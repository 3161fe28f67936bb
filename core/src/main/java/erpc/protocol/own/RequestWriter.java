package erpc.protocol.own;

import erpc.call.Status;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;

/**
 * Writes the requests of a client's connection: gives streams their numbers and routes theirs. Its
 * event loop's.
 */
final class RequestWriter {
  private static final Status WITHDRAWN =
      Status.of(Status.Code.CANCELLED, "the call was cancelled before it was sent");

  private final ClientConnection connection;
  private final RouteNumbers routes = new RouteNumbers();
  private final int lastId;
  private int nextId = 1;

  /**
   * For this connection.
   *
   * @param lastId the last number it may give
   */
  RequestWriter(ClientConnection connection, int lastId) {
    this.connection = connection;
    this.lastId = lastId;
  }

  /** The number of the stream that was opened last, 0 if none was. */
  int lastStream() {
    return nextId - 1;
  }

  /** As {@link RouteNumbers#remember}. */
  void remember(RouteName route, int number) {
    routes.remember(route, number);
  }

  /** Writes what a stream has to say first, or has it wait. */
  void open(ClientStream stream) {
    if (isLate(stream)) {
      return;
    }
    int dataBytes = stream.isOpening() ? 0 : stream.wholeDataBytes();
    if (connection.outflow.canSendAtOnce(dataBytes)) {
      boolean unused = writeRequest(stream, dataBytes);
    } else {
      connection.outflow.sendLater(stream);
    }
  }

  /** Ends a stream that can't be opened any more. */
  private boolean isLate(ClientStream stream) {
    if (!connection.departure.isDraining()) {
      return false;
    }
    connection.wheel().remove(stream);
    stream.endFromHere(connection.whyNotOpened());
    return true;
  }

  /** Writes the next frame of a stream's message: the REQUEST, or a DATA frame. */
  boolean writeFrame(ClientStream stream, int mostData) {
    if (stream.hasEnded()) {
      return false;
    }
    if (stream.id == 0) {
      return !isLate(stream) && writeRequest(stream, mostData);
    }
    Outbox outbox = stream.outbox();
    if (outbox != null) {
      return connection.messages.writePending(stream, outbox, mostData);
    }
    int data = stream.nextDataBytes(mostData);
    boolean last = stream.isNextLast(mostData);
    FrameWriter writer = connection.writer();
    ByteBuf out =
        writer.begin(last ? Wire.DATA | Wire.END : Wire.DATA | Wire.MORE, stream.id, data);
    stream.writeNext(out, mostData);
    writer.end(out);
    connection.outflow.spend(stream, data);
    if (last) {
      sent(stream);
    }
    return !last;
  }

  /** Writes the REQUEST with as much of the message as may be sent; true if more is to come. */
  private boolean writeRequest(ClientStream stream, int mostData) {
    long leftNanos = stream.deadlineNanos() - connection.batch.nowNanos();
    if (leftNanos <= 0) {
      connection.cancel(
          stream,
          Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the call was sent"));
      return false;
    }
    if (!stream.claim()) {
      connection.cancel(stream, WITHDRAWN);
      return false;
    }
    int id = nextId++;
    if (id == lastId) {
      connection.departure.idsExhausted();
    }
    if (stream.isOpening()) {
      writeOpening(stream, id, leftNanos);
      return false;
    }
    boolean last = stream.isNextLast(mostData);
    if (last && writeUsual(stream, id, leftNanos)) {
      return false;
    }
    int data = stream.nextDataBytes(mostData);
    int kind = last ? Wire.REQUEST | Wire.END : Wire.REQUEST | Wire.MORE;
    FrameWriter writer = connection.writer();
    ByteBuf out = writer.begin(kind, id, RequestHead.most(stream) + data);
    stream.setId(id);
    RequestHead.write(out, stream, routes.number(stream.route()), leftNanos);
    stream.writeNext(out, mostData);
    writer.end(out);
    connection.outflow.spend(stream, data);
    if (!stream.call().isOneway() || !last) {
      connection.streams.put(stream);
    }
    if (last) {
      sent(stream);
    }
    return !last;
  }

  /**
   * Writes what nearly every REQUEST is: a route's number, a timeout and a whole message; false if
   * this one isn't.
   */
  private boolean writeUsual(ClientStream stream, int id, long leftNanos) {
    int number = routes.number(stream.route());
    if (!RequestHead.isUsual(stream, number)) {
      return false;
    }
    long head = RequestHead.usual(number, RequestHead.millis(leftNanos), stream.encoding());
    int payload = RequestHead.USUAL_BYTES + stream.bodyLength();
    ByteBuf out = connection.writer().beginWhole(Wire.REQUEST | Wire.END, id, payload);
    stream.setId(id);
    stream.writeWhole(out.writeLong(head));
    connection.outflow.spend(stream, stream.wholeDataBytes());
    connection.streams.put(stream);
    stream.forgetBody();
    stream.requestWritten();
    return true;
  }

  /** Writes the REQUEST of a call that sends its messages once it is open, which it now is. */
  private void writeOpening(ClientStream stream, int id, long leftNanos) {
    FrameWriter writer = connection.writer();
    ByteBuf out = writer.begin(Wire.REQUEST, id, RequestHead.most(stream));
    stream.setId(id);
    RequestHead.write(out, stream, routes.number(stream.route()), leftNanos);
    writer.end(out);
    connection.streams.put(stream);
    stream.requestWritten();
    Outbox outbox = stream.outbox();
    if (outbox != null) {
      outbox.open(stream);
    }
  }

  /** The whole request is written. */
  private void sent(ClientStream stream) {
    stream.bodyWritten();
    stream.requestWritten();
    if (stream.call().isOneway()) {
      connection.oneways.sent(stream.id);
      connection.streams.remove(stream.id);
      connection.wheel().remove(stream);
      stream.end(Status.OK.withStarted(Status.Started.MAYBE));
    }
  }
}
