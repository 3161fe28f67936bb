package erpc.tools;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import erpc.call.Method;
import erpc.codec.Codecs;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A call whose types are known only by their description. Immutable. */
final class DynamicCall {
  private final Description description;
  private final boolean pb;

  private DynamicCall(Description description, boolean pb) {
    this.description = description;
    this.pb = pb;
  }

  /**
   * A call of the method described.
   *
   * @param codec what is sent and answered, {@code pb} or {@code json}; null for what fits best
   * @throws IllegalArgumentException if the method does not take the codec
   */
  static DynamicCall of(Description description, @Nullable String codec) {
    List<String> taken = description.method().getCodecsList();
    boolean pb = description.request() != null && description.reply() != null;
    pb &= taken.contains("pb");
    String chosen = codec != null ? codec : pb ? "pb" : "json";
    if (chosen.equals("pb") ? pb : chosen.equals("json") && taken.contains("json")) {
      return new DynamicCall(description, chosen.equals("pb"));
    }
    throw new IllegalArgumentException(
        description.method().getName()
            + " cannot be called with the codec '"
            + chosen
            + "'; it takes "
            + String.join(", ", taken)
            + ", and JSON can be sent as pb or json");
  }

  /** What the server says of how many messages go each way. */
  Method.Kind kind() {
    return Descriptions.kind(description.method());
  }

  /**
   * A message to be sent.
   *
   * @param json well-formed
   * @throws IllegalArgumentException if it does not fit the method
   */
  Object request(String json) {
    Descriptor type = description.request();
    DynamicMessage message = type == null ? null : message(type, json, description);
    return message != null && pb ? message : new JsonText(json);
  }

  private static DynamicMessage message(Descriptor type, String json, Description description) {
    DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
    try {
      JsonFormat.parser().usingTypeRegistry(description.types()).merge(json, builder);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "the body is no " + type.getFullName() + ": " + e.getMessage() + fields(type), e);
    }
    if (!builder.isInitialized()) {
      throw new IllegalArgumentException(
          "the body is no "
              + type.getFullName()
              + ": it lacks "
              + builder.getInitializationErrorString());
    }
    return builder.build();
  }

  private static String fields(Descriptor type) {
    String names =
        type.getFields().stream()
            .map(FieldDescriptor::getJsonName)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? " (it has no fields)" : " (it has " + names + ")";
  }

  /** The codecs for such calls. */
  Codecs codecs() {
    Codecs codecs = Codecs.standard().replacing(new JsonText.Json());
    Descriptor reply = description.reply();
    return reply == null ? codecs : codecs.replacing(new DynamicPb(reply));
  }

  /** The method, which takes and answers one and the same type. */
  @SuppressWarnings("unchecked") // The class of what request() makes.
  Method<Object, Object> method() {
    Class<Object> type = (Class<Object>) (pb ? DynamicMessage.class : JsonText.class);
    String name = description.method().getName();
    Method<Object, Object> method =
        switch (kind()) {
          case UNARY -> Method.unary(name, type, type);
          case CLIENT_STREAMING -> Method.clientStreaming(name, type, type);
          case SERVER_STREAMING -> Method.serverStreaming(name, type, type);
          case BIDIRECTIONAL -> Method.bidirectional(name, type, type);
        };
    return description.method().getIdempotent() ? method.idempotent() : method;
  }

  /**
   * A reply as JSON, which may have several lines.
   *
   * @throws CallFailure if it cannot be shown
   */
  String shown(Object reply) throws CallFailure {
    return reply instanceof DynamicMessage message ? shown(message) : ((JsonText) reply).text();
  }

  private String shown(DynamicMessage message) throws CallFailure {
    try {
      return JsonFormat.printer().usingTypeRegistry(description.types()).print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new CallFailure("the reply cannot be shown as JSON: " + e.getMessage());
    }
  }
}
