package erpc.demo;

import erpc.Erpc;
import erpc.call.RpcException;
import erpc.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/** Starts the program that the arguments name. */
public final class Main {
  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private static final List<Integer> SERVER_PORTS = List.of(DemoServer.DEFAULT_PORT, 8878);

  private Main() {}

  /** Runs a program; servers and the center live on after this has returned. */
  public static void main(String[] arguments) {
    Program.endWithParent();
    int code = run(arguments, System.out, System.err);
    boolean serves = code == DONE && servesOn(arguments);
    if (!serves) {
      System.exit(code);
    }
  }

  private static boolean servesOn(String[] arguments) {
    List<String> all = List.of(arguments);
    boolean server = all.contains("center") || all.contains("server");
    return server && !Arguments.asksForHelp(all);
  }

  /** Runs a program and returns its exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream err) {
    try {
      return run(new Arguments(arguments), out);
    } catch (UsageException e) {
      err.println("erpc demo: " + e.getMessage());
      err.println("./erpc demo --help shows what can be said.");
      return USAGE;
    } catch (SettingsException e) {
      err.println("erpc demo: " + e.getMessage());
      return USAGE;
    } catch (RpcException e) {
      err.println("erpc demo: the call failed: " + e.status());
      return FAILED;
    } catch (DemoFailure | IOException e) {
      err.println("erpc demo: " + e.getMessage());
      return FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    }
  }

  private static int run(Arguments arguments, PrintStream out)
      throws UsageException, DemoFailure, IOException, InterruptedException {
    if (arguments.askForHelp()) {
      out.print(Help.TEXT);
      return DONE;
    }
    switch (arguments.program()) {
      case "" -> together(arguments.ports(SERVER_PORTS), out);
      case "center" -> center(arguments);
      case "server" -> server(arguments.port(DemoServer.DEFAULT_PORT));
      case "client" -> {
        return client(arguments.seconds(), out);
      }
      default ->
          throw new UsageException(
              "unknown program '" + arguments.program() + "'; known are center, server, client");
    }
    return DONE;
  }

  private static void together(List<Integer> ports, PrintStream out)
      throws DemoFailure, IOException, InterruptedException {
    try (Together together = new Together(out, ports)) {
      Thread onExit = new Thread(together::close, "end of the demo");
      Runtime.getRuntime().addShutdownHook(onExit);
      together.run();
    }
  }

  private static void center(Arguments arguments) throws UsageException, DemoFailure {
    arguments.none();
    String address = Erpc.client().center();
    try {
      DemoCenter.run();
    } catch (IOException e) {
      throw cannotListen(e, Ports.portOf(address));
    }
  }

  private static void server(int port) throws DemoFailure {
    try {
      DemoServer.run(port);
    } catch (IOException e) {
      throw cannotListen(e, port);
    }
  }

  private static DemoFailure cannotListen(IOException e, int port) {
    return new DemoFailure(e.getMessage() + System.lineSeparator() + Ports.advice(port));
  }

  private static int client(Duration steadily, PrintStream out) throws InterruptedException {
    DemoClient client = new DemoClient(out);
    client.run();
    return client.keepCalling(steadily) ? DONE : FAILED;
  }
}
