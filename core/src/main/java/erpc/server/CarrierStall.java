package erpc.server;

import java.util.ArrayList;
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
  /** Threads that are looked at; of more that could run, some culprits may be missed. */
  private static final int MOST_SUSPECTS = 1_000;

  /** Stacks that are shown. */
  private static final int MOST_SHOWN = 4;

  private final LinkedBlockingQueue<Thread> begun = new LinkedBlockingQueue<>(MOST_SUSPECTS);
  private @Nullable List<Thread> seen;

  /** Takes a thread on which a handler has begun, if it is one that may keep a carrier. */
  void suspect(@Nullable Thread thread) {
    if (thread != null && thread.isVirtual() && canRun(thread)) {
      boolean unused = begun.offer(thread);
    }
  }

  /**
   * Looks at the suspects, on one thread, twice.
   *
   * @return stacks of those that keep a carrier, a few at most; null the first time, which tells
   *     nothing yet
   */
  @Nullable List<String> look() {
    List<Thread> before = seen;
    if (before == null) {
      seen = begun.stream().filter(thread -> isOnCarrier(thread, thread.getStackTrace())).toList();
      return null;
    }
    List<String> stacks = new ArrayList<>();
    for (Thread thread : before) {
      StackTraceElement[] stack = thread.getStackTrace();
      if (stacks.size() < MOST_SHOWN && isOnCarrier(thread, stack)) {
        stacks.add(text(stack));
      }
    }
    return stacks;
  }

  private static boolean canRun(Thread thread) {
    return thread.getState() == Thread.State.RUNNABLE;
  }

  /** Whether a virtual thread with this stack has a carrier: one that waits has left its own. */
  private static boolean isOnCarrier(Thread thread, StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      String name = frame.getMethodName();
      boolean leaves = name.startsWith("park") || name.equals("tryYield");
      if (leaves && frame.getClassName().equals("java.lang.VirtualThread")) {
        return false; // It may run again, but has to wait for a carrier.
      }
    }
    return stack.length > 0 && canRun(thread);
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
