package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.breaker.Hedging;
import erpc.breaker.Outcome;
import erpc.breaker.TryEnd;
import erpc.call.Context;
import erpc.call.FailureMode;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.settings.Mode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Makes one call by several {@linkplain Leg calls} at different endpoints: all at once if it forks,
 * the second one after a while if it is hedged. The first answer is the call's, and ends the
 * others. The first leg is tried again as any call; the others are not, but where no server has had
 * them. Thread-safe. No leg is told anything with the lock held.
 */
final class Race {
  private static final Status LOST =
      Status.of(
          Status.Code.CANCELLED, "the call has ended, by another endpoint's answer or before");

  private final ClientCall<?, ?> call;

  @GuardedBy("this")
  private final List<Leg<?, ?>> legs = new ArrayList<>(2);

  /** Those that have not ended, and those that are still to begin. */
  @GuardedBy("this")
  private int open;

  @GuardedBy("this")
  private int tries;

  @GuardedBy("this")
  private final List<Member> visited = new ArrayList<>(2);

  /** What it ends in if no leg is answered: the first one's failure counts before others'. */
  @GuardedBy("this")
  private @Nullable Status failure;

  @GuardedBy("this")
  private Status.Started started = Status.Started.NO;

  /** The call has ended, or is just about to. */
  @GuardedBy("this")
  private boolean over;

  /** One of them has been answered. */
  @GuardedBy("this")
  private boolean answered;

  @GuardedBy("this")
  private @Nullable Future<?> timer;

  private Race(ClientCall<?, ?> call, int copies) {
    this.call = call;
    this.open = copies;
  }

  /** Whether a call is made so. */
  static boolean isFor(ClientCall<?, ?> call) {
    return !call.isOneway()
        && (forks(call.request(), call.parent()) > 1 || hedging(call.request(), call.parent()) > 0);
  }

  /** To how many endpoints a call with a reply goes at once, by all that holds for it. */
  static int forks(Request<?, ?> request, @Nullable Context madeIn) {
    boolean forks = request.options().failureMode() == FailureMode.FORK;
    return forks && mayHaveCopies(request, madeIn) ? request.options().forks() : 1;
  }

  /** Which share of such calls is made twice; 0 for none, as of those that fork. */
  static double hedging(Request<?, ?> request, @Nullable Context madeIn) {
    Double share = request.options().hedging();
    return share != null && mayHaveCopies(request, madeIn) && forks(request, madeIn) == 1
        ? share
        : 0;
  }

  /** What a retry has led to is not multiplied. */
  private static boolean mayHaveCopies(Request<?, ?> request, @Nullable Context madeIn) {
    return mayRunTwice(request.method()) && (madeIn == null || !madeIn.isRetried());
  }

  /** Whether calls of a method that have a reply may run more than once. */
  static boolean mayRunTwice(Method<?, ?> method) {
    return method.isIdempotent() && method.kind() == Method.Kind.UNARY;
  }

  /** Makes a call that has entered its stages. */
  static void begin(ClientCall<?, ?> call) {
    int forks = forks(call.request(), call.parent());
    Race race = new Race(call, forks);
    call.rare().race = race;
    if (call.isConcluded()) { // Whoever has ended it may not have seen this one.
      return;
    }
    try {
      race.enter(false, call.seenStartNanos());
    } catch (Throwable e) { // As when there is no memory. The others would never end it.
      call.conclude(Coding.callBroke(e));
      return;
    }
    if (forks > 1) {
      race.fork(forks);
    } else {
      double share = hedging(call.request(), call.parent());
      race.later(call.hedging().called(share, call.latency()));
    }
  }

  /** Nobody knows where others could go while the first one waits for the place's endpoints. */
  private void fork(int copies) {
    for (int i = 1; i < copies; i++) {
      if (hasOther()) {
        enterCopy();
      } else {
        oneLess();
      }
    }
  }

  private void later(long nanos) {
    if (nanos == Hedging.NEVER || nanos >= call.leftNanos()) {
      return;
    }
    Future<?> begun = call.stack().reactor.schedule(this::hedge, nanos);
    synchronized (this) {
      timer = begun;
      if (!over) {
        return;
      }
    }
    if (begun != null) {
      begun.cancel(false);
    }
  }

  /** The first leg takes long. On an event loop, which must not encode what is the user's. */
  private void hedge() {
    boolean useful = hasOther() && call.leftNanos() >= call.latency().medianNanos();
    if (useful && isOpen() && mayPay() && call.hedging().take() && isPaid()) {
      synchronized (this) {
        open++;
      }
      try {
        Thread unused = call.stack().threads.apply(this::enterCopy);
      } catch (Throwable e) { // As when there is no memory: the first leg goes on.
        oneLess();
      }
    }
  }

  private boolean isLimited() {
    return call.stack().protection().budget() == Mode.ON;
  }

  private boolean mayPay() {
    return !isLimited() || call.cluster().accounting.budget().tokens() > 0;
  }

  private boolean isPaid() {
    return !isLimited() || call.cluster().accounting.budget().take();
  }

  private synchronized boolean isOpen() {
    return !over && open > 0;
  }

  /** Whether there is an endpoint where no leg is. */
  private boolean hasOther() {
    List<Member> taken = visited();
    return !taken.isEmpty() && call.hasOther(taken, true);
  }

