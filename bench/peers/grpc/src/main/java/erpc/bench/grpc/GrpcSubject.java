package erpc.bench.grpc;

import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import erpc.bench.wire.Echo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * gRPC over HTTP/2 without TLS, on the Netty it brings. Calls have no deadline and no retries: both
 * would only cost it more.
 */
public final class GrpcSubject implements Subject {
  private static final String SERVICE = "erpc.bench.Bench";
  private static final MethodDescriptor<Echo, Echo> ECHO = method("Echo", MethodType.UNARY);

  /** Sends what it was asked with, until it is cancelled. */
  private static final MethodDescriptor<Echo, Echo> SOURCE =
      method("Source", MethodType.SERVER_STREAMING);

  /** Says that messages were under way when a stream was cancelled, which is how each one ends. */
  private static final Logger STREAM_ERRORS =
      Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

  private static MethodDescriptor<Echo, Echo> method(String name, MethodType type) {
    return MethodDescriptor.<Echo, Echo>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(ProtoUtils.marshaller(Echo.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(Echo.getDefaultInstance()))
        .setSampledToLocalTracing(true)
        .build();
  }

  @Override
  public String name() {
    return "grpc";
  }

  // ---- both ends

  private static EventLoopGroup loop() {
    return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  private static SocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * Room for all that a cell has in flight, so that no large message waits for the window; a fixed
   * window also spares the pings that would find one.
   */
  private static int window(Setup setup) {
    return NettyChannelBuilder.DEFAULT_FLOW_CONTROL_WINDOW + 16 * setup.payloadBytes();
  }

  @Override
  public int serve(Setup setup) throws IOException {
    STREAM_ERRORS.setLevel(Level.SEVERE);
    EventLoopGroup loop = loop();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(loopback(0))
            .channelType(EpollServerSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .flowControlWindow(window(setup))
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(ECHO, ServerCalls.asyncUnaryCall(GrpcSubject::echo))
                    .addMethod(SOURCE, ServerCalls.asyncServerStreamingCall(GrpcSubject::source))
                    .build());
    if (setup.inlineHandler()) {
      builder.directExecutor();
    } else {
      builder.executor(Executors.newVirtualThreadPerTaskExecutor());
    }
    return builder.build().start().getPort();
  }

  private static void echo(Echo request, StreamObserver<Echo> replies) {
    replies.onNext(request);
    replies.onCompleted();
  }

  private static void source(Echo request, StreamObserver<Echo> replies) {
    var to = (ServerCallStreamObserver<Echo>) replies;
    to.setOnCancelHandler(() -> {});
    to.setOnReadyHandler(() -> {
      while (to.isReady() && !to.isCancelled()) {
        to.onNext(request);
      }
    });
  }

  @Override
  public Caller connect(int port, Setup setup) {
    EventLoopGroup loop = loop();
    Echo request = setup.message();
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < setup.connections(); i++) {
      NettyChannelBuilder builder =
          NettyChannelBuilder.forAddress(loopback(port))
              .channelType(EpollSocketChannel.class, InetSocketAddress.class)
              .eventLoopGroup(loop)
              .flowControlWindow(window(setup))
              .disableRetry()
              .disableServiceConfigLookUp()
              .usePlaintext();
      if (setup.inlineCallbacks()) {
        builder.directExecutor();
      }
      ManagedChannel channel = builder.build();
      channels.add(channel);
      Echo unused = ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, request);
    }
    return new GrpcCaller(channels.toArray(ManagedChannel[]::new), request);
  }

  private record GrpcCaller(ManagedChannel[] all, Echo request) implements Caller {
    private ManagedChannel one() {
      return all.length == 1 ? all[0] : all[ThreadLocalRandom.current().nextInt(all.length)];
    }

    @Override
    public void call(Runnable done) {
      ClientCalls.asyncUnaryCall(
          one().newCall(ECHO, CallOptions.DEFAULT), request, new Answer(request, done));
    }

    @Override
    public void callAndWait() {
      check(request, ClientCalls.blockingUnaryCall(one(), ECHO, CallOptions.DEFAULT, request));
    }

    @Override
    public void stream(long nanos, Runnable each) throws InterruptedException {
      Arrivals arrivals = new Arrivals(request, each);
      ClientCalls.asyncServerStreamingCall(
          all[0].newCall(SOURCE, CallOptions.DEFAULT), request, arrivals);
      TimeUnit.NANOSECONDS.sleep(nanos);
      arrivals.cancel();
    }
  }

  private static void check(Echo request, @Nullable Echo reply) {
    if (reply == null || reply.getId() != request.getId()) {
      throw new IllegalStateException("not the echo");
    }
  }

  /** What becomes of an asynchronous call. */
  private static final class Answer implements StreamObserver<Echo> {
    private final Echo request;
    private final Runnable done;
    private @Nullable Echo reply;

    Answer(Echo request, Runnable done) {
      this.request = request;
      this.done = done;
    }

    @Override
    public void onNext(Echo message) {
      reply = message;
    }

    @Override
    public void onError(Throwable thrown) {
      Subject.failed(thrown);
    }

    @Override
    public void onCompleted() {
      check(request, reply);
      done.run();
    }
  }

  /** The messages of a stream, asked for by the half-batch, so that the server never waits. */
  private static final class Arrivals implements ClientResponseObserver<Echo, Echo> {
    private static final int AHEAD = 2_048;

    private final Echo request;
    private final Runnable each;
    private @Nullable ClientCallStreamObserver<Echo> from;
    private int sinceAsked;
    private volatile boolean cancelled;

    Arrivals(Echo request, Runnable each) {
      this.request = request;
      this.each = each;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Echo> stream) {
      from = stream;
      stream.disableAutoRequestWithInitial(AHEAD);
    }

    @Override
    public void onNext(Echo message) {
      check(request, message);
      each.run();
      if (++sinceAsked == AHEAD / 2 && from != null) {
        sinceAsked = 0;
        from.request(AHEAD / 2);
      }
    }

    void cancel() {
      cancelled = true;
      if (from != null) {
        from.cancel("enough", null);
      }
    }

    @Override
    public void onError(Throwable thrown) {
      if (!cancelled) {
        Subject.failed(thrown);
      }
    }

    @Override
    public void onCompleted() {
      Subject.failed(new IllegalStateException("the source has run dry"));
    }
  }
}
