package erpc.protocol.own;

import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;

/**
 * A client's and a server's end of a connection, each on an embedded channel whose timers stand
 * still: no socket, no second thread. What one end has written lies in its channel until it is
 * carried to the other.
 */
final class BenchLine {
  final ClientConnection client;

  private final EmbeddedChannel clientChannel = channel();
  private final EmbeddedChannel serverChannel = channel();
  private final ServerConnection server;
  private final ChannelHandlerContext clientContext;
  private final ChannelHandlerContext serverContext;

  /** A line that has exchanged greetings. */
  BenchLine(BenchServer calls) {
    client =
        new ClientConnection(
            clientChannel.eventLoop(),
            ConnectionSettings.DEFAULTS,
            Ticker.system(),
            new MemoryBudget(0));
    server =
        new ServerConnection(
            serverChannel.eventLoop(), ConnectionSettings.DEFAULTS, Ticker.system(), calls);
    clientChannel.pipeline().addLast(client);
    serverChannel.pipeline().addLast(server);
    clientContext = clientChannel.pipeline().context(client);
    serverContext = serverChannel.pipeline().context(server);
    carry();
  }

  /** A client's end that is never connected. */
  static ClientConnection alone(EmbeddedChannel channel) {
    return new ClientConnection(
        channel.eventLoop(), ConnectionSettings.DEFAULTS, Ticker.system(), new MemoryBudget(0));
  }

  private static EmbeddedChannel channel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    return channel;
  }

  /** Starts calls as one batch, as if they had been queued together. */
  void start(int calls, boolean oneway) {
    client.batch.begin();
    long now = client.batch.nowNanos();
    for (int i = 0; i < calls; i++) {
      if (!new BenchCall(client, now, oneway).stream.start()) {
        throw new IllegalStateException("no room for a call");
      }
    }
    client.batch.leave();
    client.flushBatch();
  }

  /** Brings the client's bytes to the server, and then the server's to the client. */
  void carry() {
    for (ByteBuf sent = clientChannel.readOutbound();
        sent != null;
        sent = clientChannel.readOutbound()) {
      toServer(sent);
    }
    for (ByteBuf sent = serverChannel.readOutbound();
        sent != null;
        sent = serverChannel.readOutbound()) {
      client.channelRead(clientContext, sent);
    }
    client.channelReadComplete(clientContext);
    check();
  }

  /** Brings bytes to the server that the client has not sent, or not now. */
  void toServer(ByteBuf bytes) {
    server.channelRead(serverContext, bytes);
    server.channelReadComplete(serverContext);
  }

  /** What the client has written since the last time, in one buffer; null if nothing. */
  @Nullable ByteBuf written() {
    return clientChannel.readOutbound();
  }

  /** Drops what the server has written. */
  void dropAnswers() {
    for (ByteBuf sent = serverChannel.readOutbound();
        sent != null;
        sent = serverChannel.readOutbound()) {
      sent.release();
    }
    check();
  }

  private void check() {
    if (client.whyClosed() != null || server.whyClosed() != null) {
      throw new IllegalStateException(
          "the line has ended: " + client.whyClosed() + ", " + server.whyClosed());
    }
  }

  void close() {
    var unused = clientChannel.finishAndReleaseAll();
    unused = serverChannel.finishAndReleaseAll();
  }
}
