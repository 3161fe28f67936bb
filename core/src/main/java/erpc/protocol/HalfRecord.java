package erpc.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;

/**
 * What TLS holds of a record that has not come whole, which nobody else counts. On its connection's
 * event loop.
 */
final class HalfRecord implements ByteToMessageDecoder.Cumulator {
  private ByteBuf last = Unpooled.EMPTY_BUFFER;

  /** Counts from now on, if the connection has TLS. */
  void watch(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.setCumulator(this);
    }
  }

  @Override
  public ByteBuf cumulate(ByteBufAllocator memory, ByteBuf before, ByteBuf in) {
    last = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(memory, before, in);
    return last;
  }

  /** Memory that is held. */
  int bytes() {
    return last.refCnt() > 0 && last.isReadable() ? last.capacity() : 0;
  }
}
