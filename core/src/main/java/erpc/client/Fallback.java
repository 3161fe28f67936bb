package erpc.client;

import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Answers calls of a method in the place of servers that don't. Outside all other filters. */
record Fallback(BiFunction<Object, Status, @Nullable Object> function) implements Filter {
  /** The same for a function that knows the types of its method. */
  @SuppressWarnings("unchecked") // Calls of a method have its types.
  static <Q, R> Fallback of(BiFunction<? super Q, ? super Status, ? extends R> function) {
    return new Fallback(
        (BiFunction<Object, Status, @Nullable Object>) (BiFunction<?, ?, ?>) function);
  }

  @Override
  public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
    try {
      return next.call(request);
    } catch (RpcException e) {
      if (e.status().code() == Status.Code.CANCELLED && !e.status().isRemote()) {
        throw e; // Nobody wants an answer any more.
      }
      return instead(request, e);
    }
  }

  private Reply<?> instead(Request<?, ?> request, RpcException failed) {
    Method<?, ?> method = request.method();
    Object given;
    try {
      given = function.apply(request.body(), failed.status());
    } catch (RpcException e) {
      throw e; // It has none for this, or says something else.
    } catch (Throwable e) {
      throw failure(method, "threw " + Thrown.describe(e), failed).toException(e);
    }
    if (!method.responseType().isInstance(given)) {
      String what = given == null ? "null" : given.getClass().getName();
      throw failure(method, "gave " + what, failed).toException(failed);
    }
    return Reply.of(given);
  }

  private static Status failure(Method<?, ?> method, String what, RpcException failed) {
    return Status.of(
        Status.Code.INTERNAL,
        "the fallback of " + method + " " + what + "; the call had ended in " + failed.status());
  }
}
