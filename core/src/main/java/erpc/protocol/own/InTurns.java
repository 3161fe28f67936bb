package erpc.protocol.own;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Does something to each of many streams, some in each turn of their event loop: a hundred thousand
 * in one turn would hold up its other connections for half a second.
 */
final class InTurns<S> implements Runnable {
  /** As many take a few milliseconds. */
  static final int MOST_A_TURN = 1_024;

  private final EventLoop loop;
  private final List<S> all;
  private final Consumer<S> action;
  private final Runnable afterTurn;
  private int next;

  private InTurns(EventLoop loop, List<S> all, Consumer<S> action, Runnable afterTurn) {
    this.loop = loop;
    this.all = all;
    this.action = action;
    this.afterTurn = afterTurn;
  }

  /**
   * Begins at once, and is done with few of them when this returns; with all, if the event loop has
   * no more turns.
   *
   * @param afterTurn runs at the end of each turn
   */
  static <S> void each(EventLoop loop, List<S> all, Consumer<S> action, Runnable afterTurn) {
    InTurns<S> turns = new InTurns<>(loop, all, action, afterTurn);
    if (all.size() > MOST_A_TURN && loop.inEventLoop() && !loop.isShuttingDown()) {
      turns.run();
    } else {
      turns.until(all.size());
    }
  }

  @Override
  public void run() {
    try {
      until(Math.min(all.size(), next + MOST_A_TURN));
    } finally { // Whatever one of them throws, the others are not to wait for ever.
      goOn();
    }
  }

  private void goOn() {
    if (next < all.size()) {
      try {
        loop.execute(this);
      } catch (RejectedExecutionException e) {
        until(all.size());
      }
    }
  }

  private void until(int end) {
    while (next < end) {
      action.accept(all.get(next++));
    }
    afterTurn.run();
  }
}
