package erpc.center.processes;

import erpc.Erpc;
import erpc.center.Center;
import erpc.server.Server;
import java.time.Duration;

/** Center, server and client in one process, which ends when its work is done. */
final class TogetherProgram {
  private TogetherProgram() {}

  /** Takes nothing. */
  public static void main(String[] args) throws Exception {
    Center center = (Center) Erpc.listenCenter("127.0.0.1:0");
    System.setProperty("erpc.center", center.address());
    Erpc.handle("demo.echo", byte[].class, byte[].class, (context, message) -> message);
    Server server = Erpc.listen("127.0.0.1:0");
    byte[] reply = Erpc.call("demo.echo", new byte[3], byte[].class, Duration.ofSeconds(20));
    System.out.println("ready " + server.address() + " " + reply.length);
    System.exit(0);
  }
}
