package erpc.bench.simulate;

import erpc.call.CallOptions;
import erpc.call.Criticality;
import erpc.call.Method;
import erpc.call.Request;
import org.jspecify.annotations.Nullable;

/**
 * A method of the servers of one level.
 *
 * @param below what its handler calls one level further down when its own work is done, or null
 */
record Operation(String name, Demand demand, Request<?, ?> request, @Nullable Operation below) {
  /** One that may be tried again. */
  static Operation idempotent(String name, Demand demand) {
    return new Operation(name, demand, request(name), null);
  }

  /** The same, this critical. */
  Operation as(Criticality how) {
    CallOptions options = request.options().withCriticality(how);
    return new Operation(name, demand, request.withOptions(options), below);
  }

  /** The same, calling another one. */
  Operation calling(Operation next) {
    return new Operation(name, demand, request, next);
  }

  boolean isIdempotent() {
    return request.method().isIdempotent();
  }

  private static Request<?, ?> request(String name) {
    byte[] nothing = {};
    return Request.of(
        Method.unary("simulated." + name, byte[].class, byte[].class).idempotent(), nothing);
  }
}
