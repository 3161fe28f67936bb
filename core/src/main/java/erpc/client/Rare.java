package erpc.client;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.protocol.MemoryBudget;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
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

  List<Member> tried = List.of();
  Status.Started started = Status.Started.NO;

  volatile @Nullable Pause pause; // the last one, which may be over

  /** Whether the last try found no room where it was to go, and was none. */
  boolean foundNoRoom;

  int detours;

  /** How often its place was let go while it picked an endpoint there. */
  int moves;

  /** Whether a try has failed so that the next one is marked as a retry. */
  boolean retried;

  /** Who waits for room in a connection's queue, or has. */
  volatile @Nullable Thread waitsForRoom;

  /** Where it goes if the place where it went first was let go meanwhile. */
  private volatile @Nullable Destination moved;

  /** What its encoded request is counted as. */
  private volatile int charged;

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
