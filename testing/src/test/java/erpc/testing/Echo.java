package erpc.testing;

import com.google.protobuf.StringValue;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.server.Server;
import java.time.Duration;
import java.util.concurrent.Callable;

/** The service that tests of the kit call. */
final class Echo {
  static final Method<StringValue, StringValue> ECHO =
      Method.unary("demo.echo", StringValue.class, StringValue.class);

  private Echo() {}

  static void addTo(Server server) {
    server.handle(ECHO, (context, text) -> text);
  }

  static StringValue text(String value) {
    return StringValue.of(value);
  }

  static Request<StringValue, StringValue> request() {
    return Request.of(ECHO, text("hi"));
  }

  static Request<StringValue, StringValue> request(Duration timeout) {
    return request().withTimeout(timeout);
  }

  /** What the code fails with; null if it doesn't. */
  static Status.Code code(Callable<?> code) throws Exception {
    try {
      code.call();
      return Status.Code.OK;
    } catch (RpcException e) {
      return e.code();
    }
  }
}
