package erpc.testing;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a server's calls fail, each kind of fault by one line: {@code faults.fail(UNAVAILABLE,
 * 0.3)}. A filter of the server: {@code Server.builder().filter(faults)}; those of a {@link
 * SimulatedServer} have it already. What is set adds up and holds for calls that begin then, until
 * {@link #none()}. Thread-safe.
 *
 * <p>A call first waits for the processor, then as long as the server is slow, then hangs; it waits
 * no longer once it is cancelled or its deadline has passed.
 */
public final class Faults implements Filter {
  private static final Mode NONE = new Mode(null, 0, false, 0, 0, 0, false, 0, 0, 0);
  private static final long EVER = Long.MAX_VALUE;

  private final Ticker ticker;
  private final RandomGenerator random;
  private final Waking waking;
  private final Processor processor;
  private final Set<Wait> waiting =
      Collections.synchronizedSet(new LinkedHashSet<>()); // in order, so that they are woken alike
  private volatile Mode mode = NONE;

  /** What is set. All nanoseconds. */
  private record Mode(
      Status.@Nullable Code code,
      double share,
      boolean refuses,
      long leastSlow,
      long mostSlow,
      long busy,
      boolean hangs,
      long good,
      long bad,
      long since) {
    Mode failing(Status.Code value, double withShare, boolean atOnce) {
      return new Mode(value, withShare, atOnce, leastSlow, mostSlow, busy, hangs, good, bad, since);
    }

    Mode slow(long least, long most) {
      return new Mode(code, share, refuses, least, most, busy, hangs, good, bad, since);
    }

    Mode busy(long nanos) {
      return new Mode(code, share, refuses, leastSlow, mostSlow, nanos, hangs, good, bad, since);
    }

    Mode hanging() {
      return new Mode(code, share, refuses, leastSlow, mostSlow, busy, true, good, bad, since);
    }

    Mode flapping(long goodNanos, long badNanos, long now) {
      return new Mode(
          code, share, refuses, leastSlow, mostSlow, busy, hangs, goodNanos, badNanos, now);
    }

    boolean isBad(long now) {
      return bad > 0 && (now - since) % (good + bad) >= good;
    }
  }

  private static final class ByTheMachinesClock implements Waking {
    @Override
    public void after(long nanos, Runnable wake) {
      CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(wake);
    }

    @Override
    public void now(Runnable wake) {
      wake.run();
    }
  }

  /** That of one call. */
  private static final class Wait {
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

    void end() {
      over.complete(null);
    }

    void await() {
      over.join();
    }
  }

  /** What it is to use a processor for a while. */
  @FunctionalInterface
  interface Processor {
    void use(Faults faults, long nanos);
  }

  /** None yet, on the machine's clock. */
  public Faults() {
    this(
        Ticker.system(),
        RandomGenerator.getDefault(),
        new ByTheMachinesClock(),
        (faults, nanos) -> spin(nanos));
  }

  Faults(Ticker ticker, RandomGenerator random, Waking waking, Processor processor) {
    this.ticker = ticker;
    this.random = random;
    this.waking = waking;
    this.processor = processor;
  }

  // ---- for tests

  /** Has each call take so much longer. */
  public Faults slow(Duration by) {
    return slow(by, by);
  }

  /**
   * Has each call take longer by something between these two.
   *
   * @throws IllegalArgumentException if one is negative, or they are the wrong way round
   */
  public Faults slow(Duration least, Duration most) {
    if (least.isNegative() || most.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          "a call is slower by 0 or more, not from " + least + " to " + most);
    }
    return set(mode -> mode.slow(least.toNanos(), most.toNanos()));
  }

  /**
   * Answers each call with this code. Its handler runs all the same and its answer is lost: so, as
   * with a server that really fails, callers have to take it that the call has run.
   */
  public Faults fail(Status.Code code) {
    return fail(code, 1);
  }

  /**
   * The same for some calls, each with this probability.
   *
   * @throws IllegalArgumentException if the code is OK, or the probability is not within 0 and 1
   */
  public Faults fail(Status.Code code, double probability) {
    if (code == Status.Code.OK || !(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "a failure has a code other than OK and a probability within 0 and 1, not "
              + code
              + " and "
              + probability);
    }
    return set(mode -> mode.failing(code, probability, false));
  }

  /** Never answers. */
  public Faults hang() {
    return set(Mode::hanging);
  }

  /**
   * Refuses each call with RESOURCE_EXHAUSTED before its handler, as a server that sheds its load:
   * callers hear that it has not started. In place of {@link #fail}.
   */
  public Faults overload() {
    return set(mode -> mode.failing(Status.Code.RESOURCE_EXHAUSTED, 1, true));
  }

  /**
   * Has each call use a processor for so long before its handler. In a {@link SimulatedCluster}
   * each server has one processor, whose time is that of the simulation: calls wait for each other
   * there. Elsewhere the thread of the call is kept busy.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Faults burn(Duration perCall) {
    if (perCall.isNegative()) {
      throw new IllegalArgumentException("no call uses a processor for " + perCall);
    }
    return set(mode -> mode.busy(perCall.toNanos()));
  }

  /**
   * Alternates: for the first period, which begins now, all is well, for the second each call fails
   * with UNAVAILABLE as by {@link #fail}, and so on.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public Faults flap(Duration good, Duration bad) {
    if (good.compareTo(Duration.ZERO) <= 0 || bad.compareTo(Duration.ZERO) <= 0) {
      throw new IllegalArgumentException("periods are positive, not " + good + " and " + bad);
    }
    return set(mode -> mode.flapping(good.toNanos(), bad.toNanos(), ticker.nanos()));
  }

  /** Ends all faults; calls that hang or are slow go on to their handlers. */
  public Faults none() {
    mode = NONE;
    List<Wait> all;
    synchronized (waiting) {
      all = List.copyOf(waiting);
    }
    all.forEach(each -> waking.now(each::end));
    return this;
  }

  private synchronized Faults set(UnaryOperator<Mode> change) {
    mode = change.apply(mode);
    return this;
  }

  // ---- for the server

  @Override
  public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
    Mode now = mode;
    if (now == NONE) {
      return next.call(request);
    }
    RpcException failure = failure(now);
    if (failure != null && now.refuses) {
      throw failure;
    }
    takeTime(now);
    if (failure == null) {
      return next.call(request);
    }
    try {
      Reply<?> unused = next.call(request);
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  private @Nullable RpcException failure(Mode faults) {
    if (faults.isBad(ticker.nanos())) {
      return new RpcException(Status.Code.UNAVAILABLE, "a fault of the test: flapping, bad now");
    }
    Status.Code code = faults.code;
    return code != null && (faults.share >= 1 || random.nextDouble() < faults.share)
        ? new RpcException(code, "a fault of the test")
        : null;
  }

  private void takeTime(Mode faults) {
    if (faults.busy > 0) {
      processor.use(this, faults.busy);
    }
    if (faults.mostSlow > 0) {
      await(
          faults.leastSlow == faults.mostSlow
              ? faults.mostSlow
              : random.nextLong(faults.leastSlow, faults.mostSlow + 1));
    }
    if (faults.hangs) {
      await(EVER);
    }
  }

  /**
   * Waits so long, or until the faults are ended.
   *
   * @throws RpcException if the call is cancelled
   */
  void await(long nanos) {
    Wait over = new Wait();
    Context call = Context.current();
    Runnable wake = over::end;
    Runnable end = () -> waking.now(wake);
    boolean unused = waiting.add(over);
    if (call != null) {
      call.onCancel(end);
    }
    if (nanos != EVER) {
      waking.after(nanos, wake);
    }
    if (mode == NONE) {
      wake.run(); // They were ended while this one began to wait.
    }
    try {
      over.await();
    } finally {
      waiting.remove(over);
    }
    if (call != null) {
      call.removeOnCancel(end);
      Status why = call.cancellation();
      if (why != null) {
        throw why.toException();
      }
    }
  }

  private static void spin(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0 && !Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }
}
