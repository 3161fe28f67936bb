package erpc.tools;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import erpc.call.BodyType;
import erpc.call.Sink;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Codecs;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Protobuf in the standard codec's place, that also reads one type that only a descriptor knows.
 */
final class DynamicPb implements Codec {
  private final Codec standard = Codecs.standard().byName("pb");
  private final Descriptor reply;

  /** A codec that reads every {@link DynamicMessage} as this. */
  DynamicPb(Descriptor reply) {
    this.reply = reply;
  }

  @Override
  public String name() {
    return standard.name();
  }

  @Override
  public int id() {
    return standard.id();
  }

  @Override
  public boolean supports(BodyType<?> type) {
    return standard.supports(type);
  }

  @Override
  public void write(BodyType<?> type, Object message, Sink sink) {
    standard.write(type, message, sink);
  }

  @Override
  public <T> T read(BodyType<T> type, ByteBuffer source) {
    if (type.raw() != DynamicMessage.class) {
      return standard.read(type, source);
    }
    try {
      CodedInputStream in = CodedInputStream.newInstance(source);
      in.setRecursionLimit(Codecs.DEFAULT_DEPTH_LIMIT - 1); // The library leaves out the outermost.
      return type.cast(DynamicMessage.parseFrom(reply, in));
    } catch (IOException e) {
      throw new CodecException("pb: not a " + reply.getFullName() + ": " + e.getMessage(), e);
    }
  }
}
