package erpc.discovery;

import erpc.call.RpcException;
import erpc.call.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Answers of a center that the same question will get again, so that nobody is promised that they
 * pass: somebody has to mend something. They are still asked for again, but ever more seldom: what
 * is mended may be the center.
 */
final class Refusal {
  private Refusal() {}

  /** What is to be done about this failure, or null if it may pass by itself. */
  static @Nullable String advice(Throwable e) {
    if (e instanceof IllegalArgumentException) {
      return "erpc.center says where the center is, erpc.advertise where this server is";
    }
    Status.Code code = e instanceof RpcException rpc ? rpc.code() : Status.Code.UNKNOWN;
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE ->
          "mend what it names; erpc.advertise says where this server is";
      case UNIMPLEMENTED ->
          "what answers there is no center, or one of another version; erpc.center says where it is";
      case UNAUTHENTICATED, PERMISSION_DENIED ->
          "the center judges by the credentials of the client that asks it";
      default -> null;
    };
  }

  /** How long to wait after this failure. */
  static Duration pause(Throwable e, CenterBackoff backoff) {
    return advice(e) == null ? backoff.next() : backoff.afterRefusal();
  }
}
