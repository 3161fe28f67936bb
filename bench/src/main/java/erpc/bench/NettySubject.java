package erpc.bench;

import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.collection.IntObjectHashMap;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The floor: raw Netty, frames of a length, an id and the payload, no deadline, no limit; answers
 * and new calls of one read leave with one flush. Bare, or with the protobuf work of an echo.
 */
public abstract class NettySubject implements Subject {
  private static final int HEADER_BYTES = 8;
  private static final int STREAM_ID = 0;

  /** Payload bytes as they are. */
  public static final class Bare extends NettySubject {
    @Override
    public String name() {
      return "netty";
    }

    @Override
    NettyWork work(Setup setup) {
      return new NettyWork.Bytes(setup);
    }
  }

  /** A protobuf message, encoded and parsed at both ends. */
  public static final class Protobuf extends NettySubject {
    @Override
    public String name() {
      return "netty-pb";
    }

    @Override
    NettyWork work(Setup setup) {
      return new NettyWork.Messages(setup);
    }
  }

  abstract NettyWork work(Setup setup);

  @Override
  public boolean supports(Setup setup) {
    return setup.compression().isEmpty();
  }

  // ---- both ends

  private static EventLoopGroup loop() {
    return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  @Override
  public int serve(Setup setup) throws Exception {
    SslContext tls =
        setup.tls().isEmpty()
            ? null
            : SslContextBuilder.forServer(
                    new File(setup.tls(), "cert.pem"), new File(setup.tls(), "key.pem"))
                .sslProvider(SslProvider.OPENSSL)
                .build();
    NettyWork work = work(setup);
    Channel channel =
        new ServerBootstrap()
            .group(loop())
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(128 << 10, 512 << 10))
            .childHandler(handlers(tls, () -> new EchoHandler(work)))
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private interface Handlers {
    ChannelHandler one();
  }

  private static ChannelHandler handlers(@Nullable SslContext tls, Handlers handlers) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (tls != null) {
          channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        }
        channel.pipeline().addLast(handlers.one());
      }
    };
  }

  @Override
  public Caller connect(int port, Setup setup) throws Exception {
    EventLoopGroup loop = loop();
    List<CallHandler> all = new ArrayList<>();
    for (int i = 0; i < setup.connections(); i++) {
      CallHandler handler = new CallHandler(work(setup));
      all.add(handler);
      new Bootstrap()
          .group(loop)
          .channel(EpollSocketChannel.class)
          .option(ChannelOption.TCP_NODELAY, true)
          .handler(handlers(clientTls(setup), () -> handler))
          .connect("127.0.0.1", port)
          .sync();
    }
    return new NettyCaller(all.toArray(CallHandler[]::new));
  }

  private static @Nullable SslContext clientTls(Setup setup) throws SSLException {
    return setup.tls().isEmpty()
        ? null
        : SslContextBuilder.forClient()
            .trustManager(new File(setup.tls(), "cert.pem"))
            .endpointIdentificationAlgorithm("")
            .sslProvider(SslProvider.OPENSSL)
            .build();
  }

  private record NettyCaller(CallHandler[] all) implements Caller {
    private CallHandler one() {
      return all.length == 1 ? all[0] : all[ThreadLocalRandom.current().nextInt(all.length)];
    }

    @Override
    public void call(Runnable done) {
      CallHandler handler = one();
      if (handler.isOnLoop()) {
        handler.call(done);
      } else {
        handler.execute(() -> handler.callAndFlushSoon(done));
      }
    }

    @Override
    public void callAndWait() {
      Waiter waiter = new Waiter(one());
      waiter.handler.execute(waiter);
      waiter.await();
    }

    @Override
    public void stream(long nanos, Runnable each) throws InterruptedException {
      CallHandler handler = all[0];
      handler.execute(() -> handler.open(each));
      TimeUnit.NANOSECONDS.sleep(nanos);
      handler.execute(handler::close);
    }
  }

  /** A thread that waits for its answer; makes the call when the loop runs it. */
  private static final class Waiter implements Runnable {
    private final CallHandler handler;
    private final Thread thread = Thread.currentThread();
    private boolean called;
    private volatile boolean answered;

    Waiter(CallHandler handler) {
      this.handler = handler;
    }

    @Override
    public void run() {
      if (called) {
        answered = true;
        LockSupport.unpark(thread);
      } else {
        called = true;
        handler.callAndFlushSoon(this);
      }
    }

    void await() {
      while (!answered) {
        LockSupport.park(this);
      }
    }
  }

  /** Cuts what is read into frames and collects what is written. */
  abstract static class Frames extends ChannelInboundHandlerAdapter {
    private static final int OUT_BYTES = 32 * 1024;

    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unread;
    private @Nullable ByteBuf out;
    private boolean flushDue;
    final NettyWork work;

    Frames(NettyWork work) {
      this.work = work;
    }

    abstract void frame(int id, ByteBuf in, int length);

    ChannelHandlerContext context() {
      return Objects.requireNonNull(context);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      context = added;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
      Subject.failed(cause);
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
      ByteBuf in = (ByteBuf) message;
      ByteBuf before = unread;
      if (before != null) {
        in = joined(channel, before, in);
        unread = null;
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

    /** Large messages come in many reads: room for all of one is made once. */
    private static ByteBuf joined(ChannelHandlerContext channel, ByteBuf before, ByteBuf in) {
      if (before.writableBytes() >= in.readableBytes()) {
        before.writeBytes(in);
        in.release();
        return before;
      }
      int whole =
          before.readableBytes() < HEADER_BYTES
              ? 0
              : HEADER_BYTES + before.getInt(before.readerIndex());
      int least = before.readableBytes() + in.readableBytes();
      ByteBuf all = channel.alloc().ioBuffer(Math.max(least, whole + (64 << 10)));
      all.writeBytes(before).writeBytes(in);
      before.release();
      in.release();
      return all;
    }

    ByteBuf begin(int id, int length) {
      int bytes = HEADER_BYTES + length;
      ByteBuf to = out;
      if (to == null || to.writableBytes() < bytes) {
        hand();
        to = context().alloc().ioBuffer(Math.max(OUT_BYTES, bytes));
        out = to;
      }
      return to.writeInt(length).writeInt(id);
    }

    void flush() {
      flushDue = false;
      if (out != null) {
        hand();
        context().flush();
      }
    }

    /** With whatever else the loop has to run now. */
    void flushSoon() {
      if (!flushDue) {
        flushDue = true;
        context().executor().execute(this::flush);
      }
    }

    private void hand() {
      ChannelHandlerContext to = context();
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
    private boolean streaming;

    EchoHandler(NettyWork work) {
      super(work);
    }

    @Override
    void frame(int id, ByteBuf in, int length) {
      if (id == STREAM_ID) {
        // Nothing in it opens the stream, anything ends it.
        streaming = length == 0;
        pump();
      } else {
        work.echo(in, length, this, id);
      }
    }

    private void pump() {
      int most = 1_000;
      while (streaming && context().channel().isWritable() && most-- > 0) {
        work.request(begin(STREAM_ID, work.size()));
      }
      flush();
      if (streaming && context().channel().isWritable()) {
        context().executor().execute(this::pump);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext channel) {
      if (streaming && channel.channel().isWritable()) {
        channel.executor().execute(this::pump);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
      streaming = false;
    }
  }

  private static final class CallHandler extends Frames {
    private final IntObjectHashMap<Runnable> calls = new IntObjectHashMap<>();
    private Runnable eachOfStream = () -> {};
    private int nextId;

    CallHandler(NettyWork work) {
      super(work);
    }

    boolean isOnLoop() {
      return context().executor().inEventLoop();
    }

    void execute(Runnable task) {
      context().executor().execute(task);
    }

    void call(Runnable done) {
      int id = ++nextId;
      calls.put(id, done);
      work.request(begin(id, work.size()));
    }

    void callAndFlushSoon(Runnable done) {
      call(done);
      flushSoon();
    }

    void open(Runnable each) {
      eachOfStream = each;
      begin(STREAM_ID, 0);
      flush();
    }

    void close() {
      begin(STREAM_ID, 1).writeByte(0);
      flush();
    }

    @Override
    void frame(int id, ByteBuf in, int length) {
      work.reply(in, length);
      if (id == STREAM_ID) {
        eachOfStream.run();
      } else {
        calls.remove(id).run();
      }
    }
  }
}
