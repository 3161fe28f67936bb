package erpc.protocol;

import static erpc.protocol.Frames.concat;
import static erpc.protocol.Frames.credit;
import static erpc.protocol.Frames.frame;
import static erpc.protocol.Frames.head;
import static erpc.protocol.Frames.request;
import static erpc.protocol.Frames.reset;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that cost their sender nothing, in numbers that no honest peer sends. */
class FloodsTest {

  static Stream<Arguments> floods() {
    return Stream.of(
        Arguments.of(FloodGuard.Kind.PINGS, at(i -> frame(Wire.PING, 0, new byte[8]))),
        Arguments.of(FloodGuard.Kind.SETTINGS, at(i -> frame(Wire.SETTINGS, 0))),
        Arguments.of(
            FloodGuard.Kind.CREDENTIALS,
            at(i -> frame(Wire.AUTH, 0, new byte[] {1, 'x', 0, 1, 'y'}))),
        Arguments.of(FloodGuard.Kind.EMPTY_FRAMES, at(i -> frame(Wire.DATA, 1))),
        Arguments.of(FloodGuard.Kind.UNKNOWN_FRAMES, at(i -> frame(12, 0))),
        Arguments.of(FloodGuard.Kind.CREDITS, at(i -> credit(0, 1))),
        Arguments.of(
            FloodGuard.Kind.RESETS,
            at(i -> concat(request(i + 2, "a.b", (byte) 1), reset(i + 2, 1)))));
  }

  private static IntFunction<byte[]> at(IntFunction<byte[]> frames) {
    return frames;
  }

  private static TestServer server() {
    TestServer server = TestServer.greeted();
    server.echo = false;
    server.receive(frame(Wire.REQUEST, 1, head("stream.any")));
    server.sent();
    return server;
  }

  @ParameterizedTest
  @MethodSource("floods")
  void aFloodEndsTheConnectionWithAGoodbyeThatNamesIt(
      FloodGuard.Kind kind, IntFunction<byte[]> frames) {
    TestServer server = server();
    List<Frames.Frame> sent = List.of();
    for (int i = 0; i <= kind.limit + 1 && server.isOpen(); i++) {
      server.receive(frames.apply(i));
      sent = server.sent();
    }
    assertThat(server.isOpen()).isFalse();
    assertThat(server.ended()).contains("flood of " + kind);
    Frames.Frame goodbye =
        sent.stream().filter(each -> each.type() == Wire.GOAWAY).findFirst().orElseThrow();
    assertThat(goodbye.payload()[4]).isEqualTo((byte) 8);
    assertThat(new String(goodbye.payload(), StandardCharsets.UTF_8)).contains(kind.toString());
    assertThat(server.connection.streams.isEmpty()).isTrue();
  }

  @Test
  void resetsOfCallsThatAreOverAreNoFlood() {
    TestServer server = server();
    byte[] many = new byte[0];
    for (int i = 0; i < 1_000; i++) {
      many = concat(many, reset(1, 1));
    }
    for (int i = 0; i <= FloodGuard.Kind.RESETS.limit / 1_000 + 1; i++) {
      server.receive(many);
    }
    assertThat(server.isOpen()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("floods")
  void asManyInEachWindowAreNoFlood(FloodGuard.Kind kind, IntFunction<byte[]> frames) {
    TestServer server = server();
    int half = Math.min(kind.limit / 2, 20_000);
    for (int window = 0; window < 4; window++) {
      for (int i = 0; i < half; i++) {
        server.receive(frames.apply(window * half + i));
        server.sent();
      }
      server.advance(Duration.ofSeconds(5));
      server.receive(frame(Wire.PING, 0, new byte[8]));
      server.advance(Duration.ofSeconds(6));
      assertThat(server.isOpen()).isTrue();
    }
  }

  @Test
  void creditForDataThatWasSentIsNoFlood() {
    FloodGuard guard = new FloodGuard();
    for (int i = 0; i < 50_000; i++) {
      guard.sentData(1);
      guard.count(FloodGuard.Kind.CREDITS, 0);
      guard.count(FloodGuard.Kind.CREDITS, 0);
    }
  }

  @Test
  void callsThatArePutOffByTheirOwnBytesAreCounted() {
    TestServer server = server();
    int limit = FloodGuard.Kind.RESETS.limit;
    for (int i = 0; i <= limit && server.isOpen(); i++) {
      // A message whose announced length passes the limit.
      server.receive(
          frame(
              Wire.REQUEST | Wire.MORE,
              i + 2,
              concat(head("stream.any"), new byte[] {5}, Frames.u32(1L << 30))));
      server.sent();
    }
    assertThat(server.ended()).contains("flood of " + FloodGuard.Kind.RESETS);
  }

  @ParameterizedTest
  @EnumSource(names = {"PINGS", "CREDITS"})
  void aClientGuardsItselfToo(FloodGuard.Kind kind) {
    TestClient client = TestClient.greeted();
    byte[] flood = kind == FloodGuard.Kind.PINGS ? frame(Wire.PING, 0, new byte[8]) : credit(0, 1);
    for (int i = 0; i <= kind.limit && client.channel.isOpen(); i++) {
      client.receive(flood);
      client.sent();
    }
    assertThat(client.channel.isOpen()).isFalse();
    assertThat(String.valueOf(client.connection.ended())).contains("flood of " + kind);
  }
}
