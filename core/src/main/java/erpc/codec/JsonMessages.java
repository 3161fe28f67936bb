package erpc.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.util.JsonFormat;
import erpc.call.BodyType;

/** Protobuf messages by protobuf's JSON mapping. The only class that links protobuf-java-util. */
final class JsonMessages implements JsonCodec.Texts {
  private final int depthLimit;
  private final JsonFormat.Printer printer = JsonFormat.printer().omittingInsignificantWhitespace();
  private final JsonFormat.Parser parser = JsonFormat.parser().ignoringUnknownFields();

  JsonMessages(int depthLimit) {
    this.depthLimit = depthLimit;
  }

  @Override
  public String write(BodyType<?> type, Object message) {
    try {
      return printer.print((Message) message);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      // An Any of a type this process does not know, a timestamp out of range; the library's text
      // may quote them.
      throw new CodecException(
          "json: "
              + message.getClass().getName()
              + " has a value that protobuf's JSON mapping cannot express");
    }
  }

  @Override
  public <T> T read(BodyType<T> type, String text) {
    MessageLite.Builder builder = PbCodec.prototype(type.raw()).newBuilderForType();
    // The library reads leniently, only the first value, takes the last of two equal names, and
    // recurses before it counts.
    new JsonText(text, depthLimit).check();
    try {
      parser.merge(text, (Message.Builder) builder);
      return type.cast(builder.build());
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      // The library's text quotes the value; all that can be said is what it was measured against.
      throw new CodecException(
          "json: not a " + type + ": a value does not fit its field, or a required one is missing");
    }
  }
}
