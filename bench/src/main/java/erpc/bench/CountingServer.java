package erpc.bench;

import erpc.bench.driver.Ending;
import erpc.bench.wire.Echo;
import erpc.call.Context;
import erpc.call.Method;
import erpc.server.Server;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A server whose handlers leave a trace that outlives the process: each appends its call's id to a
 * file before anything else. Takes its port and the file; prints its port; ends with its input.
 */
final class CountingServer {
  /** May not run twice. */
  static final Method<Echo, Echo> COUNT = Method.unary("bench.count", Echo.class, Echo.class);

  /** The id of calls that are not counted. */
  static final long UNCOUNTED = -1;

  private static final long TAKES_MILLIS = 1;

  /** One write per record: what the kernel has taken survives kill -9. */
  private final OutputStream file;

  private CountingServer(OutputStream file) {
    this.file = file;
  }

  /** Runs until its input ends. */
  public static void main(String[] args) {
    Ending.with(() -> {
      // Not a channel, which an interrupt would close.
      try (OutputStream file = new FileOutputStream(args[1], true)) {
        new CountingServer(file).answer(args[0]);
      }
    });
  }

  private void answer(String port) throws IOException {
    Server server = Server.builder().build().handle(COUNT, this::handle);
    server.listen("127.0.0.1:" + port);
    String address = server.address();
    System.out.println(address.substring(address.lastIndexOf(':') + 1));
    while (System.in.read() >= 0) {
      // Until its end.
    }
  }

  private Echo handle(Context context, Echo request) throws IOException, InterruptedException {
    file.write(ByteBuffer.allocate(Long.BYTES).putLong(request.getId()).array());
    TimeUnit.MILLISECONDS.sleep(TAKES_MILLIS); // So that kills come between this and the answer.
    return request;
  }

  /**
   * How often each call has been executed, by these files.
   *
   * @param calls ids are below this
   */
  static byte[] executions(Iterable<Path> files, int calls) throws IOException {
    byte[] times = new byte[calls];
    for (Path each : files) {
      if (!Files.exists(each)) {
        continue;
      }
      ByteBuffer ids = ByteBuffer.wrap(Files.readAllBytes(each));
      if (ids.remaining() % Long.BYTES != 0) {
        throw new IOException(each + " ends within a record");
      }
      while (ids.hasRemaining()) {
        long id = ids.getLong();
        if (id != UNCOUNTED) {
          int at = Math.toIntExact(id);
          times[at] = (byte) Math.min(Byte.MAX_VALUE, times[at] + 1);
        }
      }
    }
    return times;
  }
}
