package erpc.protocol.own;

import erpc.call.Ticker;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Watching the deadline of a call that ends in time, as nearly all do: added and removed, on one
 * event loop, while 10,000 other deadlines within the next second wait.
 */
@State(Scope.Thread)
public class DeadlineBenchmark {
  private static final int WAITING = 10_000;
  private static final long STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final long startNanos = Ticker.system().nanos();
  private final DeadlineWheel wheel = new DeadlineWheel(channel.eventLoop(), () -> startNanos);
  private final ClientConnection connection = BenchLine.alone(channel);
  private final ClientStream call = new BenchCall(connection).stream;
  private int turn;

  @Setup
  public void fill() {
    channel.freezeTime();
    for (int i = 0; i < WAITING; i++) {
      ClientStream other = new BenchCall(connection).stream;
      other.dueAt(startNanos + afterNanos());
      wheel.add(other);
      var unused =
          channel
              .eventLoop()
              .schedule(DeadlineBenchmark::nothing, afterNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private static void nothing() {}

  private long afterNanos() {
    turn = (turn + 1) % WAITING;
    return turn * STEP_NANOS;
  }

  /** The wheel. Bounded by a dozen stores to three objects; it allocates nothing. */
  @Benchmark
  public int wheel() {
    call.dueAt(startNanos + afterNanos());
    wheel.add(call);
    wheel.remove(call);
    return wheel.size();
  }

  /** A timer of the event loop for each call, for scale: a heap of tasks. */
  @Benchmark
  public boolean timer() {
    return channel
        .eventLoop()
        .schedule(DeadlineBenchmark::nothing, afterNanos(), TimeUnit.NANOSECONDS)
        .cancel(false);
  }
}
