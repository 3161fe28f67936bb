package erpc.protocol.own;

import erpc.call.Status;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * A client has closed its direction of a server's connection: what it has asked for whole is
 * answered, the rest is ended, and then the connection. On its event loop.
 *
 * <p>A client that is gone looks the same, until it answers what is sent to it with a reset. So now
 * and then something is sent that means nothing.
 */
final class ClosedInput implements Runnable {
  private static final Status CUT =
      Status.of(
          Status.Code.CANCELLED, "the caller closed its direction before its requests had ended");

  private static final long FIRST_PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ServerConnection connection;
  private long untilProbeNanos = FIRST_PROBE_NANOS;

  private ClosedInput(ServerConnection connection) {
    this.connection = connection;
  }

  /** Whether an event of a channel says that nothing more comes on it. */
  static boolean isInputClosed(Object event) {
    return event == ChannelInputShutdownEvent.INSTANCE
        || (event instanceof SslCloseCompletionEvent tls && tls.isSuccess());
  }

  /** Whether answers can still be sent: some libraries for TLS end both directions at once. */
  private static boolean isOpenForAnswers(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    return tls == null
        || (!(tls.engine() instanceof ReferenceCountedOpenSslEngine)
            && tls.engine().getSession().getProtocol().equals("TLSv1.3"));
  }

  /** Nothing more comes. May be told more than once. */
  static void of(ServerConnection connection, ChannelHandlerContext context, boolean again) {
    connection.alone.detachAll();
    if (connection.whyClosed() != null || connection.streams.isEmpty()) {
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else if (!isOpenForAnswers(context)) {
      context.close();
    } else if (!again) {
      new ClosedInput(connection).endWhatIsCut();
    }
  }

  private void endWhatIsCut() {
    connection.unfinished.frame(false, false);
    connection.heartbeat.inputClosed();
    boolean began = connection.batch.beginIfNone();
    for (ServerStream stream : connection.streams.values()) {
      if (!stream.isRequestComplete()) {
        connection.abort(stream, CUT);
      }
    }
    if (began) {
      connection.batch.leave();
    }
    connection.flushBatch();
    probeLater();
  }

  private void probeLater() {
    var unused = connection.loop.schedule(this, untilProbeNanos, TimeUnit.NANOSECONDS);
    long most = connection.settings.keepaliveInterval().toNanos();
    untilProbeNanos = Math.min(2 * untilProbeNanos, Math.max(most, FIRST_PROBE_NANOS));
  }

  /** Sends settings that change nothing: a ping would ask for an answer. */
  @Override
  public void run() {
    if (connection.whyClosed() == null) {
      FrameWriter out = connection.writer();
      out.end(out.begin(Wire.SETTINGS, 0, 0));
      connection.flushBatch();
      probeLater();
    }
  }
}
