package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.LastingLoop;
import erpc.protocol.Refusals;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees when handlers keep the processor for themselves. Virtual threads are not preempted, so
 * handlers that never wait can occupy every carrier, and one that blocks an event loop stops all
 * its connections. One per process, on a thread of its own; costs a call one volatile read, and a
 * write of its thread.
 *
 * <p>While a probe on a virtual thread doesn't get to run, and handlers don't begin one after the
 * other before it, new handlers run on platform threads, and the stacks of those that do are in the
 * log ({@link CarrierStall}).
 */
final class Watchdog {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  /** How often it looks. */
  private static final long PERIOD_MILLIS = 50;

  /** How long a probe may wait for a carrier. */
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * So many handlers that begin per carrier and period are a queue that moves: none of them keeps
   * its carrier for long, and more threads would only take the processors from them.
   */
  private static final int MOVING = 4;

  private static final int CARRIERS =
      carriers(Integer.getInteger("jdk.virtualThreadScheduler.parallelism"));

  /**
   * How long a probe may wait on an event loop: longer than writing a whole backlog of small
   * messages takes, which is a tenth of a second on a busy machine and nobody's mistake.
   */
  private static final long LOOP_STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Handlers that may run beside stalled carriers; one more waits for a carrier. */
  static final int MAX_SPARE_THREADS = 64;

  private static final SpareThreads SPARE =
      new SpareThreads(MAX_SPARE_THREADS, Thread::startVirtualThread);

  private static final Watchdog PROCESS = new Watchdog(Watchdog::startVirtual, SPARE, SPARE::ready);

  private final Map<EventLoop, Probe> loops = new ConcurrentHashMap<>();
  private final Probe carriers = new Probe();
  private final Executor virtual;
  private final Executor spare;
  private final Runnable readySpare;
  private final Set<Handlers> handlers = ConcurrentHashMap.newKeySet();

  /** Of handlers that go on though their calls have ended, so that no connection shows them. */
  private final Set<Thread> leftBehind = ConcurrentHashMap.newKeySet();

  /** Set by its own thread, and by tests. */
  volatile boolean stalled;

  private final LastingLoop loop = new LastingLoop(LOG, "the watchdog");

  @GuardedBy("this")
  private @Nullable Thread thread; // null while there is nothing to look after

  // Of its own thread.
  private @Nullable CarrierStall stall;
  private long begunBefore;
  private long lookedNanos;
  private long lastNamedNanos = System.nanoTime() - LOG_INTERVAL_NANOS;
  private long lastCrowdedNanos = lastNamedNanos;

  /** Handlers of a server that have begun. */
  interface Handlers {
    /** Shows the threads of those whose calls are open, soon, on event loops. */
    void show(Consumer<@Nullable Thread> to);

    /** How many have begun so far, of those that are counted ({@link Overload#begun}). */
    default long begun() {
      return 0;
    }
  }

  /** A task that was sent somewhere, and whether it has run. */
  private static final class Probe implements Runnable {
    /** Set by who sends it, cleared by the thread that it runs on: one after the other. */
    volatile boolean due;

    /** Written by the thread that it runs on. */
    volatile @Nullable Thread thread;

    // Of who sends it.
    long sentNanos;
    boolean reported;

    @Override
    public void run() {
      thread = Thread.currentThread();
      due = false;
    }

    /** True if the last one has been on its way for too long. */
    boolean isLate(long now, long afterNanos) {
      return due && now - sentNanos >= afterNanos;
    }

    boolean send(long now) {
      if (due) {
        return false;
      }
      sentNanos = now;
      due = true;
      return true;
    }
  }

  /**
   * A watchdog.
   *
   * @param virtual runs each task on a virtual thread of its own
   * @param spare runs handlers while carriers are stalled, and rejects those that are too many
   */
  Watchdog(Executor virtual, Executor spare) {
    this(virtual, spare, () -> {});
  }

  private Watchdog(Executor virtual, Executor spare, Runnable readySpare) {
    this.virtual = virtual;
    this.spare = spare;
    this.readySpare = readySpare;
  }

  private static void startVirtual(Runnable task) {
    if (task instanceof HandlerThreads.Startable handler) {
      handler.newThread().start();
    } else {
      var unused = Thread.startVirtualThread(task);
    }
  }

  /** How many carriers there are, of what the JDK has been told, or null. */
  static int carriers(@Nullable Integer told) {
    return told != null && told > 0 ? told : Runtime.getRuntime().availableProcessors();
  }

  static Watchdog ofProcess() {
    return PROCESS;
  }

  /** Looks after the handlers of a server, whenever it looks. */
  void know(Handlers ofServer) {
    handlers.add(ofServer);
  }

  /** Looks after these event loops, and the handlers of a server, as well from now on. */
  synchronized void watch(Stream<EventLoop> more, Handlers ofServer) {
    know(ofServer);
    more.forEach(loop -> loops.computeIfAbsent(loop, unused -> new Probe()));
    if (thread == null) {
      Thread own =
          Thread.ofPlatform()
              .name("erpc-watchdog")
              .daemon(true)
              .inheritInheritableThreadLocals(false)
              .unstarted(this::run);
      // Not the one of whoever listens first: that may be an application that is gone tomorrow.
      own.setContextClassLoader(Watchdog.class.getClassLoader());
      own.start();
      thread = own;
    }
  }

  /** Forgets the handlers of a server that has been closed; with the last one its thread ends. */
  synchronized void forget(Handlers ofServer) {
    handlers.remove(ofServer);
    notifyAll();
  }

  /** Takes the thread of a handler that goes on though its call has ended. Any thread. */
  void leftBehind(Thread thread) {
    leftBehind.add(thread);
  }

  /** Whether virtual threads don't get to run. Any thread. */
  boolean isStalled() {
    return stalled;
  }

