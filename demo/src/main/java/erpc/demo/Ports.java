package erpc.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether ports are free, and who might hold one that isn't. */
final class Ports {
  private static final Pattern ONE_ADDRESS = Pattern.compile("[^,]+:([0-9]{1,5})");

  private Ports() {}

  /**
   * Makes sure that an address can be listened on.
   *
   * @param address {@code 127.0.0.1:8877}
   * @throws DemoFailure saying who might hold it and what to do
   */
  static void checkFree(String address) throws DemoFailure {
    int port = portOf(address);
    String host = address.substring(0, address.lastIndexOf(':'));
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // As the servers do: a connection that lingers is no obstacle.
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw new DemoFailure(
          "cannot listen on " + address + ": " + e.getMessage() + "\n" + advice(port));
    }
  }

  /**
   * The port of an address.
   *
   * @throws DemoFailure if it is not one {@code host:port}
   */
  static int portOf(String address) throws DemoFailure {
    Matcher one = ONE_ADDRESS.matcher(address);
    if (!one.matches()) {
      throw new DemoFailure(
          "the demo's center listens where ERPC_CENTER says, and '"
              + address
              + "' is not one host:port of this machine; unset it, or set it to 127.0.0.1:8081");
    }
    return Integer.parseInt(one.group(1));
  }

  /** Who might hold a port, and what to do about it. */
  static String advice(int port) {
    List<String> ours =
        ProcessHandle.allProcesses()
            .filter(each -> each.pid() != ProcessHandle.current().pid())
            .filter(Ports::isErpc)
            .map(each -> "  process " + each.pid() + ": " + arguments(each))
            .toList();
    StringBuilder advice = new StringBuilder();
    if (!ours.isEmpty()) {
      advice.append("These erpc programs run on this machine and may hold it:\n");
      advice.append(String.join("\n", ours)).append('\n');
    }
    return advice
        .append("To see who holds it: ss -ltnp 'sport = :")
        .append(port)
        .append("', or lsof -i :")
        .append(port)
        .append(".\nEnd that program, or take other ports: see ./erpc demo --help.")
        .toString();
  }

  private static boolean isErpc(ProcessHandle process) {
    String[] arguments = process.info().arguments().orElse(new String[0]);
    return List.of(arguments).contains(Main.class.getName())
        || List.of(arguments).contains("erpc.tools.Main");
  }

  /** What follows the class path and its options: who it is. */
  private static String arguments(ProcessHandle process) {
    List<String> all = List.of(process.info().arguments().orElse(new String[0]));
    int main = Math.max(all.indexOf(Main.class.getName()), all.indexOf("erpc.tools.Main"));
    return (all.get(main).contains("demo") ? "erpc demo " : "erpc ")
        + String.join(" ", all.subList(main + 1, all.size()));
  }
}
