package erpc.bench;

import com.google.protobuf.CodedOutputStream;
import erpc.bench.driver.Setup;
import erpc.bench.wire.Echo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;

/** What protobuf alone allocates at either end of a call: for one message written and one read. */
final class MessageCost {
  /** Enough for the compiler to have done what it does. */
  private static final int WARM = 300_000;

  private static final int MEASURED = 100_000;

  private MessageCost() {}

  /** Bytes a call, of a message with this payload. */
  static double bytes(Setup setup) {
    Echo message = setup.message();
    byte[] array = new byte[message.getSerializedSize()];
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try {
      long sum = writeAndRead(message, array, WARM);
      long before = threads.getCurrentThreadAllocatedBytes();
      sum += writeAndRead(message, array, MEASURED);
      long after = threads.getCurrentThreadAllocatedBytes();
      if (sum != message.getId() * (WARM + MEASURED)) {
        throw new IllegalStateException("a message was not read as it was written");
      }
      return (after - before) / (double) MEASURED;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long writeAndRead(Echo message, byte[] array, int times) throws IOException {
    long sum = 0;
    for (int i = 0; i < times; i++) {
      CodedOutputStream out = CodedOutputStream.newInstance(array);
      message.writeTo(out);
      out.flush();
      sum += Echo.parseFrom(array).getId();
    }
    return sum;
  }
}
