package erpc.center.processes;

import erpc.Erpc;
import erpc.call.Method;
import erpc.server.Server;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server as a process: registers, answers, says on its first line where it listens. */
final class ServerProgram {
  /** Answers the process's id after about 20 ms, so that some calls are always in flight. */
  static final Method<byte[], byte[]> ECHO = Method.unary("demo.echo", byte[].class, byte[].class);

  /** Answers at once. */
  static final Method<byte[], byte[]> QUICK =
      Method.unary("demo.quick", byte[].class, byte[].class);

  /** Never answers. */
  static final Method<byte[], byte[]> HOLD = Method.unary("demo.hold", byte[].class, byte[].class);

  /** Counts its runs. */
  static final Method<byte[], byte[]> NOTE = Method.unary("demo.note", byte[].class, byte[].class);

  /** Answers how often {@link #NOTE} has run, as four bytes. */
  static final Method<byte[], byte[]> RUNS = Method.unary("demo.runs", byte[].class, byte[].class);

  /** Collects garbage, and answers with how many connections are open, as four bytes. */
  static final Method<byte[], byte[]> TIDY = Method.unary("demo.tidy", byte[].class, byte[].class);

  /** Waits for {@link #RELEASE}. */
  static final Method<byte[], byte[]> GATHER =
      Method.unary("demo.gather", byte[].class, byte[].class);

  /**
   * Answers how many calls of {@link #GATHER} wait, as four bytes; lets them go if asked with 1.
   */
  static final Method<byte[], byte[]> RELEASE =
      Method.unary("demo.release", byte[].class, byte[].class);

  /** Counts on from a number, one step every few milliseconds. */
  static final Method<byte[], byte[]> FEED =
      Method.serverStreaming("demo.feed", byte[].class, byte[].class);

  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private ServerProgram() {}

  /** Takes the address to listen on. */
  public static void main(String[] args) throws Exception {
    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    AtomicInteger notes = new AtomicInteger();
    Server[] self = new Server[1];
    Erpc.handle(
        ECHO,
        (context, request) -> {
          boolean unused = NEVER.await(20, TimeUnit.MILLISECONDS);
          return pid;
        });
    Erpc.handle(QUICK, (context, request) -> pid);
    Erpc.handle(
        HOLD,
        (context, request) -> {
          NEVER.await();
          return pid;
        });
    Erpc.handle(NOTE, (context, request) -> number(notes.incrementAndGet()));
    Erpc.handle(RUNS, (context, request) -> number(notes.get()));
    Erpc.handle(
        TIDY,
        (context, request) -> {
          System.gc();
          return number(self[0].connectionCount());
        });
    CountDownLatch gathered = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    Erpc.handle(
        GATHER,
        (context, request) -> {
          waiting.incrementAndGet();
          gathered.await();
          return request;
        });
    Erpc.handle(
        RELEASE,
        (context, request) -> {
          if (request[0] == 1) {
            gathered.countDown();
          }
          return number(waiting.get());
        });
    Erpc.handleServerStream(
        FEED,
        (context, request, replies) -> {
          for (int next = ByteBuffer.wrap(request).getInt() + 1; !context.isCancelled(); next++) {
            replies.send(number(next));
            boolean unused = NEVER.await(10, TimeUnit.MILLISECONDS);
          }
        });
    self[0] = Erpc.listen(args[0]);
    System.out.println("ready " + self[0].address());
  }

  static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }
}
