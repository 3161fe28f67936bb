package erpc.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What peers of a protocol say, written and read apart from the code under test: whoever adds a
 * protocol says it here, and then every test that attacks a server does so in its words, too.
 */
public interface Spoken {
  /** The protocol. */
  Protocol protocol();

  /** What a client says first. */
  byte[] hello();

  /** A unary call with a message, in as many units as it takes. */
  byte[] call(int id, String method, int timeoutMillis, int encoding, byte[] message);

  /** Something that costs its sender nothing, and is answered. */
  byte[] ping();

  /**
   * A conversation from its first byte to the end of a second call, unit by unit: hello first, then
   * a ping and two calls of {@code demo.bytes}, the second one in several units if it can be.
   */
  List<byte[]> conversation();

  /** After which units of the {@link #conversation} a call is whole. */
  List<Integer> callsAreWholeAfter();

  /** Bytes behind a hello that break the rules at once, without more of them being waited for. */
  byte[] broken(Random random);

  /** The next answer to a call; what else comes is passed over. */
  Answer answer(InputStream in) throws IOException;

  /** What the last goodbye in these bytes says, or null if there is none. */
  @Nullable String goodbye(byte[] sent);

  /** How a call was answered. */
  record Answer(int id, int code, boolean isNotStarted, byte[] message) {}

  /** All parts one behind the other. */
  static byte[] together(List<byte[]> parts) {
    int length = parts.stream().mapToInt(part -> part.length).sum();
    java.nio.ByteBuffer all = java.nio.ByteBuffer.allocate(length);
    parts.forEach(all::put);
    return all.array();
  }
}
