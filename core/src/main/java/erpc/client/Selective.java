package erpc.client;

import erpc.breaker.EndpointHealth;
import erpc.breaker.Outcome;
import erpc.breaker.RetryBudget;
import erpc.breaker.TryEnd;
import erpc.call.Context;
import erpc.call.Deadline;
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
      ClientStack stack,
      List<? extends Function<? super Request<Q, R>, ? extends CompletableFuture<Reply<R>>>>
          alternatives) {
    this.stack = stack;
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
      call.tryNext();
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

  /** One call. Worked on by one thread at a time: who makes a try, or ends it. */
  private final class Selected extends CompletableFuture<Reply<R>> {
    private final Request<Q, R> request;
    private final @Nullable Context madeIn = Context.current();
    private final long deadlineNanos;
    private final List<Alternative<Q, R>> tried = new ArrayList<>(2);
    private Status.Started started = Status.Started.NO;

    /** The try that is under way. Written by who makes it, before a look whether it is wanted. */
    private volatile @Nullable CompletableFuture<Reply<R>> current;

    Selected(Request<Q, R> request) {
      this.request = request;
      Duration own = request.timeout();
      long nanos = Deadline.saturatedNanos(own == null ? stack.settings.timeout() : own);
      if (madeIn != null) {
        nanos = Math.min(nanos, madeIn.deadline().remainingNanos());
      }
      deadlineNanos = stack.ticker.nanos() + nanos;
      // As when it is completed by hand, or orTimeout does it.
      var unused = whenComplete((reply, thrown) -> stop());
    }

    void tryNext() {
      long nowNanos = stack.ticker.nanos();
      Alternative<Q, R> at = pick(tried, nowNanos);
      tried.add(at);
      at.underWay.incrementAndGet();
      CompletableFuture<Reply<R>> made;
      try {
        made =
            Objects.requireNonNull(
                at.send.apply(request.withTimeout(Duration.ofNanos(deadlineNanos - nowNanos))),
                "alternative " + at.number + " gave null");
      } catch (Throwable e) {
        made = CallFuture.failed(e);
      }
      current = made;
      if (isDone()) {
        Joint.cancel(made);
      }
      var unused = made.whenComplete((reply, thrown) -> ended(at, nowNanos, reply, thrown));
    }

    private void ended(
        Alternative<Q, R> at,
        long begunNanos,
        @Nullable Reply<R> reply,
        @Nullable Throwable thrown) {
      at.underWay.decrementAndGet();
      if (thrown == null) {
        succeeded(at, begunNanos);
        Joint.in(
            madeIn,
            () -> {
              boolean unused = complete(reply);
            });
        return;
      }
      RpcException failure = Joint.asRpcException(thrown);
      Status status = failure.status();
      Outcome outcome = Outcome.of(status, end(status));
      failed(at, outcome, begunNanos);
      if (status.started().compareTo(started) > 0) {
        started = status.started();
      }
      if (!isDone() && goesOn(outcome.retry(), status)) {
        Joint.in(madeIn, this::tryNext);
        return;
      }
      RpcException last =
          tried.size() == 1
              ? failure
              : status.withStarted(started).asEndOfCall().toException(failure);
      Joint.in(
          madeIn,
          () -> {
            boolean unused = completeExceptionally(last);
          });
    }

    /** What ended with time left was ended by the time of a try. */
    private TryEnd end(Status status) {
      boolean early =
          status.code() == Status.Code.DEADLINE_EXCEEDED
              && request.options().tryTimeout() != null
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
        case IF_LISTED -> request.options().retryOn().contains(status.code()) && isPaid(status);
        case WHEN_CLOCKS_AGREE, BACKLOG, NEVER -> false;
      };
    }

    /** More work for servers: none for a retry, nor for who has heard that it is of no use. */
    private boolean isPaid(Status status) {
      boolean ofNoUse = status.isPassedOn() && Status.NEVER_AGAIN.equals(status.retryAfter());
      return !ofNoUse
          && request.options().failureMode() != FailureMode.FAILFAST
          && (madeIn == null || !madeIn.isRetried())
          && (stack.protection().budget() != Mode.ON || budget.take());
    }

    private void stop() {
      CompletableFuture<Reply<R>> last = current;
      if (last != null) {
        Joint.cancel(last);
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
