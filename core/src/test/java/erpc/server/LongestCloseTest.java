package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterCalls;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.protocol.own.OwnSpoken;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LongestCloseTest {
  /** A center that registers servers and does not answer those that leave. */
  private static final class Mute implements CenterCalls {
    private static final int TTL_MILLIS = 30;

    final CountDownLatch registered = new CountDownLatch(1);

    @Override
    public <Q extends Message, R extends Message> R call(
        String method, Q request, Class<R> replyType, Duration timeout) {
      if (request instanceof RegisterRequest) {
        return replyType.cast(
            RegisterReply.newBuilder().setLease(1).setTtlMillis(TTL_MILLIS).build());
      }
      if (request instanceof HeartbeatRequest) {
        registered.countDown();
        return replyType.cast(HeartbeatReply.newBuilder().setTtlMillis(TTL_MILLIS).build());
      }
      try {
        boolean unused = new CountDownLatch(1).await(timeout.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new RpcException(Status.Code.DEADLINE_EXCEEDED, "no answer (a test)");
    }

    @Override
    public <Q extends Message, R extends Message> Incoming<R> stream(
        String method, Q request, Class<R> replyType) {
      throw new RpcException(Status.Code.UNAVAILABLE, "no streams (a test)");
    }
  }

  @Test
  void coversACenterThatDoesNotAnswerAndACallerThatDoesNotHangUp() throws Exception {
    Mute center = new Mute();
    CountDownLatch handling = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    OwnSpoken words = new OwnSpoken();
    Reactor reactor = Reactor.open(TransportKind.NIO, 1);
    Server server =
        Server.builder()
            .reactor(reactor)
            .register(center)
            .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ZERO))
            .build()
            .handle(
                Method.unary("demo.bytes", byte[].class, byte[].class),
                (context, request) -> {
                  handling.countDown();
                  hold.await();
                  return request;
                })
            .listen("127.0.0.1:0");
    int port = Integer.parseInt(server.address().substring(server.address().lastIndexOf(':') + 1));
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
      caller.getOutputStream().write(words.hello());
      caller.getOutputStream().write(words.call(1, "demo.bytes", 60_000, 5, new byte[1]));
      assertThat(handling.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(center.registered.await(10, TimeUnit.SECONDS)).isTrue();
      long start = System.nanoTime();
      server.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(server.longestClose());
    } finally {
      hold.countDown();
      server.close();
      reactor.close();
    }
  }
}
