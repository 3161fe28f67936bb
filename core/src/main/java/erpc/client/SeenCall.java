package erpc.client;

import erpc.breaker.Hedging;
import erpc.breaker.MethodLatency;
import erpc.breaker.TryEnd;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.endpoints.TryPick;
import erpc.protocol.DialledConnection;
import erpc.protocol.RouteName;
import erpc.trace.ObservedCall;
import erpc.trace.Observers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a client's call: what it asks for, where it goes, how far it has come. Stages,
 * tries and observers ask for that; {@link ClientCall} drives the call and is its only subclass.
 */
abstract class SeenCall<Q, R> extends ObservedCall {
  /** A server's clock and its wheel may end a try so much earlier than the client's. */
  private static final long SERVER_EARLIER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Destination destination; // the first one, see Rare
  private final Request<Q, R> request;
  private final @Nullable Context parent;
  private long startNanos;
  private long deadlineNanos;

  /** Tries begun so far, see {@link erpc.breaker.Tries#made}. */
  private byte attempts;

  /** Written by whoever works on it; others see it with the try that goes there. */
  private @Nullable Member member;

  /** Written by whoever works on it, once; publishes it to whoever ends the call. */
  private volatile @Nullable Rare rare;

  SeenCall(Destination destination, Request<Q, R> request) {
    this(destination, request, Context.current());
  }

  /**
   * A call.
   *
   * @param parent the context that it is made in, or null
   */
  SeenCall(Destination destination, Request<Q, R> request, @Nullable Context parent) {
    this.destination = destination;
    CallOptions said = request.options();
    CallOptions holds = said.over(destination.defaults().of(request.method()));
    this.request = holds == said ? request : request.withOptions(holds);
    this.parent = parent;
  }

  // ---- what drives it tells

  /** It begins now. */
  final void begins(long nowNanos) {
    begins(nowNanos, InTime.deadlineNanos(this, nowNanos));
  }

  /** It begins now, and ends then in any case. */
  final void begins(long nowNanos, long lastNanos) {
    startNanos = nowNanos;
    deadlineNanos = lastNanos;
  }

  /** Another try begins. */
  final void triesBegun(int made) {
    attempts = (byte) made;
  }

  /** The place where it was to go was let go: from now on it goes where calls go by now. */
  final void goesAnew() {
    rare().goesTo(destination().again());
  }

  /** Its try goes there; null if it has none just now. */
  final void picked(@Nullable Member picked) {
    member = picked;
  }

  final Rare rare() {
    Rare found = rare;
    if (found == null) {
      found = new Rare();
      rare = found;
    }
    return found;
  }

  final @Nullable Rare rareIfAny() {
    return rare;
  }

  // ---- what stages and tries ask

  final boolean isStreaming() {
    return request.method().kind() != Method.Kind.UNARY;
  }

  final String methodName() {
    return request.method().name();
  }

  final Request<Q, R> request() {
    return request;
  }

  final ClientStack stack() {
    return destination.stack();
  }

  /** Whether its next try is a retry, or it is made on behalf of one. */
  final boolean isRetried() {
    Rare found = rare;
    return (found != null && found.retried) || isCopy() || (parent != null && parent.isRetried());
  }

  /** How critical a try says that it is. */
  final Criticality criticality(Request<?, ?> what) {
    return TryPick.criticality(what, parent);
  }

  /** When its try began, by a reading that the call has taken anyway. */
  final long tryNanos() {
    Rare found = rare;
    return found == null || found.tryNanos == 0 ? startNanos : found.tryNanos;
  }

  /**
   * A try is about to begin: one whose time follows the method's calls gets it now.
   *
   * <p>It is kept, since what calls take changes while the try is under way.
   */
  final void limitsTry() {
    Double share = request.options().tryTimeoutPercentile();
    if (share != null && Race.mayRunTwice(request.method()) && !isOneway()) {
      rare().tryLimitNanos = latency().limitNanos(share);
    }
  }

  /**
   * How long a try counts as that its own time has ended, if that follows the method's calls: else
   * only the quicker ones would count in it. More than it took, or the limit could never grow when
   * calls get slower. Zero if it does not follow them.
   */
  final long limitedNanos() {
    Rare found = rare;
    return found == null ? 0 : 2 * found.tryLimitNanos;
  }

  /** When its try ends: at the call's deadline, or before it after the try's own timeout. */
  final long tryDeadlineNanos() {
    return tryDeadlineNanos(tryNanos());
  }

  private long tryDeadlineNanos(long begunNanos) {
    Duration limit = request.options().tryTimeout();
    Rare found = rare;
    long followed = found == null ? 0 : found.tryLimitNanos;
    if ((limit == null && followed == 0) || isStreaming()) {
      return deadlineNanos;
    }
    long nanos = limit == null ? followed : Deadline.saturatedNanos(limit);
    if (followed > 0) {
      nanos = Math.min(nanos, followed);
    }
    return deadlineNanos - begunNanos <= nanos ? deadlineNanos : begunNanos + nanos;
  }

  /**
   * What a try knows of its end beside this status, which its connection has given.
   *
   * @param begunNanos when it began; another one may have begun since
   */
  final TryEnd tryEnd(Status status, @Nullable DialledConnection on, long begunNanos) {
    if (status.code() == Status.Code.DEADLINE_EXCEEDED) {
      return isTryOver(status, begunNanos) ? TryEnd.TIMED_OUT : TryEnd.PLAIN;
    }
    if (status.code() == Status.Code.CANCELLED) {
      return isOvertaken() ? TryEnd.OVERTAKEN : TryEnd.PLAIN;
    }
    return on != null && on.wasDismissed() ? TryEnd.GOING : TryEnd.PLAIN;
  }

