package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.Ownership;

/**
 * A reply, or a status, on its way to the event loop: made whole by the thread that answers, and
 * never changed. The event loop alone decides what a call ends in, so of several answers, and of
 * what it answers itself, the first one counts and the others are dropped.
 */
final class Answer extends ChargedOutbound {
  final Status status;
  final Metadata headers;
  final Metadata trailers;
  final int encoding;
  final byte[] body;
  final int length;
  final Ownership ownership;

  private final ServerStream stream;

  /** One without a message, of a call that failed. */
  Answer(ServerStream stream, Status status, Metadata headers, Metadata trailers) {
    this.stream = stream;
    this.status = status;
    this.headers = headers;
    this.trailers = trailers;
    this.encoding = 0;
    this.body = Stream.NOTHING;
    this.length = 0;
    this.ownership = Ownership.SHARED;
  }

  /** One in OK. */
  Answer(
      ServerStream stream,
      Metadata headers,
      Metadata trailers,
      int encoding,
      byte[] body,
      int length,
      Ownership ownership) {
    this.stream = stream;
    this.status = Status.OK;
    this.headers = headers;
    this.trailers = trailers;
    this.encoding = encoding;
    this.body = body;
    this.length = length;
    this.ownership = ownership;
  }

  @Override
  int size() {
    return Stream.FRAME_OVERHEAD_BYTES + length;
  }

  @Override
  void accepted() {
    uncharge(stream.memory());
    stream.workEnded();
  }

  @Override
  void write() {
    if (stream.decideOnce(status, headers, trailers)) {
      stream.setBody(encoding, body, length, ownership);
      stream.write();
    }
  }

  @Override
  void dropped() {
    uncharge(stream.memory());
    stream.answerDropped();
  }
}
