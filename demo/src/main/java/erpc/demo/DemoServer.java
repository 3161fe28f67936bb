package erpc.demo;

import erpc.Erpc;
import java.io.IOException;

/** A server: a method is a function. Listening also registers it with the center. */
final class DemoServer {
  static final int DEFAULT_PORT = 8877;

  private DemoServer() {}

  /** Serves, on 0 at a free port; the process lives until Ctrl-C, and then loses no call. */
  static void run(int port) throws IOException {
    String name = port == 0 ? "process " + ProcessHandle.current().pid() : "server " + port;

    Erpc.handle(
        DemoMethods.HELLO,
        (context, request) ->
            HelloResponse.newBuilder().setMsg("hello " + request.getName()).build());
    Erpc.handle(
        DemoMethods.ECHO,
        (context, request) ->
            EchoReply.newBuilder().setMsg(request.getMsg()).setServedBy(name).build());
    Erpc.handleServerStream(
        DemoMethods.COUNT,
        (context, request, replies) -> {
          for (int i = 1; i <= request.getN(); i++) {
            replies.send(CountReply.newBuilder().setNumber(i).build());
          }
        });
    Erpc.handleStream(
        DemoMethods.CHAT,
        (context, requests, replies) -> {
          for (EchoRequest each : requests) {
            replies.send(EchoReply.newBuilder().setMsg(each.getMsg()).setServedBy(name).build());
          }
        });

    Erpc.listen("127.0.0.1:" + port);
  }
}
