package erpc.lines;

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
import java.nio.charset.StandardCharsets;

/**
 * A protocol that has nothing in common with erpc's own: one line of text per message. It shows
 * that a protocol can be written against the seam's public types alone.
 */
public enum LineProtocol implements Protocol {
  INSTANCE;

  private static final byte[] FIRST = "LINES ".getBytes(StandardCharsets.US_ASCII);

  @Override
  public Match match(ByteBuf first) {
    int known = Math.min(first.readableBytes(), FIRST.length);
    for (int i = 0; i < known; i++) {
      if (first.getByte(first.readerIndex() + i) != FIRST[i]) {
        return Match.NO;
      }
    }
    return known == FIRST.length ? Match.YES : Match.MAYBE;
  }

  @Override
  public byte[] refusal(String text) {
    return Words.line("BYE", Status.Code.FAILED_PRECONDITION.number(), 0, Words.text(text));
  }

  @Override
  public ChannelHandler serve(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls) {
    return new LineServer(loop, settings, ticker, calls);
  }

  @Override
  public DialledConnection dial(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory) {
    return new LineClient(loop, settings, ticker, memory);
  }

  @Override
  public MessageSource source(Ticker ticker, Runnable onInterrupt) {
    return new LineSource(ticker, onInterrupt);
  }

  @Override
  public MessageSink sink(Ticker ticker, MemoryBudget memory, Runnable onInterrupt) {
    return new LineSink(ticker, memory, onInterrupt);
  }
}
