package erpc.server;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees when handlers keep the processor for themselves. Virtual threads are not preempted, so
 * handlers that never wait can occupy every carrier, and one that blocks an event loop stops all
 * its connections. One a process, on a thread of its own; costs a call one volatile read.
 *
 * <p>While a probe on a virtual thread doesn't get to run, new handlers run on platform threads,
 * and the stacks of those that do are in the log.
 */
final class Watchdog {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  /** How often it looks. */
  private static final long PERIOD_MILLIS = 50;

  /** How long a probe may wait for a carrier. */
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * How long a probe may wait on an event loop: longer than writing a whole backlog of small
   * messages takes, which is a tenth of a second on a busy machine and nobody's mistake.
   */
  private static final long LOOP_STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Handlers that may run beside stalled carriers; one more is refused as not started. */
  static final int MAX_SPARE_THREADS = 64;

  /** Stacks that are shown at a time. */
  private static final int MOST_SHOWN = 4;

  /** Files past this are not looked through: a process with so many threads has other troubles. */
  private static final long MOST_DUMP_BYTES = 64L << 20;

  private static final Watchdog PROCESS = new Watchdog(spareThreads());

  private final Map<EventLoop, Probe> loops = new ConcurrentHashMap<>();
  private final Probe carriers = new Probe();
  private final Executor spare;

  /** Set by its own thread, and by tests. */
  volatile boolean stalled;

  private boolean started; // guarded by this
  private long lastDumpNanos = System.nanoTime() - LOG_INTERVAL_NANOS;

  /** A task that was sent somewhere, and whether it has run. */
  private static final class Probe implements Runnable {
    volatile boolean due;
    volatile @Nullable Thread thread;
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
   * @param spare runs handlers while carriers are stalled, and rejects those that are too many
   */
  Watchdog(Executor spare) {
    this.spare = spare;
  }

  static Watchdog ofProcess() {
    return PROCESS;
  }

  private static ThreadPoolExecutor spareThreads() {
    ThreadFactory threads = Thread.ofPlatform().name("erpc-spare-", 0).daemon(true).factory();
    return new ThreadPoolExecutor(
        0, MAX_SPARE_THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
  }

  /** Looks after these event loops as well from now on. */
  void watch(Stream<EventLoop> more) {
    more.forEach(loop -> loops.computeIfAbsent(loop, unused -> new Probe()));
    synchronized (this) {
      if (!started) {
        started = true;
        Thread.ofPlatform().name("erpc-watchdog").daemon(true).start(this::run);
      }
    }
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
      } catch (RejectedExecutionException e) {
        // All are taken, so it waits for a carrier like those before it, to its deadline.
      }
    }
    Thread.startVirtualThread(task);
  }

  private void run() {
    while (true) {
      try {
        look(System.nanoTime());
      } catch (RuntimeException e) {
        LOG.warn("the watchdog's look failed; it looks again", e);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
      } catch (InterruptedException e) {
        // Nobody has a reason to; it looks again.
      }
    }
  }

  private void look(long now) {
    boolean late = carriers.isLate(now, STALL_NANOS);
    if (late && !stalled) {
      stalled = true;
      reportCarriers(now);
    } else if (!late) {
      stalled = false;
    }
    if (carriers.send(now)) {
      Thread.startVirtualThread(carriers);
    }
    loops.forEach((loop, probe) -> lookAt(loop, probe, now));
  }

  private void lookAt(EventLoop loop, Probe probe, long now) {
    if (loop.isShuttingDown()) {
      loops.remove(loop);
      return;
    }
    Thread thread = probe.thread;
    if (probe.isLate(now, LOOP_STALL_NANOS) && !probe.reported && thread != null) {
      probe.reported = true;
      LOG.error(
          "event loop {} has been blocked for {} ms, and all its connections with it. Code that runs inline must not"
              + " block: give its handler a thread (Execution.virtual())\n{}",
          thread.getName(),
          TimeUnit.NANOSECONDS.toMillis(now - probe.sentNanos),
          stack(thread.getStackTrace()));
    }
    if (probe.send(now)) {
      probe.reported = false;
      loop.execute(probe);
    }
  }

  private static String stack(StackTraceElement[] frames) {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement frame : frames) {
      text.append("    at ").append(frame).append('\n');
    }
    return text.toString();
  }

  // ---- who has the carriers

  private void reportCarriers(long now) {
    if (now - lastDumpNanos < LOG_INTERVAL_NANOS) {
      return;
    }
    lastDumpNanos = now;
    List<String> stacks = runningHandlers();
    LOG.error(
        "no virtual thread has got to run for {} ms: handlers occupy all carriers. New calls run on at most {} platform"
            + " threads meanwhile. Running:\n{}",
        TimeUnit.NANOSECONDS.toMillis(now - carriers.sentNanos),
        MAX_SPARE_THREADS,
        String.join("\n", stacks));
  }

  /** Stacks of handlers on virtual threads that don't wait, as the JVM's own dump has them. */
  private static List<String> runningHandlers() {
    Path file = null;
    try {
      file = Files.createTempFile("erpc-threads", ".txt");
      Files.delete(file);
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      return Files.size(file) > MOST_DUMP_BYTES
          ? List.of("    (too many threads to look through)")
          : running(Files.readString(file));
    } catch (IOException | RuntimeException e) {
      return List.of("    (the stacks cannot be had: " + e + ")");
    } finally {
      delete(file);
    }
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("cannot delete {}: {}", file, e.getMessage());
    }
  }

  /** What of a dump is a handler that runs: entries are separated by empty lines. */
  static List<String> running(String dump) {
    List<String> found = new ArrayList<>();
    for (String entry : dump.split("\n\\s*\n", -1)) {
      boolean handler = entry.contains(" virtual") && entry.contains("erpc.server.ServerCall.");
      boolean waits = entry.contains("VirtualThread.park") || entry.contains("yieldContinuation");
      if (handler && !waits && found.size() < MOST_SHOWN) {
        found.add(entry.stripTrailing());
      }
    }
    return found;
  }
}
