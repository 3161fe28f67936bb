package erpc.demo;

import erpc.call.Method;

/**
 * Methods written down by hand, as {@link Greeter} has them by generated code: what the server
 * offers and the client calls.
 */
final class DemoMethods {
  static final Method<HelloRequest, HelloResponse> HELLO =
      Method.unary("demo.hello", HelloRequest.class, HelloResponse.class);

  /** Running it twice does no harm, so a try that died with its server may be made again. */
  static final Method<EchoRequest, EchoReply> ECHO =
      Method.unary("demo.echo", EchoRequest.class, EchoReply.class).idempotent();

  /** Counts to n, a reply for each number. */
  static final Method<CountRequest, CountReply> COUNT =
      Method.serverStreaming("demo.count", CountRequest.class, CountReply.class);

  /** Answers each message as it comes, for as long as messages come. */
  static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  private DemoMethods() {}
}
