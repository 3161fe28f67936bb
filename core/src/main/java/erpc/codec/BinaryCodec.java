package erpc.codec;

import erpc.call.BodyType;
import erpc.call.Empty;
import erpc.call.Sink;
import java.nio.ByteBuffer;

/**
 * Bytes as they are: {@code byte[]} and {@link ByteBuffer}; of an empty message none. What is read
 * is always a fresh copy.
 */
final class BinaryCodec implements Codec {
  @Override
  public String name() {
    return "binary";
  }

  @Override
  public int id() {
    return 5;
  }

  @Override
  public boolean supports(BodyType<?> type) {
    Class<?> raw = type.raw();
    return raw == byte[].class || ByteBuffer.class.isAssignableFrom(raw) || raw == Empty.class;
  }

  /** Writes an array, or a buffer's remaining bytes; the buffer's position stays. */
  @Override
  public void write(BodyType<?> type, Object message, Sink sink) {
    if (message instanceof byte[] bytes) {
      sink.reserve(bytes.length).put(bytes);
    } else if (message instanceof ByteBuffer buffer) {
      sink.reserve(buffer.remaining()).put(buffer.duplicate());
    } else if (message != Empty.MESSAGE) {
      throw new CodecException(
          "binary writes byte[] and ByteBuffer, not " + message.getClass().getName());
    }
  }

  @Override
  public <T> T read(BodyType<T> type, ByteBuffer source) {
    Class<?> raw = type.raw();
    if (raw == Empty.class) {
      if (source.hasRemaining()) {
        throw new CodecException("binary: " + source.remaining() + " bytes where none belong");
      }
      return type.cast(Empty.MESSAGE);
    }
    if (raw != byte[].class && raw != ByteBuffer.class) {
      throw new CodecException("binary reads byte[] and ByteBuffer, not " + type);
    }
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    return type.cast(raw == byte[].class ? bytes : ByteBuffer.wrap(bytes));
  }
}
