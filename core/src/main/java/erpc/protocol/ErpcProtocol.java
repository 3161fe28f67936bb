package erpc.protocol;

import erpc.call.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;

/** erpc's own protocol, docs/protocol.md. */
enum ErpcProtocol implements Protocol {
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
  public ChannelHandler serve(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls) {
    return new ServerConnection(loop, settings, ticker, calls);
  }
}
