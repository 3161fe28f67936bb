package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.InboundCall;
import io.netty.buffer.ByteBuf;

/**
 * Takes the data parts of calls on a server's connection, and hands whole messages to the calls.
 * Its event loop's.
 */
final class RequestParts {
  private static final Status BEHIND_THE_END =
      Status.of(Status.Code.INVALID_ARGUMENT, "DATA behind the end of the requests");

  private final ServerConnection connection;

  RequestParts(ServerConnection connection) {
    this.connection = connection;
  }

  /** A DATA frame. */
  void data(int kind, int id, ByteBuf in, int end) {
    int size = end - in.readerIndex();
    connection.inflow.charge(size);
    ServerStream stream = connection.streams.get(id);
    if (stream != null && stream.messages() != null) {
      streamPart(stream, kind, in, end);
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

  /** Takes the data part of a REQUEST or DATA frame of a stream of messages. */
  void streamPart(ServerStream stream, int kind, ByteBuf in, int end) {
    Inbox inbox = stream.inbox();
    InboundCall call = stream.call;
    if (inbox == null || call == null) {
      return;
    }
    if (stream.requestsEnded) {
      connection.inflow.settle(end - in.readerIndex());
      connection.failProvoked(stream, BEHIND_THE_END);
      return;
    }
    boolean last = (kind & Wire.END) != 0;
    boolean more = (kind & Wire.MORE) != 0;
    Status wrong = connection.inflow.take(stream, inbox, in, end, more, call.maxMessageBytes());
    if (wrong != null) {
      connection.failProvoked(stream, wrong);
    } else if (last && (more || stream.assembly() != null)) {
      connection.fail(stream, Status.Code.INVALID_ARGUMENT, "the requests end inside a message");
    } else if (last) {
      stream.setRequestsEnded(true);
      inbox.end(Status.OK, Metadata.EMPTY);
    }
  }

  /** Takes the data part of a REQUEST or DATA frame of a unary call. */
  void unaryPart(ServerStream stream, int kind, ByteBuf in, int end) {
    InboundCall call = stream.call;
    if (call == null) {
      return;
    }
    boolean more = (kind & Wire.MORE) != 0;
    boolean last = (kind & Wire.END) != 0;
    if (stream.requestsEnded) {
      connection.failProvoked(stream, BEHIND_THE_END);
      return;
    }
    stream.setRequestsEnded(last);
    if (more || stream.assembly() != null) {
      if (last && more) {
        connection.fail(
            stream, Status.Code.INVALID_ARGUMENT, "the request ends inside its message");
        return;
      }
      Status wrong = connection.inflow.assemble(stream, in, end, more, call.maxMessageBytes());
      if (wrong != null) {
        connection.fail(stream, wrong.code(), wrong.message());
      } else if (!more) {
        deliverAssembled(stream, call);
      }
    } else if (in.readerIndex() < end) {
      deliver(stream, call, in, end);
    } else if (last && !stream.messageSeen) {
      connection.fail(stream, Status.Code.INVALID_ARGUMENT, "the request ends without a message");
    }
  }

  private void deliver(ServerStream stream, InboundCall call, ByteBuf in, int end) {
    int encoding = in.readUnsignedByte();
    int length = end - in.readerIndex();
    if (length > call.maxMessageBytes()) {
      connection.fail(
          stream,
          Status.Code.RESOURCE_EXHAUSTED,
          "message of "
              + length
              + " bytes passes the limit of "
              + call.maxMessageBytes()
              + " (maxMessageBytes)");
    } else if (!isSecondMessage(stream)) {
      stream.countInHandler(length);
      call.message(encoding, in, length);
    }
  }

  private void deliverAssembled(ServerStream stream, InboundCall call) {
    Assembly assembly = stream.assembly();
    if (assembly != null) {
      ByteBuf whole = assembly.deliver();
      connection.inflow.forget(stream);
      if (!isSecondMessage(stream)) {
        stream.countInHandler(assembly.length());
        call.message(assembly.encoding, whole, assembly.length());
      }
      assembly.release();
    }
  }

  private boolean isSecondMessage(ServerStream stream) {
    if (stream.messageSeen) {
      connection.fail(stream, Status.Code.INVALID_ARGUMENT, "a second message for a unary method");
      return true;
    }
    stream.messageArrived();
    connection.unfinished.messageCame(stream);
    return false;
  }
}
