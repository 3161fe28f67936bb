package erpc.server;

import erpc.call.Status;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MemoryShare;
import erpc.protocol.Responder;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what has expired, what is too many, what there is no memory for, and what is more than
 * one connection may have beside the others. What comes while the server drains is for its
 * connection to refuse, which tells the caller so first. Thread-safe.
 */
final class Admission implements Stage {
  private final int maxInFlight;
  private final MemoryBudget memory;
  private final AtomicInteger inFlight = new AtomicInteger();

  Admission(int maxInFlight, MemoryBudget memory) {
    this.maxInFlight = maxInFlight;
    this.memory = memory;
  }

  @Override
  public @Nullable Status begin(StagedCall call) {
    Responder responder = call.responder();
    return enter(call.timeoutNanos(), responder, responder.callsInFlight());
  }

  /**
   * Lets a call in, which then {@linkplain #leave leaves} some time. On its connection's event
   * loop.
   *
   * @param own calls in flight of its connection, this one not included
   * @return null, or why it is refused
   */
  @Nullable Status enter(long timeoutNanos, Responder responder, int own) {
    if (timeoutNanos <= 0) {
      return Status.of(
          Status.Code.DEADLINE_EXCEEDED, "the deadline had passed when the call arrived");
    }
    int before = inFlight.getAndIncrement();
    boolean in = false;
    try {
      Status refused = whyTooMany(before, responder.share(), own);
      in = refused == null;
      return refused;
    } finally {
      if (!in) { // Also if there was no memory to say why.
        inFlight.decrementAndGet();
      }
    }
  }

  private @Nullable Status whyTooMany(int before, MemoryShare share, int own) {
    if (!memory.hasRoomFor(before + 1)) {
      return memory.refusal();
    }
    if (before >= maxInFlight) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "the server has " + maxInFlight + " calls in flight (maxInFlight)");
    }
    if (!share.allowsOneMore(own, before, maxInFlight)) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "this connection has "
              + own
              + " calls in flight, as many as one may have beside the others, of "
              + maxInFlight
              + " (maxInFlight, connectionShare)");
    }
    return share.hasRoomForCall(own, before) ? null : share.refusal();
  }

  @Override
  public void end(StagedCall call, Status status) {
    leave();
  }

  /** A call that was let in is over. */
  void leave() {
    inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }
}
