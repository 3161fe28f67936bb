package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.request;
import static erpc.protocol.own.Frames.reset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that cost their sender nothing, in numbers that no honest peer sends. */
class FloodsTest {
  private static final int BATCH = 1_000;

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
        // A message whose announced length passes the limit.
        Arguments.of(
            FloodGuard.Kind.PROVOKED_RESETS,
            at(i ->
                frame(
                    Wire.REQUEST | Wire.MORE,
                    i + 2,
                    concat(head("stream.any"), new byte[] {5}, Frames.u32(1L << 30))))));
  }

  private static IntFunction<byte[]> at(IntFunction<byte[]> frames) {
    return frames;
  }

  /** All but one, which has a test of its own. */
  @Test
  void everyKindIsTestedHere() {
    assertThat(floods().map(each -> each.get()[0]))
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.complementOf(EnumSet.of(FloodGuard.Kind.RESETS)));
  }

  private static TestServer server() {
    TestServer server = TestServer.greeted();
    server.echo = false;
    server.receive(frame(Wire.REQUEST, 1, head("stream.any")));
    server.sent();
    return server;
  }

  /** As many of the frames at a time as make a test quick. */
  private static byte[] batch(IntFunction<byte[]> frames, int from, int count) {
    byte[][] all = new byte[count][];
    for (int i = 0; i < count; i++) {
      all[i] = frames.apply(from + i);
    }
    return concat(all);
  }

  @ParameterizedTest
  @MethodSource("floods")
  void aFloodEndsTheConnectionWithAGoodbyeThatNamesIt(
      FloodGuard.Kind kind, IntFunction<byte[]> frames) {
    TestServer server = server();
    List<Frames.Frame> sent = List.of();
    for (int i = 0; i <= kind.limit + 1 && server.isOpen(); i += BATCH) {
      server.receive(batch(frames, i, BATCH));
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

  private static byte[] resets(int from) {
    return batch(i -> concat(request(i, "a.b", (byte) 1), reset(i, 4)), from, BATCH);
  }

  @Test
  void fiftyThousandTimedOutCallsASecondAreNoFlood() {
    TestServer server = server();
    for (int i = 0; i < 500_000; i += BATCH) {
      server.receive(resets(i + 2));
      server.calls.clear();
    }
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void farMoreResetsThanAnyLoadBringsAreAFlood() {
    FloodGuard guard = new FloodGuard();
    assertThatExceptionOfType(ProtocolViolation.class)
        .isThrownBy(() -> {
          for (int i = 0; i <= FloodGuard.Kind.RESETS.limit; i++) {
            guard.count(FloodGuard.Kind.RESETS, i);
          }
        })
        .withMessageContaining("flood of RESETS");
  }

  @Test
  void resetsOfCallsThatAreOverAreNoFlood() {
    TestServer server = server();
    byte[] many = batch(i -> reset(1, 1), 0, 10_000);
    for (int i = 0; i <= FloodGuard.Kind.RESETS.limit / 10_000 + 1; i++) {
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
      for (int i = 0; i < half; i += BATCH) {
        server.receive(batch(frames, window * half + i, Math.min(BATCH, half - i)));
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
      guard.sentData(1, 100);
      guard.credit(0);
      guard.credit(0);
    }
  }

  /** As of 60 streams of short messages, all read at once some minutes later. */
  @Test
  void creditForDataThatIsReadLateIsNoFlood() {
    FloodGuard guard = new FloodGuard();
    guard.sentData(60_000, 6_600_000);
    for (int i = 0; i < 120_000; i++) {
      guard.credit(TimeUnit.MINUTES.toNanos(5));
    }
  }

  @Test
  void creditForALargeMessageMayComeInSmallPieces() {
    FloodGuard guard = new FloodGuard();
    for (int i = 0; i < 10_000; i++) {
      guard.sentData(1, 16_000);
      for (int piece = 0; piece < 16; piece++) {
        guard.credit(0);
      }
    }
  }

  @Test
  void creditBeyondWhatIsOwedIsAFlood() {
    FloodGuard guard = new FloodGuard();
    guard.sentData(100, 10_000);
    assertThatExceptionOfType(ProtocolViolation.class)
        .isThrownBy(() -> {
          for (int i = 0; i < 300 + FloodGuard.Kind.CREDITS.limit; i++) {
            guard.credit(0);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"PINGS", "CREDITS"})
  void aClientGuardsItselfToo(FloodGuard.Kind kind) {
    TestClient client = TestClient.greeted();
    byte[] flood = kind == FloodGuard.Kind.PINGS ? frame(Wire.PING, 0, new byte[8]) : credit(0, 1);
    for (int i = 0; i <= kind.limit && client.isOpen(); i += BATCH) {
      client.receive(batch(unused -> flood, 0, BATCH));
      client.sent();
    }
    assertThat(client.isOpen()).isFalse();
    assertThat(String.valueOf(client.connection.whyClosed())).contains("flood of " + kind);
  }
}
