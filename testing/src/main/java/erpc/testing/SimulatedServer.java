package erpc.testing;

import erpc.server.Server;

/**
 * A server of a {@link SimulatedCluster}: what it answers with, and what goes wrong with it and on
 * the way to it. Thread-safe.
 */
public final class SimulatedServer {
  private final String name;
  private final String address;
  private final Server server;
  private final Faults faults;
  private final Link link;

  SimulatedServer(String name, String address, Server server, Faults faults, Link link) {
    this.name = name;
    this.address = address;
    this.server = server;
    this.faults = faults;
    this.link = link;
  }

  /** As the test named it. */
  public String name() {
    return name;
  }

  /** Where clients of the simulation reach it, over its link: {@code a:1} of the server a. */
  public String address() {
    return address;
  }

  /** The place that is this server alone, for {@code Request.at}: {@code cluster://a}. */
  public String place() {
    return Members.SCHEME + "://" + name;
  }

  /** The server itself, which may get more handlers. */
  public Server server() {
    return server;
  }

  /** What goes wrong with its calls. */
  public Faults faults() {
    return faults;
  }

  /** The network in front of it. */
  public Link link() {
    return link;
  }

  /**
   * Stops it as SIGSTOP stops a process: nothing comes in or goes out, though connections are
   * accepted, until {@link #resume()}; then all does. Its handlers, and its timers, go on.
   */
  public SimulatedServer stop() {
    link.stop();
    return this;
  }

  /** Has it go on after {@link #stop()}. */
  public SimulatedServer resume() {
    link.resume();
    return this;
  }

  /** Ends it as a killed process ends: its connections are reset, and new ones refused. */
  public SimulatedServer kill() {
    link.refuse().reset();
    return this;
  }

  /** Has it listen again after {@link #kill()}, with its network in good order. */
  public SimulatedServer restart() {
    link.restore();
    return this;
  }

  @Override
  public String toString() {
    return name;
  }
}
