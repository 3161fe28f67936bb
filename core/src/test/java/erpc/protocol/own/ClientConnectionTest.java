package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.credit;
import static erpc.protocol.own.Frames.data;
import static erpc.protocol.own.Frames.entry;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.hex;
import static erpc.protocol.own.Frames.ok;
import static erpc.protocol.own.Frames.reset;
import static erpc.protocol.own.Frames.text;
import static erpc.protocol.own.Frames.u16;
import static erpc.protocol.own.Frames.u32;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.SpareArrays;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.RouteName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client does with each frame, byte by byte. */
class ClientConnectionTest {
  private static final int LAST = Wire.RESPONSE | Wire.END;
  private TestClient client = TestClient.greeted();

  @AfterEach
  void leavesNothingBehind() {
    client.finish();
  }

  @Test
  void writesTheRequestAsTheDocumentHasIt() {
    client.call("demo.echo", new byte[] {1, 2});
    byte[] tick = u32(client.ticker.nanos() / 1_000_000);
    assertThat(client.sentBytes())
        .isEqualTo(
            frame(
                Wire.REQUEST | Wire.END | Wire.TICK,
                1,
                concat(tick, hex("03"), Frames.named("demo.echo"), u32(1_000), hex("05 0102"))));
  }

  @Test
  void callsByNumberOnceItHasOne() {
    client.call("demo.echo", new byte[0]);
    client.receive(frame(LAST, 1, hex("20 0102 05")));
    client.sent();
    client.call("demo.echo", new byte[0]);
    Frames.Frame request = client.sent().get(0);
    assertThat(request.payload()).endsWith(hex("02 0102 000003e8 05"));
    assertThat(request.payload()).hasSize(4 + 8);
  }

  @Test
  void keepsRouteNumbersToTheConnectionAndTheirRange() {
    RouteName other = new RouteName("demo.other", 40);
    client.call("demo.echo", new byte[0]);
    client.receive(frame(LAST, 1, hex("20 1001 05")));
    client.call("demo.echo", new byte[0]);
    client.receive(frame(LAST, 2, hex("20 0000 05")));
    client.call("demo.echo", new byte[0]);
    client.start(other, Metadata.EMPTY, null, false, new byte[0]);
    client.receive(frame(LAST, 4, hex("20 1000 05")));
    client.start(other, Metadata.EMPTY, null, false, new byte[0]);
    client.call("demo.echo", new byte[0]);
    List<Frames.Frame> sent = client.sent();
    assertThat(sent).hasSize(6);
    assertThat(sent.stream().map(f -> f.payload()[f.has(Wire.TICK) ? 4 : 0] & 1))
        .as("NAME, but for the second call of the method with a number")
        .containsExactly(1, 1, 1, 1, 0, 1);
  }