  /**
   * Runs a handler on a virtual thread, or, while these are stalled, on a platform thread as long
   * as there are some.
   */
  void start(Runnable task) {
    if (stalled) {
      try {
        spare.execute(task);
        return;
      } catch (RejectedExecutionException | OutOfMemoryError e) {
        // All are taken, so it waits for a carrier like those before it, to its deadline.
      }
    }
    virtual.execute(task);
  }

  private void run() {
    // At once: a loop whose thread no probe has told yet cannot be named when it blocks.
    do {
      try {
        look(System.nanoTime());
      } catch (Throwable e) { // Whatever it is: nobody else would ever look again.
        loop.met(e);
      }
    } while (goesOn());
  }

  /** Waits for the next look; false if there is nothing left to look after. */
  @SuppressWarnings("WaitNotInLoop") // A look that comes early does no harm.
  private synchronized boolean goesOn() {
    try {
      if (!handlers.isEmpty()) {
        wait(PERIOD_MILLIS);
      }
    } catch (InterruptedException e) {
      // Nobody has a reason to; it looks again.
    }
    if (!handlers.isEmpty()) {
      return true;
    }
    loops.clear();
    stalled = false;
    stall = null;
    thread = null;
    return false;
  }

  /** One look at everything; its own thread's, or a test's. */
  void look(long now) {
    leftBehind.removeIf(thread -> !thread.isAlive());
    lookAtCarriers(now);
    loops.forEach((loop, probe) -> lookAt(loop, probe, now));
    Refusals.OF_PROCESS.tellOverdue();
  }

  private void lookAtCarriers(long now) {
    CarrierStall asked = stall;
    long begun = handlers.stream().mapToLong(Handlers::begun).sum();
    // By time: a server that is closed wakes it early, and a busy machine late.
    double periods = (now - lookedNanos) / (double) TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
    boolean moves = begun - begunBefore >= Math.max(1, MOVING * CARRIERS * periods);
    begunBefore = begun;
    lookedNanos = now;
    if (!carriers.isLate(now, STALL_NANOS)) {
      stalled = false;
      stall = null;
    } else if (!stalled && moves) {
      report(List.of(), now);
    } else if (!stalled) {
      readySpare.run();
      stalled = true;
      suspectAll();
    } else if (asked != null) {
      List<String> stacks = asked.look();
      if (stacks != null) {
        report(stacks, now);
        stall = null;
        if (stacks.isEmpty()) {
          suspectAll();
        }
      }
    }
    sendTo(virtual, carriers, now);
  }

  private void lookAt(EventLoop loop, Probe probe, long now) {
    if (loop.isShuttingDown()) {
      loops.remove(loop);
      return;
    }
    Thread thread = probe.thread;
    if (probe.isLate(now, LOOP_STALL_NANOS) && !probe.reported && thread != null) {
      probe.reported = true;
      reportBlocked(thread, TimeUnit.NANOSECONDS.toMillis(now - probe.sentNanos));
    }
    if (sendTo(loop, probe, now)) {
      probe.reported = false;
    }
  }

  private static void reportBlocked(Thread thread, long millis) {
    StackTraceElement[] stack = thread.getStackTrace();
    if (startsThread(stack)) {
      LOG.warn(
          "event loop {} has waited for {} ms for the system to start a thread, which the library"
              + " asked for: the processors have more to do than they can",
          thread.getName(),
          millis);
    } else {
      LOG.error(
          "event loop {} has been blocked for {} ms, and all its connections with it. Code that"
              + " runs inline must not block: give its handler a thread (Execution.virtual())\n"
              + "{}",
          thread.getName(),
          millis,
          CarrierStall.text(stack));
    }
  }

  /** Whether the library starts a thread there: for a handler, or the JDK for a virtual thread. */
  static boolean startsThread(StackTraceElement[] stack) {
    boolean starts = false;
    for (StackTraceElement frame : stack) {
      String name = frame.getClassName();
      if (starts && !name.startsWith("java.") && !name.startsWith("jdk.")) {
        return name.startsWith("erpc.") || name.startsWith("io.netty.");
      }
      starts |= name.equals("java.lang.Thread") && frame.getMethodName().startsWith("start");
    }
    return false;
  }

  private static boolean sendTo(Executor where, Probe probe, long now) {
    boolean sent = probe.send(now);
    if (sent) {
      try {
        where.execute(probe);
      } catch (Throwable e) {
        probe.due = false; // Or it would count as late for ever.
        throw e;
      }
    }
    return sent;
  }

  // ---- who has the carriers

  private void suspectAll() {
    CarrierStall asked = new CarrierStall();
    stall = asked;
    leftBehind.forEach(asked::suspect);
    for (Handlers each : handlers) {
      each.show(asked::suspect);
    }
  }

  private void report(List<String> stacks, long now) {
    long waitedMillis = TimeUnit.NANOSECONDS.toMillis(now - carriers.sentNanos);
    if (!stacks.isEmpty() && now - lastNamedNanos >= LOG_INTERVAL_NANOS) {
      lastNamedNanos = now;
      LOG.error(
          "no virtual thread has got to run for {} ms: handlers occupy all carriers. New calls run"
              + " on at most {} platform threads meanwhile. Running:\n"
              + "{}",
          waitedMillis,
          MAX_SPARE_THREADS,
          String.join("\n", stacks));
    } else if (stacks.isEmpty() && now - lastCrowdedNanos >= LOG_INTERVAL_NANOS) {
      lastCrowdedNanos = now;
      LOG.warn(
          "virtual threads wait for {} ms and longer until they run, and no handler is to blame:"
              + " either more calls come in than the processors can do, or code that isn't a"
              + " handler's keeps the carriers",
          waitedMillis);
    }
  }
}
