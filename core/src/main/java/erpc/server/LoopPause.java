package erpc.server;

import erpc.protocol.Responder;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Lets an event loop rest for a moment while the server refuses calls, so that the next ones come
 * in one go. Each time that a loop wakes up it takes a processor from a handler, which costs more
 * than a refusal itself: at five times as many calls as the server can do, a sixth of all it could
 * do. Network cards moderate their interrupts for the same reason. Thread-safe.
 */
final class LoopPause implements Runnable {
  /** Much shorter than calls wait in a server that refuses any. */
  static final long NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  /** Whether the event loop is to rest at the end of its turn. */
  private final FastThreadLocal<Boolean> due = new FastThreadLocal<>();

  private final LongConsumer rest;

  /**
   * What makes a loop rest.
   *
   * @param rest returns after about so many nanoseconds, sooner if it likes
   */
  LoopPause(LongConsumer rest) {
    this.rest = rest;
  }

  /** A call of this event loop was refused: the loop rests after all that it has read. */
  void after(Responder refused) {
    if (refused.isOnLoop() && due.get() == null) {
      due.set(true);
      refused.onLoop(this);
    }
  }

  @Override
  public void run() {
    due.remove();
    rest.accept(NANOS);
  }
}
