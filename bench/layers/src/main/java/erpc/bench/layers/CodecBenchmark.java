package erpc.bench.layers;

import erpc.call.BodyType;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.codec.MessageBytes;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A small message, a number and two texts or 32 bytes, to bytes and back. */
@State(Scope.Thread)
public class CodecBenchmark {
  private static final int LIMIT = 4 << 20;

  /** What is sent, and by which codec: {@code json} with protobuf's mapping or with Jackson. */
  @Param({"pb", "json-pb", "json-record", "binary"})
  public String kind = "pb";

  private Codec codec = Codecs.standard().byName("pb");
  private Object message = "";
  private BodyType<?> type = BodyType.of(Object.class);
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  /** A message that is no protobuf. */
  public record Note(long id, String msg, String payload) {}

  @Setup
  public void fill() {
    var echo = erpc.bench.driver.Setup.USUAL.message();
    String name = kind.replaceAll("-.*", "");
    codec = Codecs.standard().byName(name);
    message =
        switch (kind) {
          case "binary" -> echo.getPayload().toByteArray();
          case "json-record" ->
              new Note(echo.getId(), echo.getMsg(), echo.getPayload().toStringUtf8());
          default -> echo;
        };
    type = BodyType.of(message.getClass());
    MessageBytes written = write();
    bytes = ByteBuffer.wrap(written.array(), 0, written.length());
  }

  /**
   * Writes the message. Bounded by its library; it should allocate the bytes and the object that
   * holds them, and for JSON the text as well.
   */
  @Benchmark
  public MessageBytes write() {
    return MessageBytes.encode(type, message, codec, null, LIMIT);
  }

  /** Reads it. Bounded by its library; it should allocate the message, and for JSON the text. */
  @Benchmark
  public Object read() {
    bytes.rewind();
    return MessageBytes.decode(codec, null, bytes, type, LIMIT);
  }
}
