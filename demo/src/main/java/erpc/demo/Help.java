package erpc.demo;

/** What {@code --help} prints. */
final class Help {
  static final String TEXT =
      """
      ./erpc demo                      a center, two servers and a client as processes on this machine;
                                       one server is killed, and calls go on. Ends by itself.
               [--ports 8877,8878]     the ports of its two servers

      The same programs one by one, each in a terminal of its own, in any order:

      ./erpc demo center               the registry, until Ctrl-C
      ./erpc demo server [--port N]    a server of demo.proto's service Greeter, until Ctrl-C;
                                       at 8877 unless told otherwise, at a free port for 0
      ./erpc demo client               calls it and ends; waits a minute for a server
               [--seconds N]           then calls demo.echo 100 times per second for so long

      Everything stays on 127.0.0.1. The center is at 127.0.0.1:8081, or where ERPC_CENTER says (host:port).
      Their sources, made to be read: demo/src/main/java/erpc/demo.
      Exit codes: 0 done, 1 it failed, 2 wrong usage.
      """;

  private Help() {}
}
