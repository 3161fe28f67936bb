package erpc.tools;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Target;
import erpc.client.Client;
import erpc.codec.Codecs;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A call whose types are known only by their description. Immutable. */
final class DynamicCall {
  private final Description description;
  private final Object request;

  private DynamicCall(Description description, Object request) {
    this.description = description;
    this.request = request;
  }

  /**
   * A call of the method described.
   *
   * @param codec what is sent and answered, {@code pb} or {@code json}; null for what fits best
   * @param json the request, well-formed
   * @throws IllegalArgumentException if the request does not fit the method, or it does not take
   *     the codec
   */
  static DynamicCall of(Description description, @Nullable String codec, String json) {
    Descriptor type = description.request();
    DynamicMessage message = type == null ? null : message(type, json, description);
    List<String> taken = description.method().getCodecsList();
    boolean pb = description.reply() != null && taken.contains("pb");
    String chosen = codec != null ? codec : message != null && pb ? "pb" : "json";
    if (message != null && pb && chosen.equals("pb")) {
      return new DynamicCall(description, message);
    }
    if (chosen.equals("json") && taken.contains("json")) {
      return new DynamicCall(description, new JsonText(json));
    }
    throw new IllegalArgumentException(
        description.method().getName()
            + " cannot be called with the codec '"
            + chosen
            + "'; it takes "
            + String.join(", ", taken)
            + ", and JSON can be sent as pb or json");
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

  /**
   * Makes the call; returns its reply as JSON.
   *
   * @throws erpc.call.RpcException if it fails
   * @throws CallFailure if the reply cannot be shown
   */
  String send(Client.Builder clients, Target target, Duration timeout, Metadata metadata)
      throws CallFailure {
    Codecs codecs = Codecs.standard().replacing(new JsonText.Json());
    Descriptor reply = description.reply();
    if (reply != null) {
      codecs = codecs.replacing(new DynamicPb(reply));
    }
    try (Client client = clients.codecs(codecs).build()) {
      Object body = client.send(typed(target, timeout, metadata)).body();
      return body instanceof DynamicMessage message ? shown(message) : shown((JsonText) body);
    }
  }

  /** Sent and answered as one and the same type. */
  @SuppressWarnings("unchecked") // The request's own class.
  private Request<Object, Object> typed(Target target, Duration timeout, Metadata metadata) {
    Class<Object> type = (Class<Object>) request.getClass();
    Method<Object, Object> method = Method.unary(target.method(), type, type);
    if (description.method().getIdempotent()) {
      method = method.idempotent();
    }
    return Request.of(method, request)
        .withTarget(target)
        .withTimeout(timeout)
        .withMetadata(metadata);
  }

  private String shown(DynamicMessage message) throws CallFailure {
    try {
      return Json.pretty(
          JsonFormat.printer().usingTypeRegistry(description.types()).print(message));
    } catch (InvalidProtocolBufferException e) {
      throw new CallFailure("the reply cannot be shown as JSON: " + e.getMessage());
    }
  }

  private static String shown(JsonText reply) throws CallFailure {
    try {
      return Json.pretty(reply.text());
    } catch (IllegalArgumentException e) {
      throw new CallFailure("the reply is no JSON: " + e.getMessage());
    }
  }
}
