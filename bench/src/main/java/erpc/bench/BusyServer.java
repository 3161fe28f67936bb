package erpc.bench;

import erpc.bench.driver.Ending;
import erpc.bench.wire.Echo;
import erpc.call.Context;
import erpc.call.Method;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.settings.Mode;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A server whose handlers burn a millisecond of a processor. Its argument says whether it protects
 * itself. Prints its port; ends with its input.
 */
final class BusyServer {
  static final Method<Echo, Echo> BURN = Method.unary("bench.burn", Echo.class, Echo.class);

  private static final long BURNS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int TRIALS = 2_000;

  private final long turns;

  /** Where a sum is kept that nobody needs, so that it is computed. */
  private volatile long sink;

  private BusyServer() {
    int trial = 10_000;
    long best = Long.MAX_VALUE;
    for (int i = 0; i < TRIALS; i++) {
      long start = System.nanoTime();
      burn(trial);
      best = Math.min(best, System.nanoTime() - start);
    }
    turns = trial * BURNS_NANOS / Math.max(1, best);
  }

  /** Runs until its input ends. */
  public static void main(String[] args) {
    Ending.with(() -> new BusyServer().answer(Mode.valueOf(args[0])));
  }

  /** Work, not time: who is interrupted has as much left to do. */
  private void burn(long count) {
    long sum = sink;
    for (long i = 0; i < count; i++) {
      sum = sum * 6364136223846793005L + 1442695040888963407L;
    }
    sink = sum;
  }

  private Echo handle(Context context, Echo request) {
    burn(turns);
    return request;
  }

  private void answer(Mode protection) throws IOException {
    Server server =
        Server.builder()
            .settings(
                ServerSettings.DEFAULTS
                    .withShedding(protection)
                    .withConcurrencyLimit(protection)
                    .withTrustCriticality(true))
            .build()
            .handle(BURN, this::handle)
            .listen("127.0.0.1:0");
    String address = server.address();
    System.out.println(address.substring(address.lastIndexOf(':') + 1));
    while (System.in.read() >= 0) {
      // Until its end.
    }
  }
}
