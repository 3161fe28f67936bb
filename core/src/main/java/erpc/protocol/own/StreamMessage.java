package erpc.protocol.own;

import erpc.call.Metadata;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is sent on an open stream: a message that is too long for a {@link StreamBatch},
 * the metadata before the first one, or the end.
 */
final class StreamMessage extends StreamOutbound {
  private static final byte[] NOTHING = {};

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
    super(stream);
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

  /** Writes the next data part of it. */
  void writeNext(ByteBuf out, int mostData) {
    sent = MessageCut.write(out, encoding, bytes, length, sent, mostData);
  }

  @Override
  int aheadBytes() {
    return StreamBatch.frameBytes(length);
  }

  @Override
  int dataBytes() {
    return isMessage() ? Wire.ENCODING_BYTES + length : 0;
  }

  @Override
  int unsentBytes() {
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
  void dropped() {
    uncharge(stream.memory());
    super.dropped();
  }
}
