package erpc.codec;

import erpc.call.BodyType;
import erpc.call.Sink;
import java.nio.ByteBuffer;

/**
 * How messages become bytes and back. Implementations are thread-safe and never resolve a class by
 * a name from the wire, never allocate a length they were merely told, and refuse nesting deeper
 * than their depth limit.
 */
public interface Codec {
  /** The name a request asks for it by: {@code pb}, {@code json}, {@code binary}. */
  String name();

  /** Its number on erpc's wire, 1 to 15. */
  int id();

  /**
   * Whether it can write and read messages of this type so that what is read is equal to what was
   * written. Asked for each call: answer from memory. Not asked about types that bring {@linkplain
   * BodyType#with code of their own} for it.
   */
  boolean supports(BodyType<?> type);

  /** Why it doesn't take a type that it does not support, and what to use instead. */
  default String whyNot(BodyType<?> type) {
    return "codec " + name() + " doesn't take " + type;
  }

  /**
   * Whether messages of this type never change once they are made: then one that must be sent again
   * is written again, and its bytes need not be kept.
   */
  default boolean isImmutable(BodyType<?> type) {
    return false;
  }

  /**
   * Writes one message.
   *
   * @param type what it is declared as; the message is of its class or below it
   * @throws CodecException if the message cannot be represented
   * @throws MissingLibraryException if this needs an optional library that is missing
   */
  void write(BodyType<?> type, Object message, Sink sink);

  /**
   * Reads one message that is all of the source's remaining bytes. The source may be an array or
   * direct, is only valid during the call, and its position afterwards is unspecified.
   *
   * @throws CodecException if the bytes are not a message of this type
   * @throws MissingLibraryException if this needs an optional library that is missing
   */
  <T> T read(BodyType<T> type, ByteBuffer source);
}
