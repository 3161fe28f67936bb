package erpc.protocol.own;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Collects frames into one pooled buffer and hands it to the channel at a flush, so that many leave
 * with one system call. Used by one event loop.
 */
final class FrameWriter {
  /** Small enough for a pool to keep many, large enough for a batch of a few hundred calls. */
  private static final int BUFFER_BYTES = 32 * 1024;

  /** As much as is handed over before a flush; what TLS holds until then nobody else counts. */
  private static final int MAX_UNFLUSHED_BYTES = 512 * 1024;

  /** As much for the other side to begin with as is worth a flush; see docs/decisions.md. */
  private static final int MANY_FRAMES = 64;

  /** The same in bytes; not with TLS, where that was measured to be too little. */
  private static final int MANY_BYTES = 16 * 1024;

  private final ChannelHandlerContext channel;
  private final Ticker ticker;
  private final boolean ticks;
  private final int manyBytes;

  private @Nullable ByteBuf buffer;
  private int unflushedBytes;
  private int unflushedFrames;
  private boolean tickDue;
  private int headerIndex;

  /** Whether a frame has begun whose end has not been written. */
  private boolean begun;

  private long flushes;
  private long writtenBytes;

  FrameWriter(ChannelHandlerContext channel, Ticker ticker, boolean ticks) {
    this.channel = channel;
    this.ticker = ticker;
    this.ticks = ticks;
    this.tickDue = ticks;
    boolean encrypted = channel.pipeline().get(SslHandler.class) != null;
    this.manyBytes = encrypted ? Integer.MAX_VALUE : MANY_BYTES;
  }

  /** Writes the preface, which is no frame, and the settings that are not the defaults. */
  void writeGreeting(ConnectionSettings settings) {
    reserve(Wire.PREFACE_BYTES).writeInt(Wire.PREFACE);
    ByteBuf payload = begin(Wire.SETTINGS, 0, 3 * Wire.SETTING_BYTES);
    if (settings.maxMessageBytes() != ConnectionSettings.DEFAULTS.maxMessageBytes()) {
      payload.writeShort(Wire.SETTING_MAX_MESSAGE).writeInt(settings.maxMessageBytes());
    }
    if (settings.maxStreams() != ConnectionSettings.DEFAULTS.maxStreams()) {
      payload.writeShort(Wire.SETTING_MAX_STREAMS).writeInt(settings.maxStreams());
    }
    end(payload);
  }

  /** Writes GOAWAY. */
  void writeGoAway(int lastStream, Status.Code code, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuf out = begin(Wire.GOAWAY, 0, 7 + bytes.length);
    out.writeInt(lastStream).writeByte(code.number()).writeShort(bytes.length).writeBytes(bytes);
    end(out);
  }

  /**
   * Begins a frame whose payload will take at most this many bytes, tick not counted; {@link #end}
   * fills in its length.
   *
   * @return where its payload goes
   */
  ByteBuf begin(int kind, int stream, int atMost) {
    ByteBuf out = reserve(Wire.HEADER_BYTES + Wire.TICK_BYTES + atMost);
    headerIndex = out.writerIndex();
    unflushedFrames++;
    begun = true;
    header(out, kind, stream, 0);
    return out;
  }

  /**
   * Begins a frame whose payload takes exactly this many bytes, tick not counted; nothing ends it.
   * What nearly every frame is: each write to a buffer is checked, so few of them should do.
   *
   * @return where its payload goes
   */
  ByteBuf beginWhole(int kind, int stream, int bytes) {
    ByteBuf out = reserve(Wire.HEADER_BYTES + Wire.TICK_BYTES + bytes);
    unflushedFrames++;
    header(out, kind, stream, bytes);
    return out;
  }

  /**
   * Writes DATA frames of one stream that are finished but for the tick.
   *
   * @param bytes where they lie one behind the other, between two indices
   */
  void frames(int stream, byte[] bytes, int from, int until, int frames) {
    ByteBuf out = reserve(Wire.TICK_BYTES + until - from);
    int copiedFrom = from;
    if (tickDue) {
      int payload = Wire.payloadBytes(ByteBuffer.wrap(bytes).getLong(from));
      header(out, Wire.DATA, stream, payload);
      copiedFrom += Wire.HEADER_BYTES;
    }
    out.writeBytes(bytes, copiedFrom, until - copiedFrom);
    unflushedFrames += frames;
  }

  private void header(ByteBuf out, int kind, int stream, int bytes) {
    if (tickDue) {
      tickDue = false;
      out.writeLong(Wire.header(kind | Wire.TICK, stream, bytes + Wire.TICK_BYTES));
      out.writeInt((int) TimeUnit.NANOSECONDS.toMillis(ticker.nanos()));
    } else {
      out.writeLong(Wire.header(kind, stream, bytes));
    }
  }

  /** Ends the frame that was begun. */
  void end(ByteBuf out) {
    int length = out.writerIndex() - headerIndex - Wire.HEADER_BYTES;
    out.setMedium(headerIndex, length);
    begun = false;
  }

  /** Whether nothing was collected since the last flush. */
  boolean isEmpty() {
    return buffer == null;
  }

  /** Whether it is time for a flush. */
  boolean isFull() {
    return unflushedBytes >= MAX_UNFLUSHED_BYTES;
  }

  /** How often something was flushed. */
  long flushes() {
    return flushes;
  }

  /**
   * Hands everything to the socket if that is enough for the other side to begin with, while the
   * rest of a batch is worked on here. Else a window of calls that go back and forth together would
   * have one side wait for the other.
   */
  void flushIfMany() {
    ByteBuf out = buffer;
    if (out != null
        && (unflushedFrames >= MANY_FRAMES || unflushedBytes + out.readableBytes() >= manyBytes)) {
      flush();
    }
  }

  /** Hands everything to the socket. */
  void flush() {
    if (buffer != null || unflushedBytes > 0) {
      writeBuffer();
      tickDue = ticks;
      flushes++;
      unflushedBytes = 0;
      unflushedFrames = 0;
      channel.flush();
    }
  }

  /** All bytes that were handed to the socket. */
  long writtenBytes() {
    return writtenBytes;
  }

  /** Gives back the buffer without writing it. */
  void release() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  /** What threw has broken a frame off: half of one must not leave. */
  private void dropHalfFrame(ByteBuf out) {
    if (begun) {
      begun = false;
      out.writerIndex(headerIndex);
    }
  }

  private ByteBuf reserve(int bytes) {
    ByteBuf out = buffer;
    if (out != null) {
      dropHalfFrame(out);
    }
    if (out != null && out.writableBytes() >= bytes) {
      return out;
    }
    if (out != null) {
      writeBuffer();
    }
    out = channel.alloc().ioBuffer(Math.max(BUFFER_BYTES, bytes));
    buffer = out;
    return out;
  }

  private void writeBuffer() {
    ByteBuf out = buffer;
    if (out != null) {
      dropHalfFrame(out);
      buffer = null;
      unflushedBytes += out.readableBytes();
      writtenBytes += out.readableBytes();
      channel.write(out, channel.voidPromise());
    }
  }
}
