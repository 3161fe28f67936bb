package erpc.center.processes;

import erpc.call.Method;
import erpc.server.Execution;
import erpc.server.Server;
import java.util.concurrent.CountDownLatch;

/** A server whose handlers misbehave when they are asked to. */
final class SpinningProgram {
  static final Method<byte[], byte[]> GOOD = Method.unary("demo.good", byte[].class, byte[].class);

  /** Never waits and never ends. */
  static final Method<byte[], byte[]> SPIN = Method.unary("demo.spin", byte[].class, byte[].class);

  /** Blocks the event loop for a while, by mistake. */
  static final Method<byte[], byte[]> BLOCK =
      Method.unary("demo.block", byte[].class, byte[].class);

  private SpinningProgram() {}

  /** Takes the address to listen on. */
  public static void main(String[] args) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Server server =
        Server.builder()
            .build()
            .handle(GOOD, (context, request) -> request)
            .handle(SPIN, (context, request) -> spinForEver())
            .handle(
                BLOCK,
                (context, request) -> {
                  boolean unused = never.await(1, java.util.concurrent.TimeUnit.SECONDS);
                  return request;
                },
                Execution.inline())
            .listen(args[0]);
    System.out.println("ready " + server.address());
  }

  private static byte[] spinForEver() {
    while (true) {
      Thread.onSpinWait();
    }
  }
}
