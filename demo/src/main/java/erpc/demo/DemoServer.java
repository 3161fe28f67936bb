package erpc.demo;

import erpc.Erpc;
import java.io.IOException;

/** A server of a service and of single methods. Listening also registers it with the center. */
final class DemoServer {
  static final int DEFAULT_PORT = 8877;

  private DemoServer() {}

  /** Serves, on 0 at a free port; the process lives until Ctrl-C, and then loses no call. */
  static void run(int port) throws IOException {
    String name = port == 0 ? "process " + ProcessHandle.current().pid() : "server " + port;

    DemoGreeter greeter = new DemoGreeter(name);
    Erpc.handle(Greeter.SERVICE, greeter);

    // The same once more, method by method: this is how without generated code.
    Erpc.handle(DemoMethods.HELLO, (context, request) -> greeter.hello(request));
    Erpc.handle(DemoMethods.ECHO, (context, request) -> greeter.echo(request));
    Erpc.handleServerStream(
        DemoMethods.COUNT,
        (context, request, replies) -> greeter.count(request).forwardTo(replies));
    Erpc.handleStream(
        DemoMethods.CHAT,
        (context, requests, replies) -> greeter.chat(requests).forwardTo(replies));

    Erpc.listen("127.0.0.1:" + port);
  }
}
