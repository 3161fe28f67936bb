package erpc.codec;

import java.nio.ByteBuffer;

/**
 * A compression whose library may be missing: only its use needs it, its name and number do not.
 */
record OptionalCompression(String name, int id, Lazy<Compression> library) implements Compression {
  @Override
  public ByteBuffer compress(ByteBuffer source) {
    return library.value().compress(source);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
    return library.value().decompress(source, limitBytes);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes, Room room) {
    return library.value().decompress(source, limitBytes, room);
  }
}
