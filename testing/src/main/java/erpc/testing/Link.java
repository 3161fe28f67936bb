package erpc.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The network in front of one server, which fails as it is told: {@code link.delay(ofMillis(20))}.
 * What is set adds up and stays until {@link #restore()}. Both directions are treated alike. What a
 * method sets holds, at the latest, for what is sent after it has returned. Thread-safe.
 *
 * <p>Bytes are delayed, held and lost as they come, never reordered within a connection: that is
 * what TCP makes of a bad network. At most {@value #MOST_HELD} bytes are held per connection and
 * direction; then reading stops, and the sender has to wait.
 */
public final class Link {
  /** Bytes that are held per connection and direction, before reading stops. */
  static final int MOST_HELD = 256 << 10;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Executor onLoop;
  private final RandomGenerator random;
  private final Consumer<String> told;

  // All of this is the event loop's own.
  private final Set<Passage> open = new LinkedHashSet<>();
  private Runnable listensAsTold = () -> {};
  private long leastDelayNanos;
  private long mostDelayNanos;
  private long bytesPerSecond = Long.MAX_VALUE;
  private double dropped;
  private boolean refuses;
  private boolean swallows;
  private boolean stopped;

  /**
   * A link in good order.
   *
   * @param onLoop runs what changes it on the event loop that its connections belong to
   * @param told hears of each change
   */
  Link(Executor onLoop, RandomGenerator random, Consumer<String> told) {
    this.onLoop = onLoop;
    this.random = random;
    this.told = told;
  }

  // ---- for tests

  /** Has all bytes arrive so much later, each way: a round trip takes twice as long. */
  public Link delay(Duration each) {
    return delay(each, each);
  }

  /**
   * Has bytes arrive later, each way, by something between these two that is drawn for each piece.
   * What a connection carries stays in order, so a slow piece holds up those behind it.
   *
   * @throws IllegalArgumentException if one is negative, or they are the wrong way round
   */
  public Link delay(Duration least, Duration most) {
    if (least.isNegative() || most.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          "a delay is between 0 and its longest, not from " + least + " to " + most);
    }
    return change(
        "delay " + least + " to " + most,
        () -> {
          leastDelayNanos = least.toNanos();
          mostDelayNanos = most.toNanos();
        });
  }

  /**
   * Lets through no more than so many bytes per second, per connection and direction.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Link bandwidth(long bytesPerSecond) {
    if (bytesPerSecond <= 0) {
      throw new IllegalArgumentException(
          "bandwidth is at least 1 byte per second, not " + bytesPerSecond + "; use stop()");
    }
    return change(
        "bandwidth " + bytesPerSecond + " bytes/s", () -> this.bytesPerSecond = bytesPerSecond);
  }

  /**
   * Loses every byte from now on, in both directions. Connections stay open for both of their ends,
   * half-open as after a cable was pulled, for good: {@link #restore()} is for new ones.
   */
  public Link drop() {
    return drop(1);
  }

  /**
   * The same for some connections: each that is open, and each new one, with this probability.
   *
   * @throws IllegalArgumentException if it is not within 0 and 1
   */
  public Link drop(double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("a probability is within 0 and 1, not " + probability);
    }
    return change(
        "drop " + probability,
        () -> {
          dropped = probability;
          open.stream().filter(each -> isDropped()).forEach(Passage::lose);
        });
  }

  /** Ends all open connections at once, with a reset where there are sockets. New ones work. */
  public Link reset() {
    return change("reset", this::resetAll);
  }

  /** Refuses new connections, as if nobody listened. Those that are open go on. */
  public Link refuse() {
    return change(
        "refuse",
        () -> {
          refuses = true;
          listensAsTold.run();
        });
  }

  /**
   * Accepts new connections and never reads a byte from them, nor sends one. Those that are open go
   * on; {@link #restore()} resets the ones that were swallowed.
   */
  public Link blackHole() {
    return change("black hole", () -> swallows = true);
  }

  /**
   * Moves nothing until {@link #resume()}, as if the server's process had got a SIGSTOP:
   * connections are still accepted, and bytes wait.
   */
  public Link stop() {
    return change("stop", () -> stopped = true);
  }

  /** Moves all that waited since {@link #stop()}, and goes on. */
  public Link resume() {
    return change("resume", this::move);
  }

  /** Ends everything that was set, and listens. What is half-open stays so. */
  public Link restore() {
    return change(
        "restore",
        () -> {
          leastDelayNanos = 0;
          mostDelayNanos = 0;
          bytesPerSecond = Long.MAX_VALUE;
          dropped = 0;
          refuses = false;
          swallows = false;
          List.copyOf(open).stream().filter(Passage::isSwallowed).forEach(Passage::reset);
          listensAsTold.run();
          move();
        });
  }

  private void move() {
    stopped = false;
    List.copyOf(open).forEach(Passage::resume);
  }

  private void resetAll() {
    new ArrayList<>(open).forEach(Passage::reset);
  }

  private Link change(String what, Runnable change) {
    onLoop.execute(() -> {
      change.run();
      told.accept(what);
    });
    return this;
  }

  // ---- for what carries its bytes, on the event loop

  /** Has this run whenever it may be that listening has to begin or end. */
  void whenListeningChanges(Runnable listensAsTold) {
    this.listensAsTold = listensAsTold;
  }

  boolean refuses() {
    return refuses;
  }

  boolean swallows() {
    return swallows;
  }

  boolean isStopped() {
    return stopped;
  }

  int openCount() {
    return open.size();
  }

  void opened(Passage passage) {
    boolean unused = open.add(passage);
    if (isDropped()) {
      passage.lose();
    }
  }

  void closed(Passage passage) {
    boolean unused = open.remove(passage);
  }

  private boolean isDropped() {
    return dropped > 0 && (dropped >= 1 || random.nextDouble() < dropped);
  }

  /** How long the next piece is on its way, beside the time that its bytes take. */
  long delayNanos() {
    return leastDelayNanos == mostDelayNanos
        ? leastDelayNanos
        : random.nextLong(leastDelayNanos, mostDelayNanos + 1);
  }

  /** How long the line is taken by so many bytes. */
  long lineNanos(int bytes) {
    return bytesPerSecond == Long.MAX_VALUE
        ? 0
        : (long) Math.ceil(bytes * NANOS_PER_SECOND / bytesPerSecond);
  }
}
