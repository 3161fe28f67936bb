package erpc.server;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import erpc.call.Method;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.server.wire.DescribeReply;
import erpc.server.wire.DescribeRequest;
import erpc.server.wire.MethodDescription;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code erpc.describe}: what the server offers, so that calls can be made without stubs. */
final class Describe {
  private static final Method<DescribeRequest, DescribeReply> METHOD =
      Method.unary("erpc.describe", DescribeRequest.class, DescribeReply.class).idempotent();

  private final MethodTable methods;
  private final Codecs codecs;

  private Describe(MethodTable methods, Codecs codecs) {
    this.methods = methods;
    this.codecs = codecs;
  }

  static void addTo(MethodTable methods, Codecs codecs) {
    Describe describe = new Describe(methods, codecs);
    methods.add(
        METHOD, (context, request) -> describe.answer(request.getMethod()), Execution.virtual());
  }

  private DescribeReply answer(String name) {
    DescribeReply.Builder reply = DescribeReply.newBuilder();
    FileDescriptorSet.Builder files = FileDescriptorSet.newBuilder();
    Set<String> seen = new HashSet<>();
    for (Route<?, ?> route : asked(name)) {
      reply.addMethods(description(route.method()));
      addFiles(descriptor(route.method().requestType().raw()), files, seen);
      addFiles(descriptor(route.method().responseType().raw()), files, seen);
    }
    return reply.setFileDescriptorSet(files.build().toByteString()).build();
  }

  private List<Route<?, ?>> asked(String name) {
    if (name.isEmpty()) {
      return methods.all();
    }
    Route<?, ?> route = methods.find(name);
    if (route == null) {
      throw new RpcException(
          Status.Code.NOT_FOUND, "no method " + Printable.of(name) + " on this server");
    }
    return List.of(route);
  }

  private MethodDescription description(Method<?, ?> method) {
    Descriptor request = descriptor(method.requestType().raw());
    Descriptor reply = descriptor(method.responseType().raw());
    MethodDescription.Builder description =
        MethodDescription.newBuilder()
            .setName(method.name())
            .setRequestType(request == null ? "" : request.getFullName())
            .setReplyType(reply == null ? "" : reply.getFullName())
            .setIdempotent(method.isIdempotent())
            .setKind(kind(method.kind()))
            .setComment(method.description());
    for (Codec codec : codecs.all()) {
      if (Codecs.takes(codec, method)) {
        description.addCodecs(codec.name());
      }
    }
    return description.build();
  }

  private static MethodDescription.Kind kind(Method.Kind kind) {
    return switch (kind) {
      case UNARY -> MethodDescription.Kind.UNARY;
      case CLIENT_STREAMING -> MethodDescription.Kind.CLIENT_STREAMING;
      case SERVER_STREAMING -> MethodDescription.Kind.SERVER_STREAMING;
      case BIDIRECTIONAL -> MethodDescription.Kind.BIDIRECTIONAL;
    };
  }

  private static @Nullable Descriptor descriptor(Class<?> type) {
    if (!MessageLite.class.isAssignableFrom(type)) {
      return null;
    }
    MessageLite example = Internal.getDefaultInstance(type.asSubclass(MessageLite.class));
    return example instanceof Message message ? message.getDescriptorForType() : null;
  }

  private static void addFiles(
      @Nullable Descriptor type, FileDescriptorSet.Builder files, Set<String> seen) {
    if (type != null) {
      addFile(type.getFile(), files, seen);
    }
  }

  private static void addFile(
      FileDescriptor file, FileDescriptorSet.Builder files, Set<String> seen) {
    if (seen.add(file.getFullName())) {
      for (FileDescriptor dependency : file.getDependencies()) {
        addFile(dependency, files, seen);
      }
      files.addFile(file.toProto());
    }
  }
}
