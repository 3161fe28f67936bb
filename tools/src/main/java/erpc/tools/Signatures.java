package erpc.tools;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import erpc.call.Method;
import erpc.server.wire.MethodDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Methods and the types that they need, as a {@code .proto} file would say it, or for programs. The
 * same description gives the same text. For one thread.
 */
final class Signatures {
  private final Descriptions of;
  private final Comments comments = new Comments();
  private final Lines out = new Lines();

  Signatures(Descriptions of) {
    this.of = of;
  }

  /**
   * The services with these methods, then the types.
   *
   * @param methods by service
   * @throws CallFailure if there is too much to show
   */
  String text(List<MethodDescription> methods) throws CallFailure {
    NeededTypes needed = new NeededTypes();
    String service = null;
    for (MethodDescription each : methods) {
      if (!Descriptions.service(each).equals(service)) {
        service = Descriptions.service(each);
        ServiceDescriptor declared = of.declared(service);
        out.gap();
        out.comment(0, declared == null ? "" : comments.of(declared));
        out.add(0, "service " + service);
      }
      out.gap();
      out.comment(1, comment(each));
      out.add(1, line(each));
      needed.add(of.message(each.getRequestType()));
      needed.add(of.message(each.getReplyType()));
    }
    TypeText types = new TypeText(needed, comments, out);
    for (GenericDescriptor each : needed.outermost()) {
      out.gap();
      types.write(each);
    }
    return out.take();
  }

  /**
   * A line of JSON for each method, with the types that it needs.
   *
   * @throws CallFailure if there is too much to show
   */
  List<String> json(List<MethodDescription> methods) throws CallFailure {
    List<String> lines = new ArrayList<>();
    for (MethodDescription each : methods) {
      NeededTypes needed = new NeededTypes();
      needed.add(of.message(each.getRequestType()));
      needed.add(of.message(each.getReplyType()));
      TypeText types = new TypeText(needed, comments, out);
      Map<String, String> texts = new LinkedHashMap<>();
      for (GenericDescriptor type : needed.outermost()) {
        types.write(type);
        texts.put(type.getFullName(), out.take());
      }
      MethodDescription told = each.toBuilder().setComment(comment(each)).build();
      lines.add(Json.method(told, isDeprecated(each), texts));
    }
    return lines;
  }

  private String line(MethodDescription method) {
    Method.Kind kind = Descriptions.kind(method);
    String name = method.getName().substring(method.getName().lastIndexOf('.') + 1);
    String request = type(method, method.getRequestType(), kind.streamsRequests());
    String reply = type(method, method.getReplyType(), kind.streamsReplies());
    List<String> notes = new ArrayList<>();
    if (method.getIdempotent()) {
      notes.add("idempotent");
    }
    if (isDeprecated(method)) {
      notes.add("deprecated");
    }
    notes.add(
        method.getCodecsList().isEmpty()
            ? "no codec of the server takes it"
            : method.getCodecsList().stream().collect(Collectors.joining(", ", "codecs ", "")));
    return "rpc " + name + request + " returns " + reply + "   // " + String.join("; ", notes);
  }

  private String type(MethodDescription method, String name, boolean streams) {
    Descriptor known = of.message(name);
    String service = Descriptions.service(method);
    String within = service.substring(0, Math.max(0, service.lastIndexOf('.')));
    String shown = known == null ? name : TypeText.name(known, within);
    return (streams ? "(stream " : "(") + (shown.isEmpty() ? "not protobuf" : shown) + ")";
  }

  /** What the server says of the method, or the file that declares it. */
  private String comment(MethodDescription method) {
    MethodDescriptor declared = declared(method);
    return method.getComment().isEmpty() && declared != null
        ? comments.of(declared)
        : method.getComment();
  }

  private boolean isDeprecated(MethodDescription method) {
    MethodDescriptor declared = declared(method);
    return declared != null && declared.getOptions().getDeprecated();
  }

  private @Nullable MethodDescriptor declared(MethodDescription method) {
    ServiceDescriptor service = of.declared(Descriptions.service(method));
    return service == null
        ? null
        : service.findMethodByName(
            method.getName().substring(method.getName().lastIndexOf('.') + 1));
  }
}
