package erpc.codec;

import java.nio.ByteBuffer;

/**
 * Bytes as they are: {@code byte[]} and {@link ByteBuffer}. What is read is always a fresh copy.
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
  public boolean supports(Class<?> type) {
    return type == byte[].class || ByteBuffer.class.isAssignableFrom(type);
  }

  /** Writes an array, or a buffer's remaining bytes; the buffer's position stays. */
  @Override
  public void write(Object message, Sink sink) {
    if (message instanceof byte[] bytes) {
      sink.reserve(bytes.length).put(bytes);
    } else if (message instanceof ByteBuffer buffer) {
      sink.reserve(buffer.remaining()).put(buffer.duplicate());
    } else {
      throw new CodecException(
          "binary writes byte[] and ByteBuffer, not " + message.getClass().getName());
    }
  }

  @Override
  public <T> T read(Class<T> type, ByteBuffer source) {
    if (type != byte[].class && type != ByteBuffer.class) {
      throw new CodecException("binary reads byte[] and ByteBuffer, not " + type.getName());
    }
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    return type.cast(type == byte[].class ? bytes : ByteBuffer.wrap(bytes));
  }
}
