package erpc.server;

import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Deadline;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.call.TraceContext;
import erpc.protocol.CallHead;
import erpc.protocol.Responder;
import erpc.trace.Observers;
import erpc.transport.SocketAddresses;
import java.security.Principal;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call as the stages see it: what its head says, and what they have found out. All of it is
 * written on the call's event loop before its handler is looked for. Kept small, since there may be
 * very many calls: what only the stages need is handed to them.
 */
abstract class StagedCall extends HandlerPhase implements Context.Origin {
  /** The {@linkplain #place place} of a call that nobody asks for its place. */
  static final float NO_PLACE = Float.NaN;

  static final float LAST_PLACE = Math.nextDown(1f);

  /** When the handler of a call has begun that has not. */
  static final long NOT_BEGUN = Long.MIN_VALUE;

  private static final int UNLIMITED = Integer.MIN_VALUE;
  private static final int NANOS_PER_MICRO = 1_000;

  private static final long FOREVER_NANOS =
      Deadline.saturatedNanos(Duration.ofSeconds(Long.MAX_VALUE));

  final ServerStack stack;
  final Responder responder;

  // What the head says; set anew if the call begins again.
  private @Nullable Route<?, ?> route;

  /** The name or the number that it came by, if there is no such method here. */
  private @Nullable String unknownMethod;

  private boolean calledByName;
  private long timeoutNanos;
  private long receivedNanos;
  private Metadata metadata = Metadata.EMPTY;
  private @Nullable TraceContext trace;
  private boolean retried;
  private byte criticality;

  /** Among those as critical, until its handler begins: its event loop's, then that thread's. */
  private float place;

  /**
   * Of a call that is limited: what was last, so many microseconds after it was received. Above 0
   * its handler has begun; else it waits for that, and the number is negated. As {@link #place}.
   */
  private int lastMicros;

  /** What the stages have found out: who calls. */
  private @Nullable Principal caller;

  StagedCall(ServerStack stack, Responder responder) {
    this.stack = stack;
    this.responder = responder;
  }

  final void begin(CallHead head) {
    Route<?, ?> found = stack.route(head);
    route = found;
    calledByName = head.name() != null;
    // No name of a method that there is: it would be kept for as long as the call.
    unknownMethod = found == null ? calledBy(head) : null;
    timeoutNanos = timeoutNanos(stack, head, found);
    receivedNanos = head.receivedNanos();
    metadata = head.metadata();
    trace = head.trace();
    retried = head.isRetried();
    criticality = (byte) head.criticality().number();
    place = NO_PLACE;
    lastMicros = UNLIMITED;
  }

  private static String calledBy(CallHead head) {
    String name = head.name();
    return name == null ? String.valueOf(head.route()) : name;
  }

  /** Lets go of all that its caller said. */
  final void forgetHead() {
    metadata = Metadata.EMPTY;
    trace = null;
    caller = null;
    route = null;
  }

  // ---- time

  static long timeoutNanos(ServerStack stack, CallHead head) {
    return head.timeoutNanos() == CallHead.NO_TIMEOUT
        ? Deadline.saturatedNanos(stack.settings.defaultTimeout())
        : head.timeoutNanos();
  }

  private static long timeoutNanos(ServerStack stack, CallHead head, @Nullable Route<?, ?> route) {
    if (route != null && isStreaming(route)) {
      // A stream ends when both are done, or when one makes no progress.
      boolean endless = head.timeoutNanos() == CallHead.NO_TIMEOUT;
      return endless ? FOREVER_NANOS : timeoutNanos(stack, head);
    }
    return Math.min(timeoutNanos(stack, head), stack.maxTimeoutNanos);
  }

  /** When a call with this head ends, of a method if there is one. */
  static long deadlineNanos(ServerStack stack, CallHead head, @Nullable Route<?, ?> route) {
    return head.receivedNanos() + timeoutNanos(stack, head, route);
  }

  static boolean isStreaming(Route<?, ?> route) {
    return route.method().kind() != Method.Kind.UNARY;
  }

  static long progressNanos(ServerStack stack, Route<?, ?> route) {
    Duration own = route.method().progressTimeout();
    return Deadline.saturatedNanos(
        own == null ? stack.settings.connection().progressTimeout() : own);
  }

  /** When it ends, on the server's ticker. */
  @Override
  public final long deadlineNanos() {
    return receivedNanos + timeoutNanos;
  }

  /** What its caller is told when it has ended for its time. */
  public final String lateText() {
    return timeoutNanos == stack.maxTimeoutNanos && !isStreaming()
        ? "the call has taken longer than any may here: "
            + stack.settings.maxTimeout().toMillis()
            + " ms (maxTimeout)"
        : "the deadline passed on the server";
  }