  /**
   * Whether it is the try's time that is over, here or a little earlier at the server. If it is not
   * over here, what says so here is something else, as a filter's own call.
   */
  private boolean isTryOver(Status status, long begunNanos) {
    long endNanos = tryDeadlineNanos(begunNanos);
    long nowNanos = now();
    long earlierNanos = status.isRemote() ? SERVER_EARLIER_NANOS : 0;
    return endNanos - deadlineNanos < 0
        && deadlineNanos - nowNanos > 0
        && endNanos - nowNanos <= earlierNanos
        && !status.isEndOfCall() // That is a filter's own.
        && !status.isPassedOn();
  }

  /** The trace that a try goes out with: what a filter around it says, else the call's own. */
  final @Nullable TraceContext trace(Request<?, ?> what) {
    TraceContext said = what.trace();
    return said == null || said == request.trace() ? seenTrace() : said;
  }

  /** The functions around each try, the first one outermost. */
  final List<Filter> attemptFilters() {
    return destination.policy().attemptFilters();
  }

  final Cluster cluster() {
    return destination().cluster();
  }

  /** What calls there are encoded with if they don't say it. */
  final KnownCodec knownCodec() {
    return destination.codec();
  }

  boolean isOneway() {
    return false;
  }

  final long deadlineNanos() {
    return deadlineNanos;
  }

  final long leftNanos() {
    return deadlineNanos - now();
  }

  final long now() {
    return stack().ticker.nanos();
  }

  final int maxReplyBytes() {
    int own = request.method().maxMessageBytes();
    return own == Method.DEFAULT_LIMIT ? stack().settings.connection().maxMessageBytes() : own;
  }

  // ---- one of several that are made for the same, see Race

  /** Whether it is made beside another one. */
  boolean isCopy() {
    return false;
  }

  /** One that is made for this one makes a try there, the so many-th of all. */
  final void copyTries(@Nullable Member to, int made) {
    picked(to);
    triesBegun(made);
  }

  /** One that is made for this one is tried again. */
  final void copyRetried(Status why) {
    tellRetried(why);
  }

  /** A try has got an endpoint. */
  void tryBegun() {
    tellTryBegun();
  }

  /** A try has failed, and there is another one. */
  void triedAgain(Status why) {
    tellRetried(why);
  }

  /** Whether another one was answered first. */
  boolean isOvertaken() {
    return false;
  }

  /** When calls of its method are made a second time. */
  final Hedging hedging() {
    return destination().hedging();
  }

  /** Where it goes, or has gone first. */
  final Destination destination() {
    return Rare.destination(rare, destination);
  }

  /** How long calls of its method take there. */
  final MethodLatency latency() {
    return destination().latency();
  }

  List<Member> tried() {
    Rare found = rare;
    return found == null ? List.of() : found.tried();
  }

  /** All its tries go there. Before it begins. */
  final void aimsAt(Aim aim) {
    rare().aim = aim;
  }

  /** Where all its tries go, or null if the balancer says it. */
  @Nullable Aim aim() {
    Rare found = rare;
    return found == null ? null : found.aim;
  }

  /** The connection that its last try went to, or null. */
  abstract @Nullable DialledConnection sentOn();

  /** Where its try goes, or null if it has none just now. */
  final @Nullable Member member() {
    return member;
  }

  final RouteName route() {
    return destination().route();
  }

  /** The context that it was made in, or null. */
  final @Nullable Context parent() {
    return parent;
  }

  // ---- what observers are told

  final void seenToBegin() {
    tellBegin();
  }

  final void seenToEnd(Status status) {
    tellEnded(status);
  }

  /** Whether observers want to hear when a try is sent. */
  boolean tellsSent() {
    return wantsSent();
  }

  /** Whether they want to hear when its answer begins to come. */
  boolean tellsFirstByte() {
    return wantsFirstByte();
  }

  void sent() {
    tellSent();
  }

  /** A try is about to send so many bytes of message. */
  void encodedTo(int bytes) {
    requestHas(bytes);
  }

  /** A filter around its try has got a reply of so many bytes. */
  void replied(int bytes) {
    replyHas(bytes);
  }

  void firstByte() {
    tellFirstByte();
  }

  @Override
  protected final Observers observers() {
    return stack().observers;
  }

  @Override
  protected final Method<?, ?> seenMethod() {
    return request.method();
  }

  @Override
  protected final Side seenSide() {
    return Side.CLIENT;
  }

  @Override
  protected final long seenNanos() {
    DialledConnection on = sentOn();
    return on == null ? stack().ticker.nanos() : on.nowNanos();
  }

  @Override
  protected final long seenStartNanos() {
    return startNanos;
  }

  @Override
  protected final String seenEndpoint() {
    Member to = member;
    List<Member> before = tried();
    return to != null ? to.address() : before.isEmpty() ? "" : before.getLast().address();
  }

  @Override
  protected final int seenAttempts() {
    return attempts;
  }

  @Override
  protected final Map<String, String> seenTags() {
    return request.options().tags();
  }

  @Override
  protected @Nullable TraceContext seenTrace() {
    Rare parts = rare;
    TraceContext set = parts == null ? null : parts.trace;
    if (set != null) {
      return set;
    }
    TraceContext said = request.trace();
    return said != null || parent == null ? said : parent.trace();
  }

  @Override
  protected final void setTrace(TraceContext value) {
    rare().trace = value;
  }
}
