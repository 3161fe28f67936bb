package erpc.demo;

import erpc.Erpc;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The whole demo: a center, two servers and a client as processes, and the end of one server. */
final class Together implements AutoCloseable {
  private static final Duration START_WITHIN = Duration.ofSeconds(30);
  private static final Duration CALLING = Duration.ofSeconds(4);

  private final PrintStream out;
  private final List<Integer> ports;
  private final List<Program> running = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  Together(PrintStream out, List<Integer> ports) {
    this.out = out;
    this.ports = ports;
  }

  /**
   * Shows everything, from the first start to the last end.
   *
   * @throws DemoFailure if anything goes otherwise than it should
   */
  void run() throws IOException, InterruptedException, DemoFailure {
    try {
      show();
    } catch (DemoFailure e) {
      if (!closed) { // Else the user has stopped it, and its programs ended for that.
        throw e;
      }
    }
  }

  private void show() throws IOException, InterruptedException, DemoFailure {
    String center = Erpc.client().center();
    checkPorts(center);

    out.println("1. A center starts at " + center + ": the registry that knows who serves what.");
    start("center", "center").awaitText("listening on", START_WITHIN);

    out.println("2. Two servers start and register with it.");
    List<Program> servers = List.of(startServer(ports.get(0)), startServer(ports.get(1)));
    for (Program server : servers) {
      server.awaitText("registered at the center", START_WITHIN);
    }

    out.println(
        "3. A client calls methods by name, and a service by its interface; it was told no"
            + " address.");
    Program client = start("client", "client", "--seconds", "" + CALLING.toSeconds());
    client.awaitText("calls of demo.echo", START_WITHIN);

    int victim = ports.get(0);
    out.println("4. Server " + victim + " is killed (kill -9) while the client calls on.");
    servers.get(0).kill();
    int code = client.awaitEnd(CALLING.plus(START_WITHIN));
    if (code != 0) {
      throw new DemoFailure(
          "the client ended with exit code " + code + "; its lines above say why");
    }

    out.println("5. Everything is stopped.");
    close();
    out.println("everything worked: no call failed, though a server died under them");
  }

  private void checkPorts(String center) throws DemoFailure {
    Ports.checkFree(center);
    for (int port : ports) {
      Ports.checkFree("127.0.0.1:" + port);
    }
  }

  private Program startServer(int port) throws IOException {
    return start("server " + port, "server", "--port", "" + port);
  }

  private Program start(String name, String... arguments) throws IOException {
    Program program = Program.start(name, out, arguments);
    running.add(program);
    return program;
  }

  /** Ends what is still running, the last one started first. */
  @Override
  public void close() {
    closed = true;
    for (Program program : List.copyOf(running).reversed()) {
      program.close();
      running.remove(program);
    }
  }
}