  final long timeoutNanos() {
    return timeoutNanos;
  }

  final long receivedNanos() {
    return receivedNanos;
  }

  // ---- what stages ask and tell

  final Responder responder() {
    return responder;
  }

  /**
   * The name or the number that it came by if there is no such method, else null; tells its caller
   * nothing before it is known who calls.
   */
  final @Nullable String unknownMethod() {
    return unknownMethod;
  }

  final boolean isCalledByName() {
    return calledByName;
  }

  final Claim claim() {
    return Authentication.claim(metadata, responder);
  }

  final void calledBy(Principal known) {
    caller = known;
  }

  /** Who calls, or null if nobody asks. */
  @Override
  public final @Nullable Principal caller() {
    return caller;
  }

  // ---- what limits have found

  /** A limit has let it in; it has this place until its handler begins, or none. */
  final void limited(float itsPlace, long nowNanos) {
    place = itsPlace;
    waitsFrom(nowNanos);
  }

  final boolean isLimited() {
    return lastMicros != UNLIMITED;
  }

  final float place() {
    return place;
  }

  /** From now on it waits for its handler to begin. */
  final void waitsFrom(long nowNanos) {
    lastMicros = -microsSinceReceived(nowNanos);
  }

  final long waitsFromNanos() {
    return receivedNanos - (long) lastMicros * NANOS_PER_MICRO;
  }

  final void beginsAt(long nowNanos) {
    place = NO_PLACE;
    lastMicros = Math.max(1, microsSinceReceived(nowNanos));
  }

  /** When its handler began, or {@link #NOT_BEGUN}. */
  final long begunNanos() {
    return lastMicros > 0 ? receivedNanos + (long) lastMicros * NANOS_PER_MICRO : NOT_BEGUN;
  }

  private int microsSinceReceived(long nowNanos) {
    return Math.clamp((nowNanos - receivedNanos) / NANOS_PER_MICRO, 0, Integer.MAX_VALUE);
  }

  // ---- once it is routed

  /** The method's name. */
  final String methodName() {
    return found().method().name();
  }

  final Route<?, ?> found() {
    return Objects.requireNonNull(route);
  }

  @Override
  public final Method<?, ?> routedMethod() {
    return found().method();
  }

  /** Whether it is a stream of messages. */
  public final boolean isStreaming() {
    return isStreaming(found());
  }

  /** How long one side of a stream may wait for the other, in nanoseconds. */
  public final long progressNanos() {
    return progressNanos(stack, found());
  }

  /** The limit for one message of it either way, in bytes. */
  public final int maxMessageBytes() {
    int own = found().method().maxMessageBytes();
    return own == Method.DEFAULT_LIMIT ? stack.settings.connection().maxMessageBytes() : own;
  }

  /** The number of its method, or 0 if connections are to give none. */
  public final int route() {
    // A check of the server's health is known by its name alone, which tells it from other calls.
    return found().method() == Health.CHECK ? 0 : found().number();
  }

  // ---- what its context is made of

  @Override
  public final Metadata metadata() {
    return metadata;
  }

  @Override
  public final Peer peer() {
    return responder.peer();
  }

  @Override
  public final Ticker ticker() {
    return stack.ticker;
  }

  @Override
  public final @Nullable TraceContext parentTrace() {
    return trace;
  }

  @Override
  public final boolean isRetried() {
    return retried;
  }

  @Override
  public final Criticality criticality() {
    return Criticality.of(criticality);
  }

  // ---- what observers are told

  final void seenToBegin() {
    tellBegin();
  }

  final void seenToEnd(Status status) {
    tellEnded(status);
  }

  @Override
  protected final Observers observers() {
    return stack.observers;
  }

  @Override
  protected final @Nullable Method<?, ?> seenMethod() {
    Route<?, ?> known = route;
    return known == null ? null : known.method();
  }

  @Override
  protected final Side seenSide() {
    return Side.SERVER;
  }

  @Override
  protected final long seenNanos() {
    // The reading of the event loop's turn would be older than an inline handler.
    return stack.ticker.nanos();
  }

  @Override
  protected final long seenStartNanos() {
    return receivedNanos;
  }

  @Override
  protected final String seenEndpoint() {
    return SocketAddresses.format(responder.peer().address());
  }

  @Override
  protected final int seenAttempts() {
    return 1;
  }

  @Override
  protected final @Nullable TraceContext seenTrace() {
    return trace;
  }

  @Override
  protected final void setTrace(TraceContext value) {
    trace = value;
  }

  /** What it ends in if this was thrown in its way. */
  final Status failure(Throwable thrown, Status.Started started) {
    Route<?, ?> known = route;
    return stack.failures.statusOf(thrown, known == null ? null : known.method(), started);
  }
}
