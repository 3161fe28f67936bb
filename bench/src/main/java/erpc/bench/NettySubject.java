package erpc.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.collection.IntObjectHashMap;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The floor: raw Netty, frames of a length, an id and the payload, no codec, no deadline; answers
 * and new calls of one read leave with one flush.
 */
final class NettySubject implements Subject {
  private static final int HEADER_BYTES = 8;

  private static EventLoopGroup loop() {
    return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  @Override
  public int serve() throws InterruptedException {
    Channel channel =
        new ServerBootstrap()
            .group(loop())
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accepted.pipeline().addLast(new EchoHandler());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public Caller connect(int port, int payloadBytes) throws InterruptedException {
    CallHandler handler = new CallHandler(payloadBytes);
    Channel channel =
        new Bootstrap()
            .group(loop())
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(handler)
            .connect("127.0.0.1", port)
            .sync()
            .channel();
    return done -> {
      if (channel.eventLoop().inEventLoop()) {
        handler.call(done);
      } else {
        channel.eventLoop().execute(() -> handler.callAndFlush(done));
      }
    };
  }

  /** Cuts what is read into frames and collects what is written. */
  private abstract static class Frames extends ChannelInboundHandlerAdapter {
    private static final int OUT_BYTES = 32 * 1024;

    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unread;
    private @Nullable ByteBuf out;

    abstract void frame(int id, ByteBuf in, int length);

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
      ByteBuf in = (ByteBuf) message;
      ByteBuf before = unread;
      if (before != null) {
        ByteBuf all = channel.alloc().ioBuffer(before.readableBytes() + in.readableBytes());
        all.writeBytes(before).writeBytes(in);
        before.release();
        in.release();
        unread = null;
        in = all;
      }
      while (in.readableBytes() >= HEADER_BYTES) {
        int length = in.getInt(in.readerIndex());
        if (in.readableBytes() < HEADER_BYTES + length) {
          break;
        }
        int id = in.getInt(in.readerIndex() + Integer.BYTES);
        in.skipBytes(HEADER_BYTES);
        int end = in.readerIndex() + length;
        frame(id, in, length);
        in.readerIndex(end);
      }
      if (in.isReadable()) {
        unread = in;
      } else {
        in.release();
      }
    }

    ByteBuf room(int bytes) {
      ByteBuf to = out;
      if (to != null && to.writableBytes() >= bytes) {
        return to;
      }
      hand();
      to = Objects.requireNonNull(context).alloc().ioBuffer(Math.max(OUT_BYTES, bytes));
      out = to;
      return to;
    }

    void flush() {
      if (out != null) {
        hand();
        Objects.requireNonNull(context).flush();
      }
    }

    private void hand() {
      ChannelHandlerContext to = Objects.requireNonNull(context);
      if (out != null) {
        to.write(out, to.voidPromise());
        out = null;
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext channel) {
      flush();
    }
  }

  private static final class EchoHandler extends Frames {
    @Override
    void frame(int id, ByteBuf in, int length) {
      room(HEADER_BYTES + length).writeInt(length).writeInt(id).writeBytes(in, length);
    }
  }

  private static final class CallHandler extends Frames {
    private final IntObjectHashMap<Runnable> calls = new IntObjectHashMap<>();
    private final byte[] payload;
    private int nextId;

    CallHandler(int payloadBytes) {
      payload = new byte[payloadBytes];
    }

    void call(Runnable done) {
      int id = ++nextId;
      calls.put(id, done);
      room(HEADER_BYTES + payload.length).writeInt(payload.length).writeInt(id).writeBytes(payload);
    }

    void callAndFlush(Runnable done) {
      call(done);
      flush();
    }

    @Override
    void frame(int id, ByteBuf in, int length) {
      calls.remove(id).run();
    }
  }
}
