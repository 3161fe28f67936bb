package erpc.codec;

import erpc.call.BodyCode;
import erpc.call.BodyType;
import erpc.call.Sink;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Messages by the code that their type brings for a codec, or else by the codec. */
final class Bodies {
  private Bodies() {}

  /**
   * Writes a message.
   *
   * @throws CodecException if it is not of the type, or cannot be represented
   */
  static void write(BodyType<?> type, Object message, Codec codec, Sink sink) {
    if (!type.isInstance(message)) {
      throw new CodecException(
          codec.name() + ": a " + message.getClass().getTypeName() + " is no " + type);
    }
    if (!writesItself(type, message, codec, sink)) {
      codec.write(type, message, sink);
    }
  }

  private static <T> boolean writesItself(
      BodyType<T> type, Object message, Codec codec, Sink sink) {
    BodyCode<T> own = type.hasCode() ? type.code(codec.name()) : null;
    if (own == null) {
      return false;
    }
    try {
      own.write(type.cast(message), sink);
    } catch (RuntimeException | StackOverflowError e) {
      throw failed("cannot write ", type, codec, e);
    }
    return true;
  }

  /**
   * Reads a message.
   *
   * @throws CodecException if the bytes are none of the type
   */
  static <T> T read(BodyType<T> type, ByteBuffer source, Codec codec) {
    BodyCode<T> own = type.hasCode() ? type.code(codec.name()) : null;
    if (own == null) {
      return codec.read(type, source);
    }
    @Nullable T message;
    try {
      message = own.read(source);
    } catch (RuntimeException | StackOverflowError e) {
      throw failed("not a ", type, codec, e);
    }
    if (message == null) {
      throw new CodecException(codec.name() + ": not a " + type + ": null is no message");
    }
    return message;
  }

  /** What it says may quote the message, so only what it is is told. */
  private static CodecException failed(
      String what, BodyType<?> type, Codec codec, Throwable thrown) {
    return thrown instanceof CodecException own
        ? own
        : new CodecException(
            codec.name()
                + ": "
                + what
                + type
                + ": its own code threw "
                + thrown.getClass().getName(),
            thrown);
  }
}
