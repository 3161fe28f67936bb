package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.opening;
import static erpc.protocol.own.Frames.request;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Context;
import erpc.call.Method;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client closes its direction while calls are open: it gets the answers to what it has asked. */
@Timeout(30)
class HalfClosedClientsTest {
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private final AtomicInteger began = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private List<AutoCloseable> opened = List.of();

  static Stream<TransportKind> transports() {
    return Epoll.isAvailable()
        ? Stream.of(TransportKind.NIO, TransportKind.EPOLL)
        : Stream.of(TransportKind.NIO);
  }

  private Server server(TransportKind transport) throws IOException {
    Reactor reactor = Reactor.open(transport, 1);
    Server server = Server.builder().reactor(reactor).build();
    opened = List.of(server, reactor);
    server.handle(
        Method.unary("demo.slow", byte[].class, byte[].class),
        (context, request) -> {
          watch(context);
          assertThat(mayAnswer.await(20, TimeUnit.SECONDS)).isTrue();
          return request;
        });
    server.handleStream(
        Method.bidirectional("demo.chat", byte[].class, byte[].class),
        (context, requests, replies) -> {
          watch(context);
          for (byte[] each : requests) {
            replies.send(each);
          }
        });
    return server.listen("127.0.0.1:0");
  }

  private void watch(Context context) {
    context.onCancel(cancelled::incrementAndGet);
    began.incrementAndGet();
  }

  @AfterEach
  void close() throws Exception {
    mayAnswer.countDown();
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void whatWasAskedForWholeIsAnsweredAndTheRestIsEnded(TransportKind transport) throws IOException {
    Server server = server(transport);
    try (RawPeer peer = RawPeer.of(server.address())) {
      peer.send(
          Frames.GREETING,
          request(1, "demo.slow", (byte) 'x'),
          frame(Wire.REQUEST, 2, concat(head("demo.chat"), new byte[] {5, 'y'})),
          opening(3, "demo.slow", 5, (byte) 'z'),
          frame(Wire.REQUEST, 4, concat(head("demo.chat"), new byte[] {5, 'c'})),
          data(Wire.END, 2),
          new byte[] {0, 0}); // a frame that never comes whole
      Awaitility.await().until(() -> began.get() == 3);
      peer.socket.shutdownOutput();
      int[] codes = {-1, -1, -1, -1, -1};
      for (int answers = 0; answers < 3; ) {
        Frames.Frame frame = peer.next();
        if (frame.type() == Wire.RESPONSE && frame.has(Wire.END)) {
          codes[frame.stream()] = frame.code();
          answers++;
        }
      }
      assertThat(codes).as("0, its own, cancelled, cancelled").containsExactly(-1, -1, 0, 1, 1);
      mayAnswer.countDown();
      Frames.Frame last = peer.next(Wire.RESPONSE);
      assertThat(last.stream()).isEqualTo(1);
      assertThat(last.payload()).endsWith(5, 'x');
      assertThat(peer.isAtEnd()).isTrue();
    }
    assertThat(cancelled).as("the chat that was cut").hasValue(1);
    Awaitility.await().until(() -> server.connectionCount() == 0);
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aClientThatIsGoneIsFoundOut(TransportKind transport) throws IOException {
    Server server = server(transport);
    try (RawPeer peer = RawPeer.of(server.address())) {
      peer.send(Frames.GREETING, request(1, "demo.slow", (byte) 'x'));
      Awaitility.await().until(() -> began.get() == 1);
      peer.next(Wire.SETTINGS); // what lies unread would make the system reset the connection
    }
    Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> cancelled.get() == 1);
    Awaitility.await().until(() -> server.connectionCount() == 0);
  }

  @ParameterizedTest
  @MethodSource("transports")
  void withoutCallsTheConnectionEndsAtOnce(TransportKind transport) throws IOException {
    Server server = server(transport);
    for (byte[] said : List.of(new byte[0], new byte[] {0x3b}, Frames.PREFACE, Frames.GREETING)) {
      try (RawPeer peer = RawPeer.of(server.address())) {
        peer.send(said);
        peer.socket.shutdownOutput();
        assertThat(peer.socket.getInputStream().readAllBytes().length).isLessThanOrEqualTo(12);
      }
    }
    Awaitility.await().until(() -> server.connectionCount() == 0);
  }
}
