package erpc.tools;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.TypeRegistry;
import erpc.call.Metadata;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.client.Client;
import erpc.server.wire.MethodDescription;
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
  private static final String AUTHORIZATION = "authorization";

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
    try {
      return of(
          Descriptions.ask(client, target, target.method(), shown, Descriptions.TIMEOUT),
          target.method());
    } catch (RpcException e) {
      switch (e.code()) {
        case UNIMPLEMENTED -> throw silent(e.status());
        case NOT_FOUND -> throw noMethod(client, target, e.status(), shown);
        default -> throw e;
      }
    }
  }

  private static CallFailure silent(Status status) {
    return new CallFailure(
        "the server does not describe its methods, so it cannot be called without stubs: "
            + status);
  }

  private static CallFailure noMethod(Client client, Target target, Status status, Metadata shown)
      throws CallFailure {
    String names =
        Descriptions.ask(client, target, "", shown, Descriptions.TIMEOUT).methods().stream()
            .map(MethodDescription::getName)
            .filter(name -> !name.equals(Descriptions.DESCRIBE.name()))
            .sorted()
            .map(Printable::of)
            .collect(Collectors.joining(", "));
    return new CallFailure(status + "; it has " + (names.isEmpty() ? "none" : names));
  }

  private static Description of(Descriptions found, String name) throws CallFailure {
    if (found.methods().isEmpty()) {
      throw new CallFailure(
          "the server's description of " + name + " cannot be understood: it says nothing of it");
    }
    MethodDescription method = found.methods().get(0);
    return new Description(
        method,
        found.message(method.getRequestType()),
        found.message(method.getReplyType()),
        found.types());
  }
}