  private void enterCopy() {
    try {
      enter(true, call.now());
    } catch (Throwable e) { // As when there is no memory: those that there are go on.
      oneLess();
    }
  }

  private void enter(boolean copy, long nowNanos) {
    Leg<?, ?> leg = new Leg<>(this, call, call.request(), copy);
    synchronized (this) {
      if (over) {
        return;
      }
      legs.add(leg);
    }
    leg.begins(nowNanos, call.deadlineNanos());
    leg.attempt();
  }

  /** One that was to begin does not. */
  private void oneLess() {
    Status end;
    synchronized (this) {
      open--;
      end = open == 0 && !over ? failure : null;
    }
    if (end != null) {
      call.conclude(end);
    }
  }

  /** The call has ended: so do its legs. Any thread; what is known of the start of all. */
  Status.Started stop() {
    List<Leg<?, ?>> left;
    Future<?> begun;
    synchronized (this) {
      over = true;
      begun = timer;
      timer = null;
      left = List.copyOf(legs);
    }
    if (begun != null) {
      begun.cancel(false);
    }
    for (Leg<?, ?> each : left) {
      each.cancel(LOST);
    }
    synchronized (this) {
      // One that another thread is just about to end has not said anything yet.
      return open > 0 && started == Status.Started.NO ? Status.Started.MAYBE : started;
    }
  }

  // ---- what legs tell

  /** Where tries of any leg have gone; one may have failed there already. */
  private synchronized List<Member> visited() {
    return List.copyOf(visited);
  }

  private void tries(Leg<?, ?> leg) {
    synchronized (this) {
      if (over || answered) {
        return; // Where the call has been answered is not to be changed any more.
      }
      Member to = leg.member();
      if (to != null) {
        visited.add(to);
      }
      call.copyTries(to, ++tries);
    }
    call.tryBegun();
  }

  private void failed(Leg<?, ?> leg, Status status) {
    Status end = null;
    synchronized (this) {
      open--;
      if (status.started().compareTo(started) > 0) {
        started = status.started();
      }
      if (over) {
        return;
      }
      if (failure == null || !leg.isCopy()) {
        failure = status;
      }
      if (isAnswer(status)) {
        answered = true;
        end = status;
      } else if (open == 0) {
        end = failure;
      }
    }
    if (end != null) {
      call.conclude(end);
    }
  }

  /** What a handler answers that is not OK, another one would answer too. */
  private boolean isAnswer(Status status) {
    return status.started() != Status.Started.NO
        && !call.request().options().retryOn().contains(status.code())
        && Outcome.of(status, TryEnd.PLAIN).verdict() == Outcome.Verdict.SUCCESS;
  }

  private synchronized void answered() {
    answered = true;
  }

  private synchronized boolean isAnswered() {
    return answered;
  }

  /** A call that is made for another one. Nobody observes it, and it enters no stages of calls. */
  private static final class Leg<Q, R> extends ClientCall<Q, R> {
    private final Race race;
    private final ClientCall<?, ?> whole;
    private final boolean copy;

    Leg(Race race, ClientCall<?, ?> whole, Request<Q, R> request, boolean copy) {
      super(whole.destination(), request, whole.parent());
      this.race = race;
      this.whole = whole;
      this.copy = copy;
    }

    /** Observers are told of the whole, and set its trace. */
    @Override
    protected @Nullable TraceContext seenTrace() {
      return whole.seenTrace();
    }

    @Override
    boolean isCopy() {
      return copy;
    }

    @Override
    @Nullable Aim aim() {
      return whole.aim();
    }

    @Override
    boolean isOvertaken() {
      return race.isAnswered();
    }

    @Override
    List<Member> tried() {
      List<Member> all = new ArrayList<>(super.tried());
      all.addAll(race.visited());
      return all;
    }

    @Override
    void tryBegun() {
      race.tries(this);
    }

    @Override
    void triedAgain(Status why) {
      whole.copyRetried(why);
    }

    @Override
    void encodedTo(int bytes) {
      whole.encodedTo(bytes);
    }

    @Override
    void replied(int bytes) {
      whole.replied(bytes);
    }

    @Override
    boolean tellsSent() {
      return whole.tellsSent();
    }

    @Override
    void sent() {
      whole.sent();
    }

    @Override
    boolean tellsFirstByte() {
      return whole.tellsFirstByte();
    }

    @Override
    void firstByte() {
      whole.firstByte();
    }

    @Override
    void attemptAgain() {
      if (copy) {
        attempt();
      } else {
        whole.again(this);
      }
    }

    @Override
    void again(ClientCall<?, ?> copy) {
      copy.attempt();
    }

    /** Not the caller's thread: filters would keep it while another leg is answered. */
    @Override
    Executor worker() {
      return this::onThread;
    }

    @Override
    boolean mayWaitHere() {
      return !copy && whole.mayWaitHere() && !race.hasOther();
    }

    @Override
    void answered(
        Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
      race.answered();
      whole.copyAnswered(member(), headers, trailers, encoding, in, length);
    }

    @Override
    void answered(Reply<?> given) {
      race.answered();
      whole.copyGave(member(), given);
    }

    @Override
    void failed(Status status) {
      race.failed(this, status);
    }
  }
}
