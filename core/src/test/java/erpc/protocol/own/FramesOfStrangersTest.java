package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.hex;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.protocol.Spoken;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes from strangers that only erpc's own protocol has a meaning for. */
class FramesOfStrangersTest {
  private final AtomicInteger handled = new AtomicInteger();
  private final Reactor reactor = Reactor.open(TransportKind.NIO, 1);
  private final Server server =
      Server.builder()
          .reactor(reactor)
          .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ofMillis(50)))
          .build();

  @BeforeEach
  void listen() throws IOException {
    server
        .handle(
            Method.unary("demo.bytes", byte[].class, byte[].class),
            (context, request) -> {
              handled.incrementAndGet();
              return request;
            })
        .listen("127.0.0.1:0");
  }

  @AfterEach
  void close() {
    server.close();
    reactor.close();
  }

  @Test
  void saysWhatItSpeaksToAnotherVersion() throws IOException {
    for (String hello : List.of("3bef5c07", "3bef5c00", "3bef5c02 00000008 00000000")) {
      try (RawPeer peer = RawPeer.of(server.address())) {
        peer.send(hex(hello));
        Frames.Frame last = peer.next(Wire.GOAWAY);
        assertThat(last.payload()[4]).isEqualTo((byte) 12);
        assertThat(peer.isAtEnd()).isTrue();
      }
    }
  }

  @Test
  void theConversationCallsTwice() {
    List<byte[]> units = new OwnSpoken().conversation();
    TestServer pure = new TestServer();
    for (int i = 0; i < units.size(); i++) {
      int unit = i;
      pure.receive(units.get(i));
      long done = pure.calls.stream().filter(call -> !call.messages.isEmpty()).count();
      long due = new OwnSpoken().callsAreWholeAfter().stream().filter(each -> each <= unit).count();
      assertThat(done).isEqualTo(due);
    }
    pure.channel.finishAndReleaseAll();
  }

  @Test
  void everyBitFlipIsAnsweredOrRefusedWithinTheDeadline() {
    byte[] whole = Spoken.together(new OwnSpoken().conversation());
    for (int bit = 32; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      TestServer pure = new TestServer();
      pure.receive(flipped);
      // Unfinished frames wait for bytes until keepalive ends them, unfinished calls for a
      // deadline.
      for (int second = 0; second < 16; second++) {
        pure.advance(Duration.ofSeconds(1));
      }
      assertThat(pure.isOpen()).as("bit %d", bit).isFalse();
      assertThat(pure.ended()).as("bit %d", bit).doesNotContain("the connection broke");
      assertThat(pure.connection.streams.isEmpty()).isTrue();
      pure.channel.finishAndReleaseAll();
    }
  }

  @Test
  void callsOfARouteThatWasNotGivenAreUnimplemented() throws IOException {
    try (RawPeer peer = RawPeer.of(server.address())) {
      peer.send(Frames.GREETING, frame(0x82, 101, hex("02 1234 000003e8 05")));
      assertThat(peer.next(Wire.RESPONSE).code()).isEqualTo(12);
      peer.send(frame(0x82, 102, hex("02 0000 000003e8 05")));
      assertThat(peer.next(Wire.RESPONSE).code()).isEqualTo(12);
    }
  }

  /** The second call says of itself that it has been on its way for ten seconds. */
  @Test
  void whatExpiredOnItsWayDoesNotRun() throws IOException {
    byte[] call = concat(hex("03"), Frames.named("demo.bytes"), hex("00000fa0 05"));
    try (RawPeer peer = RawPeer.of(server.address())) {
      peer.send(Frames.GREETING, frame(0xc2, 2, concat(Frames.u32(50_000), call)));
      assertThat(peer.next(Wire.RESPONSE).code()).isZero();
      peer.send(frame(0xc2, 3, concat(Frames.u32(40_000), call)));
      Frames.Frame reply = peer.next(Wire.RESPONSE);
      assertThat(reply.code()).isEqualTo(4);
      assertThat(reply.isNotStarted()).isTrue();
      assertThat(handled).hasValue(1);
      peer.send(frame(0xc2, 4, concat(Frames.u32(51_000), call)));
      assertThat(peer.next(Wire.RESPONSE).code()).isZero();
    }
  }
}
