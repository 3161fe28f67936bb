package erpc.tools;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Printable;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Target;
import erpc.client.Client;
import erpc.server.wire.DescribeReply;
import erpc.server.wire.DescribeRequest;
import erpc.server.wire.MethodDescription;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a server says of its methods, and of the types of those that take protobuf. Immutable. */
final class Descriptions {
  /** Asks a server for them. */
  static final Method<DescribeRequest, DescribeReply> DESCRIBE =
      Method.unary("erpc.describe", DescribeRequest.class, DescribeReply.class).idempotent();

  /** How long a server may take to answer, unless a person says otherwise. */
  static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final List<MethodDescription> methods;
  private final Map<String, Descriptor> messages = new HashMap<>();
  private final Map<String, ServiceDescriptor> services = new HashMap<>();

  private Descriptions(List<MethodDescription> methods, Iterable<FileDescriptor> files) {
    this.methods = List.copyOf(methods);
    for (FileDescriptor file : files) {
      file.getMessageTypes().forEach(this::add);
      file.getServices().forEach(each -> services.put(each.getFullName(), each));
    }
  }

  private void add(Descriptor type) {
    messages.put(type.getFullName(), type);
    type.getNestedTypes().forEach(this::add);
  }

  /**
   * Asks a server.
   *
   * @param at where it is; the method of the target does not matter
   * @param method the one that is asked for, or empty for all
   * @throws CallFailure if its answer cannot be understood
   * @throws RpcException if it cannot be asked, or has no such method
   */
  static Descriptions ask(Client client, Target at, String method, Metadata shown, Duration timeout)
      throws CallFailure {
    DescribeRequest request = DescribeRequest.newBuilder().setMethod(method).build();
    DescribeReply reply =
        client
            .send(
                Request.of(DESCRIBE, request)
                    .withTarget(new Target(at.scheme(), at.where(), DESCRIBE.name()))
                    .withMetadata(shown)
                    .withTimeout(timeout))
            .body();
    return read(reply, method.isEmpty() ? "its methods" : method);
  }

  /**
   * Reads an answer.
   *
   * @param about what was asked for
   * @throws CallFailure if it cannot be understood
   */
  static Descriptions read(DescribeReply reply, String about) throws CallFailure {
    try {
      FileDescriptorSet set = FileDescriptorSet.parseFrom(reply.getFileDescriptorSet());
      return new Descriptions(reply.getMethodsList(), files(set));
    } catch (InvalidProtocolBufferException | DescriptorValidationException | RuntimeException e) {
      // Where no compiler has made the descriptors, the library throws whatever it runs into.
      throw new CallFailure(
          "the server's description of "
              + about
              + " cannot be understood: "
              + Printable.of(String.valueOf(e instanceof RuntimeException ? e : e.getMessage())));
    }
  }

  /** The files; dependencies come before dependents. */
  private static Iterable<FileDescriptor> files(FileDescriptorSet set)
      throws DescriptorValidationException {
    Map<String, FileDescriptor> files = new LinkedHashMap<>();
    for (FileDescriptorProto file : set.getFileList()) {
      FileDescriptor[] dependencies =
          file.getDependencyList().stream()
              .map(files::get)
              .filter(known -> known != null)
              .toArray(FileDescriptor[]::new);
      files.put(file.getName(), FileDescriptor.buildFrom(file, dependencies));
    }
    return files.values();
  }

  /** The methods, as the server has listed them. */
  List<MethodDescription> methods() {
    return methods;
  }

  /** The message with this full name, or null if the server has described none. */
  @Nullable Descriptor message(String name) {
    return messages.get(name);
  }

  /** The service with this full name as a file declares it, or null if none does. */
  @Nullable ServiceDescriptor declared(String name) {
    return services.get(name);
  }

  /** All messages, for what is wrapped in an {@code Any}. */
  TypeRegistry types() {
    return TypeRegistry.newBuilder().add(messages.values()).build();
  }

  /** How many messages go each way. */
  static Method.Kind kind(MethodDescription method) {
    return switch (method.getKind()) {
      case CLIENT_STREAMING -> Method.Kind.CLIENT_STREAMING;
      case SERVER_STREAMING -> Method.Kind.SERVER_STREAMING;
      case BIDIRECTIONAL -> Method.Kind.BIDIRECTIONAL;
      case UNARY, UNRECOGNIZED -> Method.Kind.UNARY;
    };
  }

  /** The service part of a method's name; empty if it is no method's name. */
  static String service(MethodDescription method) {
    return method.getName().substring(0, Math.max(0, method.getName().lastIndexOf('.')));
  }
}
