package erpc.tools;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Printable;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.client.Client;
import erpc.server.wire.DescribeReply;
import erpc.server.wire.DescribeRequest;
import erpc.server.wire.MethodDescription;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of one of its methods.
 *
 * @param method its name, whether it is idempotent, the codecs it takes
 * @param request what it takes, or null if that is no protobuf message
 * @param reply what it answers, or null if that is no protobuf message
 * @param types all types the server described, for what is wrapped in an {@code Any}
 */
record Description(
    MethodDescription method,
    @Nullable Descriptor request,
    @Nullable Descriptor reply,
    TypeRegistry types) {

  private static final Method<DescribeRequest, DescribeReply> DESCRIBE =
      Method.unary("erpc.describe", DescribeRequest.class, DescribeReply.class).idempotent();

  private static final String AUTHORIZATION = "authorization";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /**
   * Asks a server for the method of a target.
   *
   * @param beside the call's metadata, of which the token is shown here as well
   * @throws CallFailure if it has none of this name, or cannot be asked
   * @throws IllegalArgumentException if the target is malformed
   */
  static Description ask(Client client, Target target, Metadata beside) throws CallFailure {
    String token = beside.text(AUTHORIZATION);
    Metadata shown = token == null ? Metadata.EMPTY : Metadata.EMPTY.with(AUTHORIZATION, token);
    DescribeReply reply;
    try {
      reply = describe(client, target, target.method(), shown);
    } catch (RpcException e) {
      switch (e.code()) {
        case UNIMPLEMENTED -> throw silent(e.status());
        case NOT_FOUND -> throw noMethod(client, target, e.status(), shown);
        default -> throw e;
      }
    }
    return read(reply, target);
  }

  private static DescribeReply describe(
      Client client, Target target, String method, Metadata shown) {
    Target describer = new Target(target.scheme(), target.where(), DESCRIBE.name());
    DescribeRequest request = DescribeRequest.newBuilder().setMethod(method).build();
    return client
        .send(
            Request.of(DESCRIBE, request)
                .withTarget(describer)
                .withMetadata(shown)
                .withTimeout(TIMEOUT))
        .body();
  }

  private static CallFailure silent(Status status) {
    return new CallFailure(
        "the server does not describe its methods, so it cannot be called without stubs: "
            + status);
  }

  private static CallFailure noMethod(Client client, Target target, Status status, Metadata shown) {
    String names =
        describe(client, target, "", shown).getMethodsList().stream()
            .map(MethodDescription::getName)
            .filter(name -> !name.equals(DESCRIBE.name()))
            .sorted()
            .map(Printable::of)
            .collect(Collectors.joining(", "));
    return new CallFailure(status + "; it has " + (names.isEmpty() ? "none" : names));
  }

  private static Description read(DescribeReply reply, Target target) throws CallFailure {
    try {
      MethodDescription method = reply.getMethods(0);
      List<Descriptor> all = messages(FileDescriptorSet.parseFrom(reply.getFileDescriptorSet()));
      return new Description(
          method,
          find(all, method.getRequestType()),
          find(all, method.getReplyType()),
          TypeRegistry.newBuilder().add(all).build());
    } catch (InvalidProtocolBufferException
        | DescriptorValidationException
        | IndexOutOfBoundsException e) {
      throw new CallFailure(
          "the server's description of "
              + target.method()
              + " cannot be understood: "
              + Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private static @Nullable Descriptor find(List<Descriptor> all, String name) {
    return all.stream().filter(each -> each.getFullName().equals(name)).findFirst().orElse(null);
  }

  /** The messages of all files, nested ones left out; dependencies come before dependents. */
  private static List<Descriptor> messages(FileDescriptorSet set)
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
    return files.values().stream().flatMap(file -> file.getMessageTypes().stream()).toList();
  }
}
