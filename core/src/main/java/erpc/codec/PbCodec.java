package erpc.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import erpc.call.BodyType;
import erpc.call.Empty;
import erpc.call.Sink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Protocol Buffers by generated classes. Any message can be written; reading needs the class to say
 * what it is, so a {@code DynamicMessage} cannot be read. Unknown fields are kept. A message that
 * contains no other has depth 1. An empty message is {@code google.protobuf.Empty}.
 */
final class PbCodec implements Codec {
  /** Each class is looked at once, by reflection; a call pays a read of this map. */
  private static final ClassValue<MessageLite> PROTOTYPES =
      new ClassValue<>() {
        @Override
        protected MessageLite computeValue(Class<?> type) {
          try {
            if (type.getMethod("getDefaultInstance").invoke(null)
                instanceof MessageLite prototype) {
              return prototype;
            }
          } catch (ReflectiveOperationException | NullPointerException e) {
            throw notReadable(type, e);
          }
          throw notReadable(type, null);
        }
      };

  private final int depthLimit;

  PbCodec(int depthLimit) {
    this.depthLimit = depthLimit;
  }

  /** The message of a generated class that has no field set. */
  static MessageLite prototype(Class<?> type) {
    return PROTOTYPES.get(type);
  }

  private static CodecException notReadable(Class<?> type, @Nullable Exception cause) {
    return new CodecException(
        "cannot read "
            + type.getName()
            + ": only the class of a generated protobuf message says what to read",
        cause);
  }

  @Override
  public String name() {
    return "pb";
  }

  @Override
  public int id() {
    return 1;
  }

  @Override
  public boolean supports(BodyType<?> type) {
    return MessageLite.class.isAssignableFrom(type.raw()) || type.raw() == Empty.class;
  }

  @Override
  public boolean isImmutable(BodyType<?> type) {
    return supports(type);
  }

  @Override
  public void write(BodyType<?> type, Object message, Sink sink) {
    if (message == Empty.MESSAGE) {
      return;
    }
    if (!(message instanceof MessageLite body)) {
      throw new CodecException("pb writes protobuf messages, not " + message.getClass().getName());
    }
    try {
      int size = body.getSerializedSize();
      CodedOutputStream out = stream(sink, size);
      body.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new CodecException(
          "pb: " + message.getClass().getName() + " changed while it was written", e);
    } catch (StackOverflowError e) {
      throw new CodecException(
          "pb: " + message.getClass().getName() + " is nested too deep to write");
    }
  }

  private static CodedOutputStream stream(Sink sink, int size) {
    if (sink instanceof MessageBytes bytes) {
      int at = bytes.claim(size);
      return CodedOutputStream.newInstance(bytes.array(), at, size);
    }
    ByteBuffer target = sink.reserve(size);
    return target.hasArray()
        ? CodedOutputStream.newInstance(
            target.array(), target.arrayOffset() + target.position(), size)
        : CodedOutputStream.newInstance(target);
  }

  @Override
  public <T> T read(BodyType<T> type, ByteBuffer source) {
    boolean empty = type.raw() == Empty.class;
    CodedInputStream in = CodedInputStream.newInstance(source);
    // The library does not count the outermost message, this limit does.
    in.setRecursionLimit(depthLimit - 1);
    try {
      MessageLite message =
          prototype(empty ? com.google.protobuf.Empty.class : type.raw())
              .getParserForType()
              .parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
      return type.cast(empty ? Empty.MESSAGE : message);
    } catch (InvalidProtocolBufferException e) {
      // The library's texts name what is wrong and at most a field, never content.
      throw new CodecException(
          "pb: not a " + type + ", at byte " + in.getTotalBytesRead() + ": " + e.getMessage());
    } catch (StackOverflowError e) {
      throw new CodecException("pb: not a " + type + ": nested too deep for this thread's stack");
    }
  }
}
