package erpc.bench.driver;

/**
 * What one run gave, counted at one end or, once the other end's usage is added, at both.
 *
 * @param calls calls that ended during the run
 * @param nanos how long the run took
 * @param p50Nanos median of the calls that were timed
 * @param client used by the client's process during the run
 * @param server used by the server's process; nothing in what the client says
 */
public record Figures(
    long calls,
    long nanos,
    long p50Nanos,
    long p99Nanos,
    long p999Nanos,
    Usage client,
    Usage server) {
  /** Calls a second. */
  public double perSecond() {
    return calls * 1e9 / nanos;
  }

  /** Processor time per call, both ends, in microseconds. */
  public double cpuMicros() {
    return clientCpuMicros() + serverCpuMicros();
  }

  /** Processor time per call at the client, in microseconds. */
  public double clientCpuMicros() {
    return client.cpuNanos() / 1e3 / calls;
  }

  /** Processor time per call at the server, in microseconds. */
  public double serverCpuMicros() {
    return server.cpuNanos() / 1e3 / calls;
  }

  /** Heap allocated a call at the client, in bytes. */
  public double clientBytes() {
    return client.allocatedBytes() / (double) calls;
  }

  /** Heap allocated a call at the server, in bytes. */
  public double serverBytes() {
    return server.allocatedBytes() / (double) calls;
  }

  /** These figures with what the server used. */
  public Figures withServer(Usage used) {
    return new Figures(calls, nanos, p50Nanos, p99Nanos, p999Nanos, client, used);
  }

  /** What the client's process prints. */
  String line() {
    return "%d %d %d %d %d %s".formatted(calls, nanos, p50Nanos, p99Nanos, p999Nanos, client);
  }

  /**
   * What the client's process printed.
   *
   * @throws IllegalArgumentException if that was something else
   */
  public static Figures parse(String line) {
    String[] words = line.strip().split(" ", 6);
    if (words.length < 6) {
      throw new IllegalArgumentException("not figures of a run: '" + line + "'");
    }
    return new Figures(
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Usage.parse(words[5]),
        Usage.NOTHING);
  }
}
