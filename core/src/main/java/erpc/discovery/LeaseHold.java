package erpc.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The open stream by which a lease is held: beats go out on it, and a virtual thread of its own
 * reads the answers and hears at once when it ends. One thread beats; any thread may close.
 */
final class LeaseHold implements AutoCloseable {
  private static final Status ENDED =
      Status.of(Status.Code.UNAVAILABLE, "the center ended the hold of the lease");

  private final CenterLine<HeartbeatRequest, HeartbeatReply> line;
  private final HeartbeatRequest beat;
  private final Runnable onEnd;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Only the latest answer is kept: each says all there is to say.
  @GuardedBy("lock")
  private long answers;

  @GuardedBy("lock")
  private @Nullable HeartbeatReply latest;

  @GuardedBy("lock")
  private @Nullable Throwable end;

  // The beating thread's own.
  private long beats;

  /**
   * Holds a lease from its first {@link #beat} on.
   *
   * @param onEnd told once the stream has ended, on another thread
   */
  LeaseHold(CenterLine<HeartbeatRequest, HeartbeatReply> line, long lease, Runnable onEnd) {
    this.line = line;
    this.beat = HeartbeatRequest.newBuilder().setLease(lease).build();
    this.onEnd = onEnd;
    Thread.ofVirtual().name("center-hold").start(this::read);
  }

  long lease() {
    return beat.getLease();
  }

  /**
   * Beats, and waits for the answer.
   *
   * @throws RpcException what the stream ended in; DEADLINE_EXCEEDED if no answer came in time,
   *     CANCELLED if the thread was interrupted
   */
  HeartbeatReply beat(Duration timeout) {
    line.send(beat);
    beats++;
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (end == null && answers < beats && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (end != null) {
        throw failure(end);
      }
      if (latest == null || answers < beats) {
        throw new RpcException(
            Status.Code.DEADLINE_EXCEEDED,
            "the center did not answer a beat within " + timeout.toMillis() + " ms");
      }
      return latest;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.of(Status.Code.CANCELLED, "interrupted").toException(e);
    } finally {
      lock.unlock();
    }
  }

  private static RpcException failure(Throwable end) {
    return end instanceof RpcException rpc
        ? new RpcException(rpc.status(), rpc)
        : Status.of(Status.Code.INTERNAL, "holding the lease failed: " + end).toException(end);
  }

  boolean hasEnded() {
    lock.lock();
    try {
      return end != null;
    } finally {
      lock.unlock();
    }
  }

  private void read() {
    Throwable how;
    try {
      for (HeartbeatReply reply : line) {
        answered(reply);
      }
      how = new RpcException(ENDED, null);
    } catch (Throwable e) { // Whatever it is, the registrar must hear of it.
      how = e;
    }
    lock.lock();
    try {
      end = how;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    onEnd.run();
  }

  private void answered(HeartbeatReply reply) {
    lock.lock();
    try {
      answers++;
      latest = reply;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Says goodbye of the stream alone: the lease lives on for its TTL. */
  @Override
  public void close() {
    line.close();
  }
}
