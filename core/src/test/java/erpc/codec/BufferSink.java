package erpc.codec;

import erpc.call.BodyType;
import erpc.call.Sink;
import java.nio.ByteBuffer;

/** A sink over one buffer, with something in front so that offsets matter. */
final class BufferSink extends Sink {
  private static final int FRONT = 3;
  private final ByteBuffer buffer;

  BufferSink(boolean direct) {
    this(direct, 1 << 20);
  }

  BufferSink(boolean direct, int limit) {
    int size = FRONT + limit;
    ByteBuffer whole = direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    buffer = whole.position(FRONT).slice();
  }

  static byte[] bytes(Codec codec, Object message) {
    BufferSink sink = new BufferSink(false);
    codec.write(BodyType.of(message.getClass()), message, sink);
    return sink.written();
  }

  @Override
  public ByteBuffer reserve(int bytes) {
    if (bytes > buffer.remaining()) {
      throw CodecException.tooLarge("the test's sink is full");
    }
    ByteBuffer part = buffer.slice(buffer.position(), bytes);
    buffer.position(buffer.position() + bytes);
    return part;
  }

  @Override
  public void write(int b) {
    reserve(1).put((byte) b);
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    reserve(length).put(source, offset, length);
  }

  byte[] written() {
    byte[] bytes = new byte[buffer.position()];
    buffer.duplicate().flip().get(bytes);
    return bytes;
  }
}
