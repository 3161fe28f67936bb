package erpc.bench;

import erpc.bench.driver.Ending;
import erpc.bench.wire.Echo;
import erpc.call.Context;
import erpc.call.Method;
import erpc.server.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A server that is slow now and then: one call of a hundred takes a hundred times as long. Takes
 * the seed of that chance and the usual milliseconds; prints its port; {@code calls} and {@code
 * slow} are answered with numbers, {@code cancelled} with the calls whose handlers have seen that
 * nobody wants them any more. Ends with its input.
 */
final class NowAndThenServer {
  static final Method<Echo, Echo> READ =
      Method.unary("bench.now_and_then", Echo.class, Echo.class).idempotent();

  private static final int ONE_OF = 100;
  private static final int TIMES_SLOWER = 100;

  private final Random random;
  private final long usualMillis;
  private final LongAdder calls = new LongAdder();
  private final LongAdder slow = new LongAdder();
  private final Queue<Cancelled> cancelled = new ConcurrentLinkedQueue<>();

  private NowAndThenServer(long seed, long usualMillis) {
    this.random = new Random(seed);
    this.usualMillis = usualMillis;
  }

  /**
   * A handler has seen that its call is cancelled.
   *
   * @param id the request's
   * @param micros when, as {@link #micros} says
   */
  record Cancelled(long id, long micros) {
    /** One word. */
    String written() {
      return id + ":" + micros;
    }

    static Cancelled read(String word) {
      int colon = word.indexOf(':');
      return new Cancelled(
          Long.parseLong(word.substring(0, colon)), Long.parseLong(word.substring(colon + 1)));
    }
  }

  /** Microseconds by a clock that all processes of a machine share. */
  static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** Runs until its input ends. */
  public static void main(String[] args) {
    Ending.with(
        () -> new NowAndThenServer(Long.parseLong(args[0]), Long.parseLong(args[1])).answer());
  }

  private void answer() throws IOException {
    Server server = Server.builder().build().handle(READ, this::handle).listen("127.0.0.1:0");
    String address = server.address();
    System.out.println(address.substring(address.lastIndexOf(':') + 1));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(
          switch (line) {
            case "calls" -> Long.toString(calls.sum());
            case "slow" -> Long.toString(slow.sum());
            default -> written();
          });
    }
  }

  private String written() {
    StringBuilder words = new StringBuilder();
    for (Cancelled next = cancelled.poll(); next != null; next = cancelled.poll()) {
      words.append(next.written()).append(' ');
    }
    return words.toString();
  }

  private Echo handle(Context context, Echo request) {
    calls.increment();
    boolean isSlow = random.nextInt(ONE_OF) == 0;
    if (isSlow) {
      slow.increment();
    }
    CountDownLatch unwanted = new CountDownLatch(1);
    context.onCancel(unwanted::countDown);
    if (isCancelled(unwanted, isSlow ? TIMES_SLOWER * usualMillis : usualMillis)) {
      cancelled.add(new Cancelled(request.getId(), micros()));
    }
    return request;
  }

  /** Whether the call is cancelled before so long has passed, which is what it takes. */
  private static boolean isCancelled(CountDownLatch unwanted, long millis) {
    try {
      return unwanted.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true; // That is how a handler is told that waits.
    }
  }
}
