package erpc.center.processes;

import erpc.call.Method;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import javax.management.JMException;
import javax.management.ObjectName;

/** What both ends of the programs that stream have in common. */
final class StreamMethods {
  /** Takes messages and answers how many bytes there were, as text. */
  static final Method<byte[], byte[]> TAKE =
      Method.clientStreaming("flow.take", byte[].class, byte[].class);

  /** Gives messages without end; the request says of how many bytes each, and how many. */
  static final Method<byte[], byte[]> GIVE =
      Method.serverStreaming("flow.give", byte[].class, byte[].class);

  /** Gives back each message. */
  static final Method<byte[], byte[]> BOTH =
      Method.bidirectional("flow.both", byte[].class, byte[].class);

  /** Counts: one number after another, from the one that the request says. */
  static final Method<byte[], byte[]> COUNT =
      Method.serverStreaming("flow.count", byte[].class, byte[].class);

  /** Gives back its request after a while. */
  static final Method<byte[], byte[]> ECHO = Method.unary("flow.echo", byte[].class, byte[].class);

  /** Answers calls in flight and connections, as two numbers in text. */
  static final Method<byte[], byte[]> STATE =
      Method.unary("flow.state", byte[].class, byte[].class);

  /** Answers how many objects of a class there are, after collecting garbage. */
  static final Method<byte[], byte[]> OBJECTS =
      Method.unary("flow.objects", byte[].class, byte[].class);

  private StreamMethods() {}

  /** Bytes that one process has sent and another has taken, in memory that both see. */
  static final class Meter {
    static final int BYTES = 16;
    private final MappedByteBuffer shared;

    Meter(Path file) throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
        shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
      }
    }

    void reset() {
      shared.putLong(0, 0);
      shared.putLong(Long.BYTES, 0);
    }

    void sent(int bytes) {
      shared.putLong(0, shared.getLong(0) + bytes);
    }

    /** Bytes that were sent before and have not been taken yet. */
    long taken(int bytes) {
      long ahead = shared.getLong(0) - shared.getLong(Long.BYTES);
      shared.putLong(Long.BYTES, shared.getLong(Long.BYTES) + bytes);
      return ahead;
    }
  }

  /** Has the calling thread stand still for so long. */
  static void idle(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** The most of the heap that was ever in use, and the direct memory in use, in MiB. */
  static String memory() {
    long heap = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        heap += pool.getPeakUsage().getUsed();
      }
    }
    long direct = 0;
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      direct += pool.getName().equals("direct") ? pool.getTotalCapacity() : 0;
    }
    direct = Math.max(direct, io.netty.util.internal.PlatformDependent.usedDirectMemory());
    return "at most %d MiB of heap, %d MiB of direct memory".formatted(heap >> 20, direct >> 20);
  }

  /** Instances of a class that are still reachable. */
  static int objects(String className) throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    for (String line : histogram.split("\n", -1)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length >= 4 && words[3].equals(className)) {
        return Integer.parseInt(words[1]);
      }
    }
    return 0;
  }
}
