package erpc.bench;

import erpc.bench.wire.Echo;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.client.Client;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Calls before those that count: processes that have just started are slow, and a rate that they
 * cannot keep up with would teach clients that servers fail.
 */
final class Warming {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Warming() {}

  /**
   * Makes one call after the other for so long, and longer until one succeeds.
   *
   * @throws RpcException if none does for {@link #PATIENCE} more
   */
  static void with(Client client, Request<Echo, Echo> request, int seconds) {
    Request<Echo, Echo> patient = request.withTimeout(PATIENCE);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    long last = end + PATIENCE.toNanos();
    boolean succeeds = false;
    while (!succeeds || System.nanoTime() - end < 0) {
      try {
        var unused = client.send(patient);
        succeeds = true;
      } catch (RpcException e) { // By a server that has just started, and calls others that have.
        succeeds = false;
        if (System.nanoTime() - last >= 0) {
          throw e;
        }
      }
    }
  }
}
