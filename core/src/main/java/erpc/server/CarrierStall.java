package erpc.server;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which handlers keep the carriers: those that had begun, and are on a carrier in two
 * looks one after the other. A handler that only happens to run while many wait in line isn't
 * blamed. Threads are asked one by one for their stacks, and only those that could be it: a dump of
 * all of them, taken while many are ending, has brought the JVM down.
 */
final class CarrierStall {
  /** Threads that are looked at. There are as many culprits as carriers, which are fewer. */
  private static final int MOST_SUSPECTS = 1_000;

  /** Stacks that are shown. */
  static final int MOST_SHOWN = 4;

  private final LinkedBlockingQueue<Thread> begun = new LinkedBlockingQueue<>(MOST_SUSPECTS);
  private @Nullable List<Thread> seen;

  /** Takes a thread on which a handler has begun, if it is one that may keep a carrier. */
  void suspect(@Nullable Thread thread) {
    if (thread != null && thread.isVirtual() && thread.getState() == Thread.State.RUNNABLE) {
      boolean unused = begun.offer(thread);
    }
  }

  /**
   * Looks at the suspects, on one thread.
   *
   * @return stacks of those that keep a carrier, a few at most; null the first time, which tells
   *     nothing yet
   */
  @Nullable List<String> look() {
    List<Thread> before = seen;
    List<Thread> now = new ArrayList<>();
    List<String> stacks = new ArrayList<>();
    Collection<Thread> suspects = before == null ? begun : before;
    for (Thread thread : suspects) {
      StackTraceElement[] stack = thread.getStackTrace();
      if (isOnCarrier(stack)) {
        now.add(thread);
        stacks.add(text(stack));
      }
    }
    seen = now;
    return before == null ? null : stacks.subList(0, Math.min(MOST_SHOWN, stacks.size()));
  }

  /** Whether a virtual thread with this stack has a carrier: one that waits has left its own. */
  private static boolean isOnCarrier(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      if (frame.getClassName().equals("java.lang.VirtualThread")
          && !frame.getMethodName().startsWith("run")) {
        return false; // park, yield and their kind
      }
    }
    return stack.length > 0;
  }

  /** As the JVM prints a stack. */
  static String text(StackTraceElement[] frames) {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement frame : frames) {
      text.append("    at ").append(frame).append('\n');
    }
    return text.toString();
  }
}
