package erpc.call;

import java.nio.ByteBuffer;

/**
 * How messages of one type are written and read in the format of one codec, without reflection: see
 * {@link BodyType#with}. Implementations are thread-safe, allocate no length that they were merely
 * told, and bound how deep they descend.
 *
 * @param <T> the messages' type
 */
public interface BodyCode<T> {
  /**
   * Writes one message.
   *
   * @throws RuntimeException if it cannot be represented; the call ends in INTERNAL
   */
  void write(T message, Sink sink);

  /**
   * Reads one message that is all of the source's remaining bytes. The source may be an array or
   * direct, is only valid during the call, and its position afterwards is unspecified.
   *
   * @throws RuntimeException if the bytes are no such message; a server answers INVALID_ARGUMENT, a
   *     caller's call ends in INTERNAL
   */
  T read(ByteBuffer source);
}
