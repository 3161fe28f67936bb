package erpc.bench.driver;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process has used up so far.
 *
 * @param cpuNanos processor time of all its threads
 * @param allocatedBytes heap allocated by all its threads
 * @param residentKib memory that it has in RAM now
 */
public record Usage(long cpuNanos, long allocatedBytes, long residentKib) {
  /** Of nothing. */
  public static final Usage NOTHING = new Usage(0, 0, 0);

  /** Of this process. */
  public static Usage now() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return new Usage(
        system.getProcessCpuTime(), threads.getTotalThreadAllocatedBytes(), memoryKib());
  }

  private static long memoryKib() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      // Not on this system.
    }
    return 0;
  }

  /** What was used between the two; memory is what there is at the end. */
  public Usage since(Usage before) {
    return new Usage(
        cpuNanos - before.cpuNanos, allocatedBytes - before.allocatedBytes, residentKib);
  }

  /** What {@link #toString()} gave. */
  public static Usage parse(String line) {
    String[] fields = line.strip().split(" ", -1);
    return new Usage(
        Long.parseLong(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2]));
  }

  @Override
  public String toString() {
    return cpuNanos + " " + allocatedBytes + " " + residentKib;
  }
}
