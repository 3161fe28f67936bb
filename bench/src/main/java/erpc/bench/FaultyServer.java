package erpc.bench;

import erpc.bench.driver.Ending;
import erpc.bench.wire.Echo;
import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Status;
import erpc.server.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A server whose health its input says. Prints its port; a word of {@link Health} is answered with
 * a dot, {@code calls} with the number of calls that have come; ends with its input.
 */
final class FaultyServer {
  /** May run twice. */
  static final Method<Echo, Echo> READ =
      Method.unary("bench.read", Echo.class, Echo.class).idempotent();

  /** May not. */
  static final Method<Echo, Echo> WRITE = Method.unary("bench.write", Echo.class, Echo.class);

  private static final long USUAL_MILLIS = 1;
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How it answers. */
  enum Health {
    GOOD,
    /** Each call with UNAVAILABLE. */
    UNAVAILABLE,
    /** Each call with INTERNAL. */
    INTERNAL,
    /** Never. */
    HANGING,
    /** For two seconds well, for two with UNAVAILABLE, and so on. */
    FLAPPING,
    /** One call of twenty with UNAVAILABLE. */
    FIVE_PERCENT,
    /** A hundred times slower. */
    SLOW
  }

  private final LongAdder calls = new LongAdder();
  private volatile Health health = Health.GOOD;

  /** Runs until its input ends. */
  public static void main(String[] args) {
    Ending.with(() -> new FaultyServer().answer());
  }

  private void answer() throws IOException {
    Server server =
        Server.builder()
            .build()
            .handle(READ, this::handle)
            .handle(WRITE, this::handle)
            .listen("127.0.0.1:0");
    String address = server.address();
    System.out.println(address.substring(address.lastIndexOf(':') + 1));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("calls")) {
        System.out.println(calls.sum());
      } else {
        health = Health.valueOf(line);
        System.out.println(".");
      }
    }
  }

  private Echo handle(Context context, Echo request) throws InterruptedException {
    calls.increment();
    Health now = health;
    if (now == Health.HANGING) {
      CountDownLatch cancelled = new CountDownLatch(1);
      context.onCancel(cancelled::countDown);
      cancelled.await();
    }
    TimeUnit.MILLISECONDS.sleep(now == Health.SLOW ? 100 * USUAL_MILLIS : USUAL_MILLIS);
    switch (now) {
      case UNAVAILABLE -> throw failure(Status.Code.UNAVAILABLE);
      case INTERNAL -> throw failure(Status.Code.INTERNAL);
      case FLAPPING -> {
        if (System.nanoTime() / PERIOD_NANOS % 2 == 0) {
          throw failure(Status.Code.UNAVAILABLE);
        }
      }
      case FIVE_PERCENT -> {
        if (ThreadLocalRandom.current().nextInt(20) == 0) {
          throw failure(Status.Code.UNAVAILABLE);
        }
      }
      case GOOD, HANGING, SLOW -> {}
    }
    return request;
  }

  private static RuntimeException failure(Status.Code code) {
    return Status.of(code, "as it was told to").toException();
  }
}
