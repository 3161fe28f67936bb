package erpc.bench;

/** Something whose calls are measured. */
interface Subject {
  /**
   * Starts an echo server in this process.
   *
   * @return the port it listens on, on loopback
   */
  int serve() throws Exception;

  /** Connects to an echo server of the same kind. */
  Caller connect(int port, int payloadBytes) throws Exception;

  /** One connection. */
  interface Caller {
    /**
     * Makes a call that echoes the payload; the action runs when its answer is here, wherever that
     * is.
     */
    void call(Runnable done);
  }

  /**
   * The subject of a name.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  static Subject named(String name) {
    return switch (name) {
      case "netty" -> new NettySubject();
      case "erpc" -> new ErpcSubject();
      default ->
          throw new IllegalArgumentException("subject '" + name + "' is not one of netty, erpc");
    };
  }
}
