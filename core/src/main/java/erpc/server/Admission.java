package erpc.server;

import erpc.call.Status;
import erpc.protocol.MemoryBudget;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what has expired, what comes while the server drains, what is too many, and what there is
 * no memory for. Thread-safe.
 */
final class Admission implements Stage {
  private final int maxInFlight;
  private final MemoryBudget memory;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean draining;

  Admission(int maxInFlight, MemoryBudget memory) {
    this.maxInFlight = maxInFlight;
    this.memory = memory;
  }

  @Override
  public @Nullable Status begin(ServerCall call) {
    if (call.timeoutNanos() <= 0) {
      return Status.of(
          Status.Code.DEADLINE_EXCEEDED, "the deadline had passed when the call arrived");
    }
    if (draining) {
      return Status.of(Status.Code.UNAVAILABLE, "the server is draining");
    }
    int count = inFlight.incrementAndGet();
    if (!memory.hasRoomFor(count)) {
      inFlight.decrementAndGet();
      return memory.refusal();
    }
    if (count > maxInFlight) {
      inFlight.decrementAndGet();
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "the server has " + maxInFlight + " calls in flight (maxInFlight)");
    }
    return null;
  }

  @Override
  public void end(ServerCall call, Status status) {
    inFlight.decrementAndGet();
  }

  void drain() {
    draining = true;
  }

  int inFlight() {
    return inFlight.get();
  }
}
