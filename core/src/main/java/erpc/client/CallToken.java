package erpc.client;

import erpc.call.Filter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.transport.Credentials;
import java.util.Objects;

/** Sends the token of this moment with each try. Where it may block, as every filter may. */
record CallToken(Credentials credentials) implements Filter {
  @Override
  public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
    String token;
    try {
      token = Objects.requireNonNull(credentials.token().get(), "the supplier gave null");
    } catch (Throwable e) {
      throw Status.of(
              Status.Code.UNAUTHENTICATED,
              "there are no credentials to show: " + Thrown.describe(e))
          .toException(e);
    }
    return next.call(request.withMetadata("authorization", "Bearer " + token));
  }
}
