package erpc.client;

import erpc.breaker.Tries;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.FailureMode;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.protocol.MemoryBudget;
import erpc.settings.Mode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What few calls need: apart, since there may be very many calls. Belongs to whoever works on the
 * call, but what is volatile is read by whoever ends it, and what is charged by both.
 */
final class Rare {
  private static final VarHandle CHARGED;

  static {
    try {
      CHARGED = MethodHandles.lookup().findVarHandle(Rare.class, "charged", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What an observer has set, or null. */
  @Nullable TraceContext trace;

  // Written by whoever works on the call, once; whoever ends it reads them.
  private volatile @Nullable Tries tries;
  private volatile @Nullable Waits waits;

  /** Where tries have failed; immutable. Written by whoever works on the call. */
  private volatile List<Member> tried = List.of();

  /** Where all its tries go, if a combined call says it; set before the call begins. */
  @Nullable Aim aim;

  /** When its latest try was found to be still in time; 0 if only the first one has begun. */
  long tryNanos;

  /** How long its latest try may take if that follows the method's calls; else 0. */
  long tryLimitNanos;

  /** What makes it at several endpoints at once, or null. Written by whoever begins the call. */
  volatile @Nullable Race race;

  /** Whether the last try found no room where it was to go, and was none. */
  boolean foundNoRoom;

  /** Whether the next try is marked as a retry, see {@link Tries#isMarked}. */
  boolean retried;

  /**
   * Where it goes if the place where it went first was let go meanwhile. Written by whoever works
   * on the call.
   */
  private volatile @Nullable Destination moved;

  /**
   * What its encoded request is counted as. Written by whoever works on the call; taken out, by one
   * thread alone, once the call has ended.
   */
  private volatile int charged;

  /** What decides about its tries; null while the first one has neither failed nor had to wait. */
  @Nullable Tries tries() {
    return tries;
  }

  /**
   * The same, made if there is none yet.
   *
   * @param made how many tries have begun if there is none
   */
  Tries tries(ClientCall<?, ?> call, int made) {
    Tries found = tries;
    if (found == null) {
      // What nobody answers runs at most once, whatever the method says.
      boolean mayRunTwice = call.request().method().isIdempotent() && !call.isOneway();
      Context madeIn = call.parent();
      CallOptions options = call.request().options();
      FailureMode mode = options.failureMode();
      Tries.Plan plan =
          new Tries.Plan(
              call.stack().settings.maxAttempts(),
              mode == null ? FailureMode.FAILOVER : mode,
              mayRunTwice,
              call.isOneway() ? Set.of() : options.retryOn(),
              call.isCopy() || (madeIn != null && madeIn.isRetried()),
              call.stack().protection().budget() == Mode.ON
                  ? call.cluster().accounting.budget()
                  : null,
              call.latency());
      found = call.stack().tries(plan, call.deadlineNanos(), made);
      tries = found;
    }
    return found;
  }

  /** How it waits, made if it has not yet. */
  Waits waits(ClientCall<?, ?> call) {
    Waits found = waits;
    if (found == null) {
      found = new Waits(call);
      waits = found;
    }
    return found;
  }

  /** The call has ended. Any thread. */
  void callEnded(MemoryBudget memory) {
    letGo(memory);
    Race won = race;
    if (won != null) {
      Status.Started unused = won.stop();
    }
    Waits last = waits;
    if (last != null) {
      last.stop();
    }
  }

  /** Where tries have failed. */
  List<Member> tried() {
    return tried;
  }

  /** A try has failed there. */
  void tried(Member member) {
    List<Member> more = new ArrayList<>(tried);
    more.add(member);
    tried = List.copyOf(more);
  }

  /** Its place was let go: from now on it goes there. */
  void goesTo(Destination again) {
    moved = again;
  }

  /** Where a call goes that went there first. Any thread. */
  static Destination destination(@Nullable Rare rare, Destination first) {
    Destination found = rare == null ? null : rare.moved;
    return found == null ? first : found;
  }

  /**
   * Counts the encoded request, once. Who then finds the call ended lets it go again.
   *
   * @throws RpcException if the process holds all that it may
   */
  void charge(MemoryBudget memory, int bytes) {
    if (charged > 0) {
      return;
    }
    if (memory.isExhausted()) {
      throw memory.refusal().toException();
    }
    charged = memory.charge(bytes);
  }

  /** Counts it no more. Any thread. */
  void letGo(MemoryBudget memory) {
    if (charged > 0) {
      memory.release((int) CHARGED.getAndSet(this, 0));
    }
  }
}
