package erpc.demo;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One of the demo's programs in a process of its own, what it prints shown with its name before
 * each line. It ends when its input does: whatever becomes of this process, none is left behind.
 * Thread-safe.
 */
final class Program implements AutoCloseable {
  private static final String CHILD = "demo.child";
  private static final Duration END_WITHIN = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private final Thread reader;

  @GuardedBy("said")
  private final StringBuilder said = new StringBuilder();

  private Program(String name, Process process, PrintStream out) {
    this.name = name;
    this.process = process;
    this.reader = Thread.ofPlatform().daemon().name("output of " + name).start(() -> show(out));
  }

  /** Starts {@code demo} with these arguments, by the same java and class path as this process. */
  static Program start(String name, PrintStream out, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-agentlib") && !option.startsWith("-javaagent")) {
        command.add(option); // An agent's port or file is taken by this process.
      }
    }
    command.add("-D" + CHILD + "=true");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new Program(name, process, out);
  }

  /** In a process that {@link #start} made, ends it when the one who made it is gone. */
  static void endWithParent() {
    if (Boolean.getBoolean(CHILD)) {
      Thread.ofPlatform().daemon().name("parent").start(Program::exitAtEndOfInput);
    }
  }

  @SuppressWarnings("SystemExitOutsideMain")
  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes here; only the end matters.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    System.exit(0);
  }

  private void show(PrintStream out) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null) {
        out.printf("  %-13s %s%n", "[" + name + "]", line);
        synchronized (said) {
          said.append(line).append('\n');
          said.notifyAll();
        }
        line = lines.readLine();
      }
    } catch (IOException e) {
      // It was killed while it wrote.
    }
    synchronized (said) {
      said.notifyAll();
    }
  }

  /**
   * Waits until it has printed this text.
   *
   * @throws DemoFailure if it ends before, or the time is over
   */
  void awaitText(String text, Duration atMost) throws InterruptedException, DemoFailure {
    long deadline = System.nanoTime() + atMost.toNanos();
    synchronized (said) {
      while (said.indexOf(text) < 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0 || !reader.isAlive()) {
          throw new DemoFailure(
              "the "
                  + name
                  + (left <= 0 ? " did not say '" : " ended before it said '")
                  + text
                  + "'");
        }
        said.wait(Math.min(left, 100)); // The reader's end is not a notification.
      }
    }
  }

  /** Waits for its end; returns its exit code. */
  int awaitEnd(Duration atMost) throws InterruptedException, DemoFailure {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new DemoFailure("the " + name + " did not end in " + atMost.toSeconds() + " s");
    }
    reader.join(END_WITHIN);
    return process.exitValue();
  }

  /** Ends it as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  long pid() {
    return process.pid();
  }

  /** Asks it to end, and kills it if it doesn't in some seconds. */
  @Override
  public void close() {
    process.toHandle().destroy(); // Process.destroy() would cut off its last words.
    try {
      if (!process.waitFor(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      reader.join(END_WITHIN);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
