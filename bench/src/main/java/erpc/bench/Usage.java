package erpc.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process has used up so far.
 *
 * @param cpuNanos processor time of all its threads
 * @param allocatedBytes heap allocated by all its threads
 */
record Usage(long cpuNanos, long allocatedBytes) {
  static Usage now() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return new Usage(system.getProcessCpuTime(), threads.getTotalThreadAllocatedBytes());
  }

  Usage since(Usage before) {
    return new Usage(cpuNanos - before.cpuNanos, allocatedBytes - before.allocatedBytes);
  }

  static Usage parse(String line) {
    String[] fields = line.strip().split(" ", -1);
    return new Usage(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
  }

  @Override
  public String toString() {
    return cpuNanos + " " + allocatedBytes;
  }
}
