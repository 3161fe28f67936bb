package erpc.client;

import erpc.breaker.EndpointHealth;
import erpc.breaker.Outcome;
import erpc.breaker.RetryBudget;
import erpc.breaker.TryEnd;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.FailureMode;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.settings.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends each request to one of several alternatives, and to another one if that may help. */
final class Selective<Q, R> implements Function<Request<Q, R>, CompletableFuture<Reply<R>>> {
  /** What had less time than this before it could be sent says nothing of an alternative. */
  private static final long LEAST_LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** So long after the deadline it ends without the try, which has ended by then if it is well. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Calls calls;
  private final ClientStack stack;
  private final List<Alternative<Q, R>> all = new ArrayList<>();
  private final RetryBudget budget = new RetryBudget();
  private final VerdictLines lines;

  /** One of them, and how it has done. */
  private static final class Alternative<Q, R> {
    final int number;
    final Function<? super Request<Q, R>, ? extends CompletableFuture<Reply<R>>> send;
    final EndpointHealth health = new EndpointHealth();
    final AtomicInteger underWay = new AtomicInteger();

    Alternative(
        int number, Function<? super Request<Q, R>, ? extends CompletableFuture<Reply<R>>> send) {
      this.number = number;
      this.send = Objects.requireNonNull(send, "alternative " + number + " is null");
    }
  }

  Selective(
      Calls calls,
      List<? extends Function<? super Request<Q, R>, ? extends CompletableFuture<Reply<R>>>>
          alternatives) {
    this.calls = calls;
    this.stack = calls.stack();
    this.lines = new VerdictLines("selective call", stack.ticker);
    for (var each : alternatives) {
      all.add(new Alternative<>(all.size(), each));
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("a selective call needs at least one alternative");
    }
  }

  @Override
  public CompletableFuture<Reply<R>> apply(Request<Q, R> request) {
    try {
      Selected call = new Selected(request);
      call.begin();
      return call;
    } catch (Throwable e) {
      return CallFuture.failed(e);
    }
  }

  private EndpointHealth.Modes modes() {
    return stack.protection().modes();
  }

  /** The one to try next: who is to be tried out, else the freer of two that are well. */
  private Alternative<Q, R> pick(List<Alternative<Q, R>> tried, long nowNanos) {
    List<Alternative<Q, R>> left = new ArrayList<>(all);
    left.removeAll(tried);
    List<Alternative<Q, R>> well = new ArrayList<>();
    for (Alternative<Q, R> each : left) {
      if (tried.isEmpty() && all.size() > 1 && each.health.takeProbe(modes(), nowNanos)) {
        return each;
      }
      double share = each.health.share(modes(), nowNanos);
      if (share >= 1 || (share > 0 && stack.random.nextDouble() < share)) {
        well.add(each);
      }
    }
    List<Alternative<Q, R>> among = well.isEmpty() ? left : well;
    Alternative<Q, R> one = among.get(stack.random.nextInt(among.size()));
    Alternative<Q, R> other = among.get(stack.random.nextInt(among.size()));
    return other.underWay.get() < one.underWay.get() ? other : one;
  }

  private void succeeded(Alternative<Q, R> at, long begunNanos) {
    budget.succeeded();
    tell(at, at.health.succeeded(begunNanos, modes(), stack.ticker.nanos()));
  }

  private void failed(Alternative<Q, R> at, Outcome outcome, long begunNanos) {
    long nowNanos = stack.ticker.nanos();
    long outNanos = nowNanos - begunNanos;
    boolean counts =
        switch (outcome) {
          // Of endpoints the state of their connections says so. Alternatives have none.
          case NOT_REACHED -> true;
          case NEVER_OUT -> outNanos > LEAST_LATE_NANOS;
          default -> outcome.isFailure(outNanos, 0);
        };
    if (counts) {
      tell(
          at,
          outcome == Outcome.LOST
              ? at.health.lost(begunNanos, modes(), () -> Double.NaN, nowNanos)
              : at.health.failed(begunNanos, modes(), () -> Double.NaN, nowNanos));
    } else if (outcome.verdict() == Outcome.Verdict.SUCCESS) {
      tell(at, at.health.succeeded(begunNanos, modes(), nowNanos));
    }
  }

  private void tell(Alternative<Q, R> at, EndpointHealth.@Nullable Change change) {
    if (change != null) {
      lines.tell("alternative " + at.number + " of " + all.size() + " " + change.text());
    }
  }

  /** A try, and when it was made. */
  private record Try<Q, R>(
      Alternative<Q, R> at, long begunNanos, CompletableFuture<Reply<R>> made) {}

  /** One call. Worked on by one thread at a time: who makes a try, or ends it. */
  private final class Selected extends CompletableFuture<Reply<R>> {
    private final Request<Q, R> request;

    /** What holds for it on its client; the alternatives may be those of others. */
    private final CallOptions options;

    private final @Nullable Context madeIn = Context.current();
    private final long deadlineNanos;
    private final List<Alternative<Q, R>> tried = new ArrayList<>(2);
    private Status.Started started = Status.Started.NO;

    /** What its tries are made in from the first that is paid on; until then null. */
    private @Nullable Context retrying;

    /** The try that is under way. Written by who makes it, before a look whether it is wanted. */
    private volatile @Nullable Try<Q, R> current;

    Selected(Request<Q, R> request) {
      this.request = request;
      this.options = calls.options(request);
      deadlineNanos =
          stack.ticker.nanos() + InTime.nanos(options.timeout(), false, stack.settings, madeIn);
      // As when it is completed by hand, or orTimeout does it.
      var unused = whenComplete((reply, thrown) -> stop());
    }

