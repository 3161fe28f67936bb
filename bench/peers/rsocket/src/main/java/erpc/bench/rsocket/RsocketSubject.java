package erpc.bench.rsocket;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import erpc.bench.wire.Echo;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.core.RSocketServer;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import io.rsocket.util.ByteBufPayload;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * RSocket over TCP, its payloads taken from Netty's buffers without a copy and parsed in place.
 * Callbacks run on the I/O thread in every setup, as is usual for it. Calls have no timeout: that
 * would only cost it more.
 */
public final class RsocketSubject implements Subject {
  @Override
  public String name() {
    return "rsocket";
  }

  // ---- both ends

  private static LoopResources loop() {
    return LoopResources.create("rsocket", 1, 1, true);
  }

  private static Payload encoded(Echo message) {
    int size = message.getSerializedSize();
    ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(size);
    try {
      CodedOutputStream to = CodedOutputStream.newInstance(bytes.nioBuffer(0, size));
      message.writeTo(to);
      to.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return ByteBufPayload.create(bytes.writerIndex(size));
  }

  private static Echo parsed(Payload payload) {
    try {
      ByteBuf bytes = payload.sliceData();
      return Echo.parseFrom(CodedInputStream.newInstance(bytes.nioBuffer()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      payload.release();
    }
  }

  private static void check(Echo request, @Nullable Payload reply) {
    if (reply == null || parsed(reply).getId() != request.getId()) {
      throw new IllegalStateException("not the echo");
    }
  }

  @Override
  public int serve(Setup setup) {
    TcpServer tcp = TcpServer.create().host("127.0.0.1").port(0).runOn(loop());
    RSocket handler = setup.inlineHandler() ? new Inline() : new Virtual();
    CloseableChannel channel =
        RSocketServer.create(SocketAcceptor.with(handler))
            .payloadDecoder(PayloadDecoder.ZERO_COPY)
            .bind(TcpServerTransport.create(tcp))
            .block();
    return Objects.requireNonNull(channel).address().getPort();
  }

  /** Handles what it is asked on the I/O thread. */
  private static class Inline implements RSocket {
    @Override
    public Mono<Payload> requestResponse(Payload payload) {
      return Mono.just(encoded(parsed(payload)));
    }

    @Override
    public Flux<Payload> requestStream(Payload payload) {
      Echo request = parsed(payload);
      return Flux.generate(to -> to.next(encoded(request)));
    }
  }

  /** Handles each call on a virtual thread of its own. */
  private static final class Virtual extends Inline {
    private final Scheduler threads =
        Schedulers.fromExecutor(Executors.newVirtualThreadPerTaskExecutor());

    @Override
    public Mono<Payload> requestResponse(Payload payload) {
      return Mono.fromCallable(() -> encoded(parsed(payload))).subscribeOn(threads);
    }
  }

  @Override
  public Caller connect(int port, Setup setup) {
    LoopResources loop = loop();
    RSocket[] all = new RSocket[setup.connections()];
    for (int i = 0; i < all.length; i++) {
      TcpClient tcp = TcpClient.newConnection().host("127.0.0.1").port(port).runOn(loop);
      RSocket connection =
          RSocketConnector.create()
              .payloadDecoder(PayloadDecoder.ZERO_COPY)
              .connect(TcpClientTransport.create(tcp))
              .block();
      all[i] = Objects.requireNonNull(connection);
    }
    return new RsocketCaller(all, setup.message());
  }

  private record RsocketCaller(RSocket[] all, Echo request) implements Caller {
    private RSocket one() {
      return all.length == 1 ? all[0] : all[ThreadLocalRandom.current().nextInt(all.length)];
    }

    @Override
    public void call(Runnable done) {
      one().requestResponse(encoded(request)).subscribe(new Answer(request, done));
    }

    @Override
    public void callAndWait() {
      check(request, one().requestResponse(encoded(request)).block());
    }

    @Override
    public void stream(long nanos, Runnable each) throws InterruptedException {
      Arrivals arrivals = new Arrivals(request, each);
      all[0].requestStream(encoded(request)).subscribe(arrivals);
      TimeUnit.NANOSECONDS.sleep(nanos);
      arrivals.cancel();
    }
  }

  /** What becomes of an asynchronous call. */
  private static final class Answer implements CoreSubscriber<Payload> {
    private final Echo request;
    private final Runnable done;

    Answer(Echo request, Runnable done) {
      this.request = request;
      this.done = done;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Payload reply) {
      check(request, reply);
      done.run();
    }

    @Override
    public void onError(Throwable thrown) {
      Subject.failed(thrown);
    }

    @Override
    public void onComplete() {}
  }

  /**
   * The messages of a stream, asked for by the half-batch, so that the server never waits; what is
   * asked for is what the server holds.
   */
  private static final class Arrivals implements CoreSubscriber<Payload> {
    private static final int AHEAD_BYTES = 2 << 20;
    private static final int MOST_AHEAD = 2_048;

    private final Echo request;
    private final Runnable each;
    private final int half;
    private @Nullable Subscription from;
    private int sinceAsked;

    Arrivals(Echo request, Runnable each) {
      this.request = request;
      this.each = each;
      half = Math.clamp(AHEAD_BYTES / request.getSerializedSize(), 4, MOST_AHEAD) / 2;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      from = subscription;
      subscription.request(2L * half);
    }

    @Override
    public void onNext(Payload message) {
      check(request, message);
      each.run();
      if (++sinceAsked == half && from != null) {
        sinceAsked = 0;
        from.request(half);
      }
    }

    void cancel() {
      if (from != null) {
        from.cancel();
      }
    }

    @Override
    public void onError(Throwable thrown) {
      Subject.failed(thrown);
    }

    @Override
    public void onComplete() {
      Subject.failed(new IllegalStateException("the source has run dry"));
    }
  }
}
