package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of a client's connection that are not one frame with a whole message: heads
 * with more to say, parts of large messages, streams. Apart, so that what nearly every call takes
 * stays small. Its event loop's.
 */
final class ReplyParts {
  private final ClientConnection connection;

  ReplyParts(ClientConnection connection) {
    this.connection = connection;
  }

  /** A RESPONSE that says more than OK and a whole message. */
  void response(ClientStream stream, int kind, int fields, ByteBuf in, int end) {
    ResponseHead head = ResponseHead.read(kind, fields, in, end);
    connection.requests.remember(stream.route(), head.route);
    if (head.load != null) {
      connection.serverLoad(head.load);
    }
    stream.setHeaders(head.headers);
    Inbox inbox = stream.inbox();
    if ((kind & Wire.END) == 0 && in.readerIndex() == end) {
      connection.floods.count(FloodGuard.Kind.EMPTY_FRAMES, connection.batch.nowNanos());
    }
    if (inbox != null) {
      connection.inflow.charge(end - in.readerIndex());
      streamResponse(stream, inbox, kind, head, in, end);
      return;
    }
    connection.inflow.received(end - in.readerIndex());
    Assembly assembly = stream.assembly();
    if ((kind & Wire.END) == 0) {
      unaryPart(stream, kind, in, end);
    } else if (!head.status.isOk()) {
      connection.remove(stream);
      stream.end(head.status, head.trailers, 0, null, 0);
    } else if ((kind & Wire.MORE) != 0) {
      connection.remove(stream);
      stream.end(ReplyFault.of("the reply ends inside its message"));
    } else if (assembly != null) {
      Status wrong =
          connection.inflow.assemble(stream, in, end, false, stream.call().maxReplyBytes());
      endWithAssembled(stream, assembly, wrong, head.trailers);
    } else {
      connection.endWithMessage(stream, head.trailers, in, end);
    }
  }

  /** A DATA frame. */
  void data(int kind, int id, ByteBuf in, int end) {
    int size = end - in.readerIndex();
    connection.inflow.charge(size);
    ClientStream stream = connection.streams.get(id);
    Inbox inbox = stream == null ? null : stream.inbox();
    if (stream != null) {
      stream.firstByteCame();
    }
    if (stream != null && inbox != null) {
      Status unused = message(stream, inbox, kind, in, end);
      return;
    }
    connection.inflow.settle(size);
    if (stream == null) {
      connection.unknownStream(id);
    } else {
      unaryPart(stream, kind, in, end);
    }
  }

  // ---- streams of messages

  /** A RESPONSE of a stream: headers, or its status; either may carry a message. */
  private void streamResponse(
      ClientStream stream, Inbox inbox, int kind, ResponseHead head, ByteBuf in, int end) {
    boolean last = (kind & Wire.END) != 0;
    if (head.headers != null) {
      inbox.headers(head.headers);
    }
    if (last && !head.status.isOk()) {
      connection.inflow.settle(end - in.readerIndex());
      connection.remove(stream);
      stream.end(head.status, head.trailers, 0, null, 0);
      return;
    }
    Status wrong = message(stream, inbox, kind, in, end);
    if (!last || wrong != null) {
      return;
    }
    if (stream.assembly() != null) {
      connection.abort(stream, Status.of(Status.Code.INTERNAL, "the stream ends inside a message"));
      return;
    }
    connection.remove(stream);
    stream.end(Status.OK, head.trailers, 0, null, 0);
  }

  /** Takes a message of a stream, or a part of one; ends the stream if it can't be taken. */
  private @Nullable Status message(
      ClientStream stream, Inbox inbox, int kind, ByteBuf in, int end) {
    boolean more = (kind & Wire.MORE) != 0;
    stream.closeHeaders();
    Status wrong =
        connection.inflow.take(stream, inbox, in, end, more, stream.call().maxReplyBytes());
    if (wrong != null) {
      connection.abort(stream, ReplyFault.atClient(wrong));
    }
    return wrong;
  }

  /** Takes a part of a reply that is not its last frame. */
  private void unaryPart(ClientStream stream, int kind, ByteBuf in, int end) {
    if (in.readerIndex() == end && (kind & Wire.MORE) == 0 && stream.assembly() == null) {
      return;
    }
    if ((kind & Wire.MORE) == 0) {
      // For a unary call the last part comes with the status; a whole message before it can only be
      // a second one.
      connection.abort(
          stream, Status.of(Status.Code.INTERNAL, "the server streams replies to a unary call"));
      return;
    }
    Status wrong = connection.inflow.assemble(stream, in, end, true, stream.call().maxReplyBytes());
    if (wrong != null) {
      connection.abort(stream, ReplyFault.atClient(wrong));
    }
  }

  private void endWithAssembled(
      ClientStream stream, Assembly assembly, @Nullable Status wrong, Metadata trailers) {
    if (wrong != null) {
      connection.remove(stream);
      stream.end(ReplyFault.atClient(wrong));
      return;
    }
    ByteBuf whole = assembly.deliver();
    connection.remove(stream);
    stream.end(Status.OK, trailers, assembly.encoding, whole, assembly.length());
    assembly.release();
  }
}
