package erpc.protocol.own;

import erpc.codec.MessageBytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Short messages of one stream as finished frames, one behind the other in an array. Its sender
 * appends to it until the event loop takes it, so many of them cost one link of the queue, one look
 * at the credit and one copy. What the sender sends after that goes behind it in the same array, as
 * another batch.
 */
final class StreamBatch extends StreamOutbound {
  private static final long TAKEN = -1;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(StreamBatch.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What is between {@link #from} and {@link #until} is not written any more by its sender. */
  final byte[] bytes;

  // Its sender's until it is queued, then the event loop's; the last two once it was taken.
  private int from;
  private int until;
  private int frames;

  /**
   * How many frames, and where they end; {@link #TAKEN} once nothing can be appended. Written by
   * its sender, which publishes the frame that it has put there, and by the event loop, which takes
   * them all: by compare-and-set, so no frame comes in between.
   */
  private volatile long state;

  /** A batch with one frame. */
  StreamBatch(Stream stream, byte[] bytes, int from, int frameBytes) {
    super(stream);
    this.bytes = bytes;
    this.from = from;
    this.state = state(1, from + frameBytes);
  }

  /** One that was taken already. */
  private StreamBatch(Stream stream, byte[] bytes, int from, int until, int frames) {
    super(stream);
    this.bytes = bytes;
    this.from = from;
    this.until = until;
    this.frames = frames;
    this.state = TAKEN;
  }

  private static long state(int frames, int until) {
    return (long) frames << Integer.SIZE | until;
  }

  // ---- its sender's side

  /** Puts a frame with a whole message into an array; what it takes is {@link #frameBytes}. */
  static void putFrame(byte[] to, int at, int stream, MessageBytes message) {
    int length = message.length();
    LONGS.set(to, at, Wire.header(Wire.DATA, stream, Wire.ENCODING_BYTES + length));
    to[at + Wire.HEADER_BYTES] = (byte) message.encoding();
    System.arraycopy(message.array(), 0, to, at + frameBytes(0), length);
  }

  /** What a frame with a whole message takes. */
  static int frameBytes(int messageBytes) {
    return Wire.HEADER_BYTES + Wire.ENCODING_BYTES + messageBytes;
  }

  /**
   * Appends the frame that was put behind its last.
   *
   * @return false if the event loop has taken it already
   */
  boolean append(int frameBytes) {
    long before = state;
    return before != TAKEN && STATE.compareAndSet(this, before, before + state(1, frameBytes));
  }

  // ---- the event loop's side

  /** Ends the appending. */
  private void take() {
    long was = (long) STATE.getAndSet(this, TAKEN);
    if (was != TAKEN) {
      frames = (int) (was >>> Integer.SIZE);
      until = (int) was;
    }
  }

  int from() {
    return from;
  }

  int until() {
    return until;
  }

  int frames() {
    return frames;
  }

  boolean isEmpty() {
    return frames == 0;
  }

  /** Takes in one that was sent right after it, if it lies there too. */
  boolean join(StreamBatch next) {
    if (next.bytes != bytes || next.from != until) {
      return false;
    }
    until = next.until;
    frames += next.frames;
    return true;
  }

  /**
   * Splits off the first frames that take so much credit at most.
   *
   * @return a batch that has been taken, empty if there is no credit for even one
   */
  StreamBatch split(int mostData) {
    int start = from;
    int before = frames;
    int credit = mostData;
    while (frames > 0 && dataOf(from) <= credit) {
      credit -= dataOf(from);
      from += Wire.HEADER_BYTES + dataOf(from);
      frames--;
    }
    return new StreamBatch(stream, bytes, start, from, before - frames);
  }

  /** Takes the first message out, to be sent in parts. */
  StreamMessage removeFirst() {
    int at = from + frameBytes(0);
    from += Wire.HEADER_BYTES + dataOf(from);
    frames--;
    byte[] message = Arrays.copyOfRange(bytes, at, from);
    return StreamMessage.of(stream, bytes[at - 1] & 0xff, message, message.length);
  }

  private int dataOf(int frame) {
    return Wire.payloadBytes((long) LONGS.get(bytes, frame));
  }

  @Override
  int aheadBytes() {
    return until - from;
  }

  @Override
  int dataBytes() {
    return until - from - frames * Wire.HEADER_BYTES;
  }

  @Override
  int unsentBytes() {
    return dataBytes();
  }

  /** What it is now. It may grow while it waits, by less than its array has. */
  @Override
  int size() {
    long now = state;
    int end = now == TAKEN ? until : (int) now;
    return Stream.FRAME_OVERHEAD_BYTES + end - from;
  }

  @Override
  void accepted() {}

  @Override
  void write() {
    take();
    super.write();
  }

  @Override
  void dropped() {
    take();
    super.dropped();
  }
}
