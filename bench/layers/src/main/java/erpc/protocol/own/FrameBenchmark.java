package erpc.protocol.own;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Frames of unary calls with 32 bytes of payload, 64 to a batch, by the connections themselves: no
 * threads, no sockets, no codec.
 */
@State(Scope.Thread)
public class FrameBenchmark {
  private static final int BATCH = 64;
  private static final int DATA_BYTES = Wire.ENCODING_BYTES + BenchCall.MESSAGE.length;

  private BenchLine echo = new BenchLine(new BenchServer(true));
  private BenchLine sending = echo;
  private BenchLine receiving = echo;
  private BenchServer received = new BenchServer(false);
  private ByteBuf frames = Unpooled.EMPTY_BUFFER;
  private final int[] frameStarts = new int[BATCH];
  private int nextId;

  /** New lines each time: ids end somewhere. */
  @Setup(Level.Iteration)
  public void open() {
    echo = greeted(new BenchServer(true));
    sending = greeted(new BenchServer(true));
    received = new BenchServer(false);
    receiving = new BenchLine(received);
    BenchLine source = greeted(new BenchServer(true));
    source.start(BATCH, false);
    ByteBuf written = source.written();
    if (written == null) {
      throw new IllegalStateException("nothing was written");
    }
    frames = Unpooled.directBuffer(written.readableBytes()).writeBytes(written.duplicate());
    source.toServer(written);
    source.carry();
    source.close();
    int start = 0;
    for (int i = 0; i < BATCH; i++) {
      frameStarts[i] = start;
      start += Wire.HEADER_BYTES + frames.getUnsignedMedium(start);
    }
    nextId = 1;
  }

  /**
   * A line on which a call has been made, whose answer taught the client to go by the route's
   * number.
   */
  private static BenchLine greeted(BenchServer calls) {
    BenchLine line = new BenchLine(calls);
    line.start(1, false);
    line.carry();
    return line;
  }

  @TearDown(Level.Iteration)
  public void close() {
    echo.close();
    sending.close();
    receiving.close();
    frames.release();
  }

  /**
   * A client writes a REQUEST that wants no answer: head, message, length, and its share of a
   * flush. Bounded by copying some 60 bytes with checks at each write; it allocates the stream,
   * nothing else.
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void encodeRequest() {
    sending.start(BATCH, true);
    ByteBuf written = sending.written();
    if (written != null) {
      written.release();
    }
    // What the server would give back.
    sending.client.outflow.addCredit(BATCH * DATA_BYTES);
  }

  /**
   * A server reads a REQUEST up to where its stack would take the call. Bounded by reading half a
   * dozen fields with checks; it allocates the stream, nothing else.
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void decodeRequest() {
    frames.readerIndex(0);
    for (int start : frameStarts) {
      frames.setInt(start + Wire.STREAM_OFFSET, nextId++);
    }
    receiving.toServer(frames.retain());
    receiving.dropAnswers();
    if (received.begun() != nextId - 1) {
      throw new IllegalStateException("not every frame became a call");
    }
  }

  /**
   * A call through both ends of the protocol: REQUEST written and read, RESPONSE written and read,
   * streams, deadlines and credit kept at each end. Bounded by the two benchmarks above, once for
   * each way; it allocates a stream at each end and a copy of the message.
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void call() {
    echo.start(BATCH, false);
    echo.carry();
    if (!echo.client.streams.isEmpty()) {
      throw new IllegalStateException("not every call has ended");
    }
  }
}
