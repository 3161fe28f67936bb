package erpc.transport;

import erpc.call.Printable;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.LogLimit;
import erpc.protocol.Protocol;
import erpc.protocol.ServerCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the first bytes of a connection, picks the protocol they speak and makes room for it.
 */
final class Sniffer extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  /** As many bytes as are shown of what nobody understood. */
  private static final int SHOWN_BYTES = 8;

  private final List<Protocol> protocols;
  private final ConnectionSettings settings;
  private final Ticker ticker;
  private final ServerCalls calls;
  private final @Nullable Tls tls;
  private final long openedNanos;
  private @Nullable Future<?> timeout;

  private Sniffer(
      List<Protocol> protocols,
      ConnectionSettings settings,
      Ticker ticker,
      ServerCalls calls,
      @Nullable Tls tls,
      @Nullable Sniffer before) {
    this.protocols = protocols;
    this.settings = settings;
    this.ticker = ticker;
    this.calls = calls;
    this.tls = tls;
    this.openedNanos = before == null ? ticker.nanos() : before.openedNanos;
    setCumulator(Sniffer::copied);
  }

  /** For a new connection; which may, and unless it says otherwise must, speak TLS if it is set. */
  static Sniffer first(
      List<Protocol> protocols,
      ConnectionSettings settings,
      Ticker ticker,
      ServerCalls calls,
      @Nullable Tls tls) {
    return new Sniffer(protocols, settings, ticker, calls, tls, null);
  }

  /** A stranger's few bytes must not pin a read buffer of many. */
  private static ByteBuf copied(ByteBufAllocator memory, ByteBuf before, ByteBuf in) {
    try {
      return memory
          .buffer(before.readableBytes() + in.readableBytes())
          .writeBytes(before)
          .writeBytes(in);
    } finally {
      before.release();
      in.release();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    // One clock for TLS and preface together.
    long nanos = settings.handshakeTimeout().toNanos() - (ticker.nanos() - openedNanos);
    timeout = context.executor().schedule(() -> timedOut(context), nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    if (timeout != null) {
      timeout.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (tls != null && in.isReadable() && Goodbye.isTls(in)) {
      protect(context, tls);
      return;
    }
    boolean undecided = false;
    for (Protocol protocol : protocols) {
      Protocol.Match match = protocol.match(in);
      if (match == Protocol.Match.YES && tls != null && !tls.alsoPlain()) {
        refusePlain(context, in, protocol);
        return;
      }
      if (match == Protocol.Match.YES) {
        context
            .pipeline()
            .addLast(protocol.serve(context.channel().eventLoop(), settings, ticker, calls))
            .remove(this);
        return;
      }
      undecided |= match == Protocol.Match.MAYBE;
    }
    if (!undecided) {
      refuse(context, in);
    }
  }

  /** Puts TLS before a second look, which then sees what is inside. */
  private void protect(ChannelHandlerContext context, Tls with) {
    Sniffer inside = new Sniffer(protocols, settings, ticker, calls, null, this);
    context
        .pipeline()
        .addLast(
            new RefusalLinger(), with.accept(context.alloc(), settings.handshakeTimeout()), inside)
        .remove(this);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        context.pipeline().remove(RefusalLinger.class);
      } else {
        warn(context, TlsFailure.text(handshake.cause(), "client", true));
      }
    }
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      context.close(); // There is nothing to answer.
    }
    context.fireUserEventTriggered(event);
  }

  private static void warn(ChannelHandlerContext context, String what) {
    SocketAddress peer = context.channel().remoteAddress();
    String more = LogLimit.STRANGERS.more(peer);
    if (more != null) {
      LOG.warn(
          "closing the connection from {}: {}{}", Printable.of(String.valueOf(peer)), what, more);
    }
  }

  /** A client that is to speak TLS is told so in its own protocol, never served. */
  private static void refusePlain(ChannelHandlerContext context, ByteBuf in, Protocol protocol) {
    warn(context, "it speaks plain text and this port TLS only");
    in.skipBytes(in.readableBytes());
    context
        .writeAndFlush(Unpooled.wrappedBuffer(protocol.refusal("this port speaks TLS only")))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private static void refuse(ChannelHandlerContext context, ByteBuf in) {
    String shown =
        ByteBufUtil.hexDump(in, in.readerIndex(), Math.min(in.readableBytes(), SHOWN_BYTES));
    warn(context, "its first bytes (" + shown + ") are no protocol that is spoken here");
    byte[] goodbye = Goodbye.to(in);
    in.skipBytes(in.readableBytes());
    context.writeAndFlush(Unpooled.wrappedBuffer(goodbye)).addListener(ChannelFutureListener.CLOSE);
  }

  private void timedOut(ChannelHandlerContext context) {
    warn(
        context,
        "it has said nothing within "
            + settings.handshakeTimeout().toMillis()
            + " ms (handshakeTimeout)");
    context.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug(
        "connection from {} broke: {}", context.channel().remoteAddress(), cause.getMessage());
    context.close();
  }
}
