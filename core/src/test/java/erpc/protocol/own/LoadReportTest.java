package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.ServerLoad;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server's end tells of its load, and a client's end keeps of it. */
class LoadReportTest {
  private static final ServerLoad BUSY = new ServerLoad(1_500, 7);

  private final TestServer server = TestServer.greeted();
  private final TestClient client = TestClient.greeted();

  @AfterEach
  void close() {
    server.channel.finishAndReleaseAll();
    client.channel.finishAndReleaseAll();
  }

  /** What the client's end has heard anew once one more call has been answered. */
  private @Nullable ServerLoad afterOneMoreCall() {
    TestClient.Call call = client.call("demo.echo", new byte[] {1});
    server.receive(client.sentBytes());
    client.receive(server.sentBytes());
    assertThat(call.reply).containsExactly(1);
    return client.connection.takeServerLoad();
  }

  private void pass(Duration time) {
    server.advance(time);
  }

  @Test
  void comesWithRepliesTenTimesASecondAtMost() {
    assertThat(afterOneMoreCall()).isNull();
    server.load = BUSY;
    assertThat(afterOneMoreCall()).isNull();
    pass(Duration.ofMillis(100));
    assertThat(afterOneMoreCall()).isEqualTo(BUSY);
    ServerLoad more = new ServerLoad(3_000, 9);
    server.load = more;
    pass(Duration.ofMillis(99));
    assertThat(afterOneMoreCall()).isNull();
    pass(Duration.ofMillis(1));
    assertThat(afterOneMoreCall()).isEqualTo(more);
  }

  @Test
  void isNotToldAgainForHalfASecondWhileItStays() {
    server.load = BUSY;
    pass(Duration.ofMillis(100));
    assertThat(afterOneMoreCall()).isEqualTo(BUSY);
    pass(Duration.ofMillis(499));
    TestClient.Call unused = client.call("demo.echo", new byte[0]);
    server.receive(client.sentBytes());
    Frames.Frame reply =
        server.sent().stream().filter(each -> each.type() == Wire.RESPONSE).findFirst().get();
    assertThat(reply.in().readUnsignedByte() & Wire.EXTENSION).isZero();
  }

  @Test
  void isToldAgainAfterHalfASecondForWhatIsOldCountsForNothing() {
    server.load = BUSY;
    pass(Duration.ofMillis(100));
    assertThat(afterOneMoreCall()).isEqualTo(BUSY);
    for (int i = 0; i < 3; i++) {
      pass(Duration.ofMillis(300));
      assertThat(afterOneMoreCall()).isNull();
      pass(Duration.ofMillis(200));
      assertThat(afterOneMoreCall()).isEqualTo(BUSY);
    }
  }

  @Test
  void isTakenOnceSoThatItNeverLooksNewerThanWhatAnotherConnectionHasHeard() {
    server.load = BUSY;
    pass(Duration.ofMillis(100));
    assertThat(afterOneMoreCall()).isEqualTo(BUSY);
    assertThat(client.connection.takeServerLoad()).isNull();
    assertThat(afterOneMoreCall()).isNull();
  }

  @Test
  void anIdleServerSaysNothing() {
    pass(Duration.ofSeconds(1));
    assertThat(afterOneMoreCall()).isNull();
  }
}
