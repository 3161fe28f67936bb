package erpc.protocol;

import erpc.call.Metadata;
import org.jspecify.annotations.Nullable;

/** Something a thread sends on an open stream: a message, the metadata before it, or the end. */
final class StreamMessage extends Outbound {
  private static final byte[] NOTHING = {};

  private final Stream stream;
  final byte[] bytes;
  final int length;
  final int encoding;
  final @Nullable Metadata headers;
  final boolean isEnd;

  /** How much of it was written; the event loop's. */
  int sent;

  private StreamMessage(
      Stream stream,
      int encoding,
      byte[] bytes,
      int length,
      @Nullable Metadata headers,
      boolean isEnd) {
    this.stream = stream;
    this.encoding = encoding;
    this.bytes = bytes;
    this.length = length;
    this.headers = headers;
    this.isEnd = isEnd;
  }

  static StreamMessage of(Stream stream, int encoding, byte[] bytes, int length) {
    return new StreamMessage(stream, encoding, bytes, length, null, false);
  }

  static StreamMessage headers(Stream stream, Metadata headers) {
    return new StreamMessage(stream, 0, NOTHING, 0, headers, false);
  }

  static StreamMessage end(Stream stream) {
    return new StreamMessage(stream, 0, NOTHING, 0, null, true);
  }

  /** Whether it is paid for with credit. */
  boolean isMessage() {
    return !isEnd && headers == null;
  }

  int bytesLeft() {
    return length - sent;
  }

  @Override
  int size() {
    return Stream.FRAME_OVERHEAD_BYTES + length;
  }

  @Override
  void accepted() {
    uncharge(stream.memory());
  }

  @Override
  void write() {
    stream.send(this);
  }

  @Override
  void dropped() {
    uncharge(stream.memory());
    Outbox from = stream.outbox;
    if (from != null) {
      from.left(this);
    }
  }
}
