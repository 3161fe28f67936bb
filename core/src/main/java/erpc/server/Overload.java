package erpc.server;

import erpc.breaker.CallerShares;
import erpc.breaker.Shedding;
import erpc.call.Criticality;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.settings.Mode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls when the server has too much to do: the least critical ones while handlers wait for
 * processors, and those of a method that takes much longer than usual. Only methods that {@link
 * Route#isGuarded} says are looked at, and those with a limit of their user's; others cost nothing.
 * Takes no lock and makes no object for a call that passes. Thread-safe.
 */
final class Overload implements Stage {
  /** A message up to this long comes with its head, or right after. */
  private static final int SHORT_BYTES = 16 << 10;

  private static final Status[] SHED =
      Arrays.stream(Criticality.values()).map(Overload::shed).toArray(Status[]::new);

  private final Shedding shedding;
  private final CallerShares shares;
  private final Ticker ticker;
  private final DoubleSupplier chance;
  private final Told told;
  private final LoopPause pause;

  /** Whether calls come here at another time than they were received. */
  private final boolean comesLate;

  // Set by whoever changes settings; a call may see one sooner than the other.
  private volatile Mode sheds = Mode.ON;
  private volatile Mode limits = Mode.ON;
  private volatile boolean trustsCriticality;

  /**
   * The protection of one server.
   *
   * @param comesLate whether something that may block stands above it
   * @param chance from 0 up to 1; asked by any thread
   */
  Overload(ServerSettings settings, Ticker ticker, boolean comesLate, DoubleSupplier chance) {
    long nowNanos = ticker.nanos();
    this.shedding = new Shedding(nowNanos);
    this.shares = new CallerShares(nowNanos);
    this.ticker = ticker;
    this.comesLate = comesLate;
    this.chance = chance;
    this.told = new Told("the server ", ticker);
    // A loop of a clock that is set by hand has no processor to leave to others.
    this.pause = new LoopPause(ticker == Ticker.system() ? LockSupport::parkNanos : nanos -> {});
    protect(settings);
  }

  /**
   * Handlers of guarded methods that have begun so far, on virtual threads and on spare ones. Calls
   * of other methods, and handlers that run inline, are not counted.
   */
  long begun() {
    return shedding.begun();
  }

  /** Acts as these say, from now on. */
  void protect(ServerSettings settings) {
    sheds = settings.shedding();
    limits = settings.concurrencyLimit();
    trustsCriticality = settings.trustCriticality();
  }

  @Override
  public @Nullable Status begin(StagedCall call) {
    Route<?, ?> route = call.found();
    MethodLimit limit = route.limit();
    if (limit == null) {
      return null;
    }
    boolean guarded = route.isGuarded();
    long nowNanos = comesLate ? ticker.nanos() : call.receivedNanos();
    Criticality how = counted(call);
    float place = guarded ? place(call, how, nowNanos) : StagedCall.NO_PLACE;
    Status refused = limit.enter(limits, nowNanos);
    if (refused != null) {
      return refused;
    }
    boolean passes = !guarded || shedding.admits(how, place, sheds, nowNanos);
    tellNews();
    if (!passes) {
      limit.leave(false, 0, limits, nowNanos);
      pause.after(call.responder());
      return SHED[how.number()];
    }
    call.limited(place, nowNanos);
    return null;
  }

  /** A call's message is here, and it is to wait for a thread. */
  void waits(StagedCall call, int messageBytes) {
    if (messageBytes > SHORT_BYTES && call.isLimited()) {
      call.waitsFrom(ticker.nanos());
    }
  }

  /**
   * The handler of a call is about to begin.
   *
   * @return null, or why it does not
   */
  @Nullable Status begins(StagedCall call, long nowNanos) {
    if (!call.isLimited()) {
      return null;
    }
    float place = call.place();
    // A spare thread begins at once, whatever waits for a carrier: its delay tells nothing.
    boolean waited = Thread.currentThread().isVirtual();
    long waitedNanos = waited ? nowNanos - call.waitsFromNanos() : Long.MAX_VALUE;
    call.beginsAt(nowNanos);
    if (Float.isNaN(place)) {
      return null;
    }
    Criticality how = counted(call);
    boolean passes = shedding.begins(how, place, waitedNanos, sheds, nowNanos);
    tellNews();
    return passes ? null : SHED[how.number()];
  }

  @Override
  public void end(StagedCall call, Status status) {
    MethodLimit limit = call.isLimited() ? call.found().limit() : null;
    if (limit == null) {
      return;
    }
    if (!Float.isNaN(call.place())) {
      shedding.gone();
    }
    long begunNanos = call.begunNanos();
    // What fails at once, or was cancelled, says nothing of how long such calls take.
    boolean counts =
        begunNanos != StagedCall.NOT_BEGUN
            && (status.isOk() || status.code() == Status.Code.DEADLINE_EXCEEDED);
    long nowNanos = counts ? ticker.nanos() : call.receivedNanos();
    limit.leave(counts, nowNanos - begunNanos, limits, nowNanos);
  }

  /** What a stranger claims is worth no more than what most calls are. */
  private Criticality counted(StagedCall call) {
    Criticality claimed = call.criticality();
    return claimed == Criticality.CRITICAL && call.caller() == null && !trustsCriticality
        ? Criticality.DEFAULT
        : claimed;
  }

  private float place(StagedCall call, Criticality how, long nowNanos) {
    double any = chance.getAsDouble();
    double place =
        shedding.isShedding()
            ? shares.place(caller(call), shedding.passing(how), any, nowNanos)
            : any;
    return Math.min((float) place, StagedCall.LAST_PLACE);
  }

  /** Whose share a call takes from. */
  private static Object caller(StagedCall call) {
    Principal known = call.caller();
    if (known != null) {
      return known.getName();
    }
    SocketAddress from = call.responder().peer().address();
    InetAddress host = from instanceof InetSocketAddress inet ? inet.getAddress() : null;
    return host == null ? from : host;
  }

  private static Status shed(Criticality how) {
    return Status.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "the server has too much to do for a call that is " + how + " (shedding)");
  }

  private void tellNews() {
    String news = shedding.news();
    if (news != null) {
      told.tell(news, shedding.isShedding());
    }
  }
}