    void begin() {
      stack.limits.requireOpen();
      tryNext();
      if (!isDone()) {
        Limit limit = new Limit(stack.limits, this::timeIsUp, this::clientClosed);
        limit.start(stack.reactor, deadlineNanos - stack.ticker.nanos() + GRACE_NANOS);
        var unused = whenComplete((reply, thrown) -> limit.stop());
      }
    }

    private void tryNext() {
      long nowNanos = stack.ticker.nanos();
      Alternative<Q, R> at = pick(tried, nowNanos);
      tried.add(at);
      at.underWay.incrementAndGet();
      CompletableFuture<Reply<R>> made = sent(at, nowNanos);
      Try<Q, R> next = new Try<>(at, nowNanos, made);
      current = next;
      if (isDone()) {
        Joint.cancel(made);
      }
      var unused = made.whenComplete((reply, thrown) -> ended(next, reply, thrown));
    }

    private CompletableFuture<Reply<R>> sent(Alternative<Q, R> to, long nowNanos) {
      Context before = Context.current();
      Context.exit(retrying == null ? madeIn : retrying);
      try {
        return Objects.requireNonNull(
            to.send.apply(request.withTimeout(Duration.ofNanos(deadlineNanos - nowNanos))),
            "alternative " + to.number + " gave null");
      } catch (Throwable e) {
        return CallFuture.failed(e);
      } finally {
        Context.exit(before);
      }
    }

    private void ended(Try<Q, R> last, @Nullable Reply<R> reply, @Nullable Throwable thrown) {
      last.at.underWay.decrementAndGet();
      try {
        if (thrown == null) {
          succeeded(last.at, last.begunNanos);
          end(reply, null);
        } else {
          failed(last, Joint.asRpcException(thrown));
        }
      } catch (Throwable e) { // Nobody else would end it.
        end(null, maybeStarted(Joint.asRpcException(e)));
      }
    }

    private void failed(Try<Q, R> last, RpcException failure) {
      Status status = failure.status();
      Outcome outcome = Outcome.of(status, howEnded(status));
      Selective.this.failed(last.at, outcome, last.begunNanos);
      if (status.started().compareTo(started) > 0) {
        started = status.started();
      }
      if (!isDone() && goesOn(outcome.retry(), status)) {
        Joint.in(madeIn, this::tryNext);
        return;
      }
      RpcException whole =
          tried.size() == 1
              ? failure
              : status.withStarted(started).asEndOfCall().toException(failure);
      end(null, whole);
    }

    /** The try has not kept to the deadline. Where callbacks run. */
    private void timeIsUp() {
      Try<Q, R> last = Objects.requireNonNull(current);
      String text =
          "alternative "
              + last.at.number
              + " has neither answered nor failed by the deadline; its future has to end within the"
              + " request's timeout";
      Status late = Status.of(Status.Code.DEADLINE_EXCEEDED, text);
      if (end(null, maybeStarted(late.toException()))) {
        Selective.this.failed(last.at, Outcome.LATE, last.begunNanos);
      }
    }

    private void clientClosed(Status why) {
      boolean unused = end(null, maybeStarted(why.toException()));
    }

    private RpcException maybeStarted(RpcException thrown) {
      Status status = thrown.status();
      return status.withStarted(Status.Started.MAYBE).asEndOfCall().toException(thrown);
    }

    /** Ends it, in the context in which it was made; false if it has ended. */
    private boolean end(@Nullable Reply<R> reply, @Nullable RpcException failure) {
      boolean[] mine = new boolean[1];
      Joint.in(
          madeIn,
          () -> mine[0] = failure == null ? complete(reply) : completeExceptionally(failure));
      return mine[0];
    }

    /** What ended with time left was ended by the time of a try. */
    private TryEnd howEnded(Status status) {
      boolean early =
          status.code() == Status.Code.DEADLINE_EXCEEDED
              && options.tryTimeout() != null
              && !status.isPassedOn()
              && deadlineNanos - stack.ticker.nanos() > 0;
      return early ? TryEnd.TIMED_OUT : TryEnd.PLAIN;
    }

    private boolean goesOn(Outcome.Retry retry, Status status) {
      if (tried.size() == all.size()
          || tried.size() >= stack.settings.maxAttempts()
          || deadlineNanos - stack.ticker.nanos() <= 0) {
        return false;
      }
      return switch (retry) {
        case FREE -> true;
        case ELSEWHERE -> isPaid(status);
        case IF_IDEMPOTENT -> request.method().isIdempotent() && isPaid(status);
        case IF_LISTED -> options.retryOn().contains(status.code()) && isPaid(status);
        case WHEN_CLOCKS_AGREE, BACKLOG, NEVER -> false;
      };
    }

    /** More work for servers: none for a retry, nor for who has heard that it is of no use. */
    private boolean isPaid(Status status) {
      boolean ofNoUse = status.isPassedOn() && Status.NEVER_AGAIN.equals(status.retryAfter());
      boolean paid =
          !ofNoUse
              && options.failureMode() != FailureMode.FAILFAST
              && (madeIn == null || !madeIn.isRetried())
              && (stack.protection().budget() != Mode.ON || budget.take());
      if (paid && retrying == null) {
        retrying =
            madeIn == null
                ? new Context(new RetriedOrigin(request, deadlineNanos, stack.ticker))
                : madeIn.asRetried();
      }
      return paid;
    }

    private void stop() {
      Try<Q, R> last = current;
      if (last != null) {
        Joint.cancel(last.made);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      stop();
      return cancelled;
    }
  }
}