  @Test
  void tellsAllThatAResponseSays() {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    byte[] metadata = entry("k", (byte) 'v');
    byte[] headers = concat(u16(metadata.length), metadata);
    client.receive(frame(Wire.RESPONSE, 1, concat(hex("04"), headers)));
    byte[] status = concat(hex("05"), u16(4), text("gone"));
    client.receive(
        frame(
            LAST,
            1,
            concat(
                hex("fb"),
                status,
                hex("0002 0102"),
                headers,
                hex("0007"),
                u32(77),
                hex("0002 0900"))));
    Status seen = call.status;
    assertThat(seen).isNotNull();
    assertThat(seen.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(seen.message()).isEqualTo("gone");
    assertThat(seen.details()).containsExactly(1, 2);
    assertThat(seen.isRemote()).isTrue();
    assertThat(seen.started()).isEqualTo(Status.Started.NO);
    assertThat(call.headersSeen.text("k")).isEqualTo("v");
    assertThat(call.trailersSeen.text("k")).isEqualTo("v");
  }

  @Test
  void joinsAReplyOfManyFramesAndGivesCreditForAllOfItAtOnce() {
    byte[] large = new byte[400_000];
    Arrays.fill(large, (byte) 9);
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.receive(data(Wire.MORE, 1, concat(hex("15"), u32(large.length))));
    int had = Wire.STREAM_WINDOW - Wire.ENCODING_BYTES - Wire.TOTAL_BYTES;
    assertThat(client.sent())
        .filteredOn(f -> f.type() == Wire.CREDIT && f.stream() == 1)
        .extracting(f -> f.in().getInt(f.has(Wire.TICK) ? Wire.TICK_BYTES : 0))
        .containsExactly(large.length - had);
    for (int at = 0; at < 360_000; at += 60_000) {
      client.receive(data(Wire.MORE, 1, Arrays.copyOfRange(large, at, at + 60_000)));
    }
    assertThat(call.status).isNull();
    client.receive(frame(LAST, 1, concat(hex("00"), Arrays.copyOfRange(large, 360_000, 400_000))));
    assertThat(call.reply).isEqualTo(large);
    assertThat(call.replyEncoding).isEqualTo(0x15);
    assertThat(client.sent()).noneMatch(f -> f.type() == Wire.CREDIT && f.stream() == 1);
  }

  // ---- sending within the credit

  @Test
  void splitsARequestAndWaitsForCredit() {
    byte[] large = new byte[300_000];
    TestClient.Call call = client.call("demo.echo", large);
    List<Frames.Frame> sent = client.sent();
    assertThat(sent.get(0).kind()).isEqualTo(Wire.REQUEST | Wire.MORE | Wire.TICK);
    int head = 1 + 10 + 4;
    assertThat(bytes(sent) - head).isEqualTo(Wire.STREAM_WINDOW);
    assertThat(sent).noneMatch(f -> f.has(Wire.END));
    client.receive(credit(1, 10));
    assertThat(bytes(client.sent())).isEqualTo(10);
    client.receive(credit(1, 1_000_000));
    List<Frames.Frame> rest = client.sent();
    assertThat(rest.get(rest.size() - 1).kind() & ~Wire.TICK).isEqualTo(Wire.DATA | Wire.END);
    assertThat(bytes(rest)).isEqualTo(5 + 300_000 - Wire.STREAM_WINDOW - 10);
    client.receive(ok(1));
    assertThat(call.code()).isEqualTo(Status.Code.OK);
  }

  @Test
  void goesOnInsideAMessageWithCreditForItsLastBytesAlone() {
    var unused = client.call("demo.echo", new byte[Wire.STREAM_WINDOW]);
    assertThat(client.sent()).noneMatch(each -> each.has(Wire.END));
    client.receive(credit(1, 5)); // A server gives no more than it lacks.
    assertThat(client.sent())
        .singleElement()
        .satisfies(rest -> assertThat(rest.kind() & ~Wire.TICK).isEqualTo(Wire.DATA | Wire.END))
        .satisfies(rest -> assertThat(bytes(List.of(rest))).isEqualTo(5));
  }

  @Test
  void usesTheArrayOfAMessageAgainOnceAllOfItIsWritten() {
    byte[] given = SpareArrays.take(300_001);
    TestClient.Call call = client.prepared("demo.echo", new byte[0]);
    call.give(given);
    call.start();
    client.channel.runPendingTasks();
    assertThat(SpareArrays.take(300_001)).as("a part waits for credit").isNotSameAs(given);
    client.receive(credit(1, 1_000_000));
    assertThat(SpareArrays.take(300_001)).isSameAs(given);
  }

  @Test
  void leavesTheArrayOfAMessageThatOtherTriesMayNeed() {
    byte[] shared = new byte[200_001];
    client.call("demo.echo", shared);
    client.channel.runPendingTasks();
    assertThat(client.sent().getLast().has(Wire.END)).isTrue();
    assertThat(SpareArrays.take(200_001)).isNotSameAs(shared);
  }

  @Test
  void keepsACopyOfWhatWasLentAndMustWait() {
    byte[] lent = new byte[300_000];
    Arrays.fill(lent, (byte) 7);
    TestClient.Call call = client.prepared("demo.echo", new byte[0]);
    call.lend(lent);
    call.start();
    Arrays.fill(lent, (byte) 0);
    client.channel.runPendingTasks();
    client.receive(credit(1, 1_000_000));
    List<Frames.Frame> sent = client.sent();
    for (Frames.Frame part : sent.subList(1, sent.size())) {
      byte[] payload = part.payload();
      assertThat(payload[payload.length - 1]).isEqualTo((byte) 7);
    }
    assertThat(sent.get(sent.size() - 1).has(Wire.END)).isTrue();
  }

  // ---- streams that begin again

  private TestClient.Call answeredOnce() {
    TestClient.Call call = client.prepared("demo.echo", new byte[3]);
    call.recyclable = true;
    call.start();
    client.channel.runPendingTasks();
    client.sent();
    client.receive(ok(1));
    assertThat(call.code()).isEqualTo(Status.Code.OK);
    return call;
  }

  @Test
  void anAnsweredCallsStreamBeginsAgainAsAnother() {
    TestClient.Call call = answeredOnce();
    assertThat(client.connection.recycled()).isSameAs(call.stream);
    assertThat(client.connection.recycled()).as("once").isNull();
    Object before = call.owner;
    call.again(new RouteName("demo.other", 1), client.deadline(), new byte[5]);
    call.start();
    client.channel.runPendingTasks();
    assertThat(client.sent()).singleElement().matches(f -> f.stream() == 2);
    call.cancel(before, Status.of(Status.Code.CANCELLED, "late"));
    client.channel.runPendingTasks();
    assertThat(call.status).as("it was the call before that was cancelled").isNull();
    assertThat(client.sent()).isEmpty();
    call.cancel(call.owner, Status.of(Status.Code.CANCELLED, "now"));
    client.channel.runPendingTasks();
    assertThat(call.code()).isEqualTo(Status.Code.CANCELLED);
    assertThat(client.sent()).singleElement().matches(f -> f.type() == Wire.RESET);
  }

  @Test
  void aStreamBeginsAgainOnlyIfItMayAndWasAnswered() {
    client.call("demo.echo", new byte[3]);
    client.receive(ok(1));
    assertThat(client.connection.recycled()).as("not reusable").isNull();
    TestClient.Call late = client.prepared("demo.echo", new byte[3]);
    late.recyclable = true;
    late.start();
    client.advance(Duration.ofMillis(1_030));
    assertThat(late.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(client.connection.recycled()).as("not answered").isNull();
  }

  /** Payloads without their ticks. */
  private static int bytes(List<Frames.Frame> frames) {
    return frames.stream()
        .mapToInt(f -> f.payload().length - (f.has(Wire.TICK) ? Wire.TICK_BYTES : 0))
        .sum();
  }

  @Test
  void takesTheStreamWindowThatTheServerRaises() {
    client.receive(frame(Wire.SETTINGS, 0, hex("0002 00100000")));
    client.call("demo.echo", new byte[1_000_000]);
    assertThat(client.sent()).anyMatch(f -> f.has(Wire.END));
    client.receive(frame(Wire.SETTINGS, 0, hex("0002 00000001")));
    client.call("demo.echo", new byte[1_000_000]);
    assertThat(client.sent()).as("it can only be raised").anyMatch(f -> f.has(Wire.END));
  }

  @Test
  void waitsForTheConnectionsCredit() {
    client.receive(frame(Wire.SETTINGS, 0, hex("0002 7fffffff")));
    client.call("demo.echo", new byte[10_000_000]);
    TestClient.Call second = client.call("demo.echo", new byte[3]);
    List<Frames.Frame> sent = client.sent();
    assertThat(sent).allMatch(f -> f.stream() == 1);
    // A REQUEST that has not been sent is not started, however long it waited.
    client.advance(Duration.ofMillis(1_030));
    assertThat(second.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(second.started()).isEqualTo(Status.Started.NO);
  }

  @Test
  void resetsAStreamWhoseDeadlinePasses() {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.sent();
    client.advance(Duration.ofSeconds(1));
    client.advance(Duration.ofMillis(10));
    client.advance(Duration.ofMillis(10));
    assertThat(call.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(call.started()).isEqualTo(Status.Started.MAYBE);
    Frames.Frame reset = client.sent().get(0);
    assertThat(reset.type()).isEqualTo(Wire.RESET);
    assertThat(reset.payload()).endsWith(hex("04"));
  }

  // ---- GOAWAY

  private static byte[] goAway(int last, int code) {
    return frame(
        Wire.GOAWAY, 0, concat(u32(last), new byte[] {(byte) code}, hex("0003"), text("bye")));
  }

  @Test
  void finishesWhatTheServerStartedAndEndsTheRestAsNotStarted() {
    TestClient.Call first = client.call("demo.echo", new byte[0]);
    TestClient.Call second = client.call("demo.echo", new byte[0]);
    client.receive(goAway(1, 14));
    assertThat(client.connection.isUsable()).isFalse();
    assertThat(second.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(second.started()).isEqualTo(Status.Started.NO);
    TestClient.Call third = client.call("demo.echo", new byte[0]);
    assertThat(third.started()).isEqualTo(Status.Started.NO);
    assertThat(first.status).isNull();
    client.receive(ok(1));
    assertThat(first.code()).isEqualTo(Status.Code.OK);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void tellsWhatStartedFromWhatDidNotWhenTheServerRefuses() {
    TestClient.Call first = client.call("demo.echo", new byte[0]);
    TestClient.Call second = client.call("demo.echo", new byte[0]);
    client.receive(goAway(1, 3));
    assertThat(first.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(first.started()).isEqualTo(Status.Started.MAYBE);
    assertThat(second.started()).isEqualTo(Status.Started.NO);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void saysGoodbyeWhenItRetires() {
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.sent();
    client.connection.retire();
    client.channel.runPendingTasks();
    Frames.Frame goAway = client.sent().get(0);
    assertThat(goAway.type()).isEqualTo(Wire.GOAWAY);
    assertThat(goAway.payload()).endsWith(hex("00000001 00 0000"));
    client.receive(ok(1));
    assertThat(call.code()).isEqualTo(Status.Code.OK);
    assertThat(client.isOpen()).isFalse();
  }

  // ---- before it is sent

  @Test
  void sendsNothingOfACallThatWasWithdrawn() {
    TestClient.Call call = client.prepared("demo.echo", new byte[10]);
    assertThat(call.withdraw(new Object())).isFalse();
    assertThat(call.withdraw(call.owner)).isTrue();
    assertThat(call.withdraw(call.owner)).isFalse();
    call.start();
    client.channel.runPendingTasks();
    assertThat(client.sent()).isEmpty();
    assertThat(call.code()).isEqualTo(Status.Code.CANCELLED);
    assertThat(call.started()).isEqualTo(Status.Started.NO);
    assertThat(client.call("demo.echo", new byte[0]).code()).isNull();
  }

  @Test
  void cannotWithdrawWhatIsBeingSent() {
    TestClient.Call call = client.call("demo.echo", new byte[10]);
    assertThat(call.withdraw(call.owner)).isFalse();
    client.receive(ok(1));
    assertThat(call.withdraw(call.owner)).isFalse();
    assertThat(call.code()).isEqualTo(Status.Code.OK);
  }

  // ---- stream ids

  @Test
  void isNoLongerUsableOnceItsStreamIdsHaveRunOut() {
    client = new TestClient(ConnectionSettings.DEFAULTS, 3);
    client.receive(Frames.GREETING);
    List<TestClient.Call> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      assertThat(client.connection.isUsable()).isEqualTo(i < 3);
      calls.add(client.call("demo.echo", new byte[0]));
    }
    assertThat(calls.get(3).code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(calls.get(3).started()).isEqualTo(Status.Started.NO);
    client.receive(ok(1), ok(2));
    assertThat(client.isOpen()).isTrue();
    client.receive(ok(3));
    assertThat(calls.subList(0, 3)).allMatch(call -> call.code() == Status.Code.OK);
    assertThat(client.isOpen()).isFalse();
  }
}
