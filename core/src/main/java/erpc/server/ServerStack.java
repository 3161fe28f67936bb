package erpc.server;

import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.LineLimit;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.LoneCalls;
import erpc.protocol.MemoryBudget;
import erpc.protocol.Responder;
import erpc.protocol.ServerCalls;
import erpc.protocol.ServerLoad;
import erpc.trace.Observers;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call through a server, outermost first. Everything above the filters sees only the
 * head of the call and runs on the event loop; nothing has been decoded yet when it is refused
 * there.
 */
final class ServerStack implements ServerCalls {
  final MethodTable methods;
  final Health health;
  final HealthProbe.Bound probes = new HealthProbe.Bound();
  final Codecs codecs;
  final Ticker ticker;
  final ServerSettings settings;
  final List<Filter> filters;
  final Observers observers;
  final Stage[] stages;
  final Failures failures;

  final MemoryBudget memory;
  final Admission admission;
  final long maxTimeoutNanos;
  final StartDelay startDelay = new StartDelay();
  final Overload overload;
  private final LoneCalls loneCalls = new LoneCalls();

  private final @Nullable Authentication authentication;

  ServerStack(
      MethodTable methods,
      Health health,
      Admission admission,
      MemoryBudget memory,
      ServerBuilder builder) {
    this.methods = methods;
    this.health = health;
    this.memory = memory;
    this.admission = admission;
    this.codecs = builder.codecs;
    this.ticker = builder.ticker();
    this.settings = builder.settings();
    this.maxTimeoutNanos = Deadline.saturatedNanos(settings.maxTimeout());
    this.filters = List.copyOf(builder.filters);
    this.observers = new Observers(builder.observers);
    this.failures = new Failures(settings.tellErrors());
    this.authentication =
        builder.authenticator == null
            ? null
            : new Authentication(builder.authenticator, builder.ticker());
    this.overload =
        new Overload(
            settings,
            ticker,
            authentication != null && authentication.mayBlock(),
            () -> ThreadLocalRandom.current().nextDouble());
    List<@Nullable Stage> all =
        Arrays.asList(
            // First, so that refusals of every stage below are seen too.
            observers.isEmpty() ? null : new Observe(),
            // Before anything that costs: expired, too many. Below observe, above
            // routing, so that a flood of calls to a method that doesn't exist counts against the
            // bound like any other.
            admission,
            // Decided before routing, so that a stranger learns nothing of what exists.
            authentication,
            // Tells what there is only where each caller may call all of it.
            new Routing(builder.authorizer == null),
            // Below routing, which knows the method.
            builder.authorizer == null
                ? null
                : new Authorization(builder.authorizer, new LineLimit()),
            // Last, for who may not call takes nothing from those who may.
            overload);
    this.stages = all.stream().filter(Objects::nonNull).toArray(Stage[]::new);
    // Below the stages, in ServerCall: filters that see bytes, decode, filters that see messages,
    // handler, encode. Decoding is the dearest step, so whatever can refuse without it stands
    // above it.
  }

  @Override
  public ServerLoad load() {
    return new ServerLoad(startDelay.micros(), admission.inFlight());
  }

  @Override
  public MemoryBudget memory() {
    return memory;
  }

  @Override
  public LoneCalls loneCalls() {
    return loneCalls;
  }

  @Override
  public long waitingCallBytes() {
    // So that half of the calls, too, is all they may have.
    return Math.max(MemoryBudget.CALL_BYTES, memory.limitBytes() / settings.maxInFlight());
  }

  @Override
  public @Nullable InboundCall begin(
      CallHead head, Responder responder, @Nullable InboundCall previous) {
    InboundCall probe =
        settings.openHealth() && HealthProbe.mayBe(head)
            ? HealthProbe.begin(this, head, responder)
            : null;
    return probe == null
        ? begin(head, responder, previous, responder.callsInFlight(), null)
        : probe;
  }

  /** Begins a call that its connection counts already; null if it is refused, and told so. */
  @Nullable InboundCall beginCounted(CallHead head, Responder responder) {
    int own = responder.callsInFlight() - 1;
    if (authentication != null && authentication.mayBlock()) {
      return begin(head, responder, null, own, null);
    }
    Status refused = admission.enter(StagedCall.timeoutNanos(this, head), responder, own);
    return begin(head, responder, null, own, refused == null ? Status.OK : refused);
  }

  private @Nullable InboundCall begin(
      CallHead head,
      Responder responder,
      @Nullable InboundCall previous,
      int own,
      @Nullable Status admitted) {
    try {
      return authentication != null && authentication.mayBlock()
          ? HeldCall.begin(this, authentication, head, responder, previous, own)
          : ServerCall.begin(this, head, responder, null, previous, admitted);
    } catch (Throwable e) {
      // As when there is no thread for an authenticator: the connection has other calls.
      Status status = failures.statusOf(e, null, Status.Started.NO);
      responder.respond(status, Metadata.EMPTY, Metadata.EMPTY);
      return null;
    }
  }

  /** What answers a call with this head, or null. */
  @Nullable Route<?, ?> route(CallHead head) {
    return route(head.name(), head.method());
  }

  /** What answers a call by this name, or, if it has none, by this number of the server's own. */
  @Nullable Route<?, ?> route(@Nullable String name, int number) {
    return name == null ? methods.find(number) : methods.find(name);
  }
}
