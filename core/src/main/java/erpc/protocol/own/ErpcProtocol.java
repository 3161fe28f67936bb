package erpc.protocol.own;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.DialledConnection;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Protocol;
import erpc.protocol.ServerCalls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** erpc's own protocol, docs/protocol.md. */
public enum ErpcProtocol implements Protocol {
  /** The only one: it has no state. */
  INSTANCE;

  private static final int MAGIC_BYTES = 3;

  @Override
  public Match match(ByteBuf first) {
    int known = Math.min(first.readableBytes(), Wire.PREFACE_BYTES);
    for (int i = 0; i < Math.min(known, MAGIC_BYTES); i++) {
      int expected = Wire.PREFACE >>> (8 * (Wire.PREFACE_BYTES - 1 - i)) & 0xff;
      if (first.getUnsignedByte(first.readerIndex() + i) != expected) {
        return Match.NO;
      }
    }
    // Only with the version, so that one clock watches the whole preface.
    return known == Wire.PREFACE_BYTES ? Match.YES : Match.MAYBE;
  }

  @Override
  public byte[] refusal(String text) {
    byte[] words = text.getBytes(StandardCharsets.UTF_8);
    int length = Integer.BYTES + 1 + Short.BYTES + words.length;
    return ByteBuffer.allocate(Wire.PREFACE_BYTES + 2 * Wire.HEADER_BYTES + length)
        .putInt(Wire.PREFACE)
        .putInt(Wire.SETTINGS)
        .putInt(0)
        .putInt(length << 8 | Wire.GOAWAY)
        .putInt(0)
        .putInt(0) // The last stream that was started: none.
        .put((byte) Status.Code.FAILED_PRECONDITION.number())
        .putShort((short) words.length)
        .put(words)
        .array();
  }

  @Override
  public ChannelHandler serve(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls) {
    return new ServerConnection(loop, settings, ticker, calls);
  }

  @Override
  public DialledConnection dial(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory) {
    return new ClientConnection(loop, settings, ticker, memory);
  }

  @Override
  public MessageSource source(Ticker ticker, Runnable onInterrupt) {
    return new Inbox(ticker, onInterrupt);
  }

  @Override
  public MessageSink sink(Ticker ticker, MemoryBudget memory, Runnable onInterrupt) {
    return new Outbox(ticker, memory, onInterrupt);
  }
}
