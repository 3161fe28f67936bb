package erpc.codec;

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
   * written. Asked for each call: answer from memory.
   */
  boolean supports(Class<?> type);

  /** Why it doesn't take a type that it does not support, and what to use instead. */
  default String whyNot(Class<?> type) {
    return "codec " + name() + " doesn't take " + type.getTypeName();
  }

  /**
   * Whether messages of this type never change once they are made: then one that must be sent again
   * is written again, and its bytes need not be kept.
   */
  default boolean isImmutable(Class<?> type) {
    return false;
  }

  /**
   * Writes one message.
   *
   * @throws CodecException if the message cannot be represented
   * @throws MissingLibraryException if this needs an optional library that is missing
   */
  void write(Object message, Sink sink);

  /**
   * Reads one message that is all of the source's remaining bytes. The source may be an array or
   * direct, is only valid during the call, and its position afterwards is unspecified.
   *
   * @throws CodecException if the bytes are not a message of this type
   * @throws MissingLibraryException if this needs an optional library that is missing
   */
  <T> T read(Class<T> type, ByteBuffer source);
}
