package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import erpc.call.Status;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A registrar that holds its lease by a stream. */
@Timeout(60)
class RegistrarHoldTest {
  private static final String REGISTER = "center.register";
  private static final String HOLD = "center.hold";
  private static final String HEARTBEAT = "center.heartbeat";
  private static final Message ALIVE =
      HeartbeatReply.newBuilder().setTtlMillis(15_000).setHolds(5).build();

  private final ScriptedCenter center = new ScriptedCenter();
  private final ManualPause pause = new ManualPause();
  private Registrar registrar;

  @BeforeEach
  void start() throws Exception {
    center.hasLines = true;
    Instance instance =
        Instance.newBuilder().setId("a").setService("demo").setAddress(":1").build();
    registrar = Registrar.start(center, List.of(instance), new Random(5), pause);
    registered(7);
  }

  @AfterEach
  void stop() throws Exception {
    Thread closing = Thread.startVirtualThread(registrar::close);
    while (closing.isAlive() && !closing.join(Duration.ofMillis(5))) {
      if (center.hasCall()) {
        center.next().fail(Status.Code.UNAVAILABLE);
      }
    }
  }

  private void registered(long lease) throws InterruptedException {
    center
        .next(REGISTER)
        .answer(
            RegisterReply.newBuilder()
                .setLease(lease)
                .setTtlMillis(15_000)
                .setObservedHost("127.0.0.1")
                .setHolds(5)
                .build());
  }

  private static void beaten(ScriptedCenter.Call hold, long lease) throws InterruptedException {
    Message beat = hold.sent.poll(20, TimeUnit.SECONDS);
    assertThat(beat).isEqualTo(HeartbeatRequest.newBuilder().setLease(lease).build());
    hold.answer(ALIVE);
  }

  @Test
  void beatsOnOneStreamFromTheStart() throws Exception {
    ScriptedCenter.Call hold = center.next(HOLD);
    for (int i = 0; i < 3; i++) {
      beaten(hold, 7);
      assertThat(pause.pass()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(1));
    }
    beaten(hold, 7);
    assertThat(center.hasCall()).isFalse();
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void holdsAgainAtOnceWhenTheStreamIsLost() throws Exception {
    ScriptedCenter.Call lost = center.next(HOLD);
    beaten(lost, 7);
    pause.asked();
    lost.fail(Status.Code.UNAVAILABLE);
    ScriptedCenter.Call again = center.next(HOLD);
    beaten(again, 7);
    pause.asked();
    assertThat(lost.closed).isTrue();
    assertThat(again.closed).isFalse();
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void registersAgainAtOnceWhenTheLeaseIsOver() throws Exception {
    ScriptedCenter.Call hold = center.next(HOLD);
    beaten(hold, 7);
    pause.asked();
    hold.fail(Status.Code.NOT_FOUND);
    ScriptedCenter.Call again = center.next(HOLD);
    again.fail(Status.Code.NOT_FOUND);
    registered(8);
    beaten(center.next(HOLD), 8);
    pause.asked();
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void registersAgainWhenTheCenterHasLostSomething() throws Exception {
    ScriptedCenter.Call hold = center.next(HOLD);
    assertThat(hold.sent.poll(20, TimeUnit.SECONDS)).isNotNull();
    hold.answer(HeartbeatReply.newBuilder().setTtlMillis(15_000).setHolds(6).build());
    registered(7);
    pause.pass();
    beaten(hold, 7);
  }

  @Test
  void beatsByCallsAtACenterThatKnowsNoStream() throws Exception {
    center.next(HOLD).fail(Status.Code.UNIMPLEMENTED);
    for (int i = 0; i < 2; i++) {
      pause.pass();
      center.next(HEARTBEAT).answer(ALIVE);
    }
    pause.pass();
    center.next(HEARTBEAT).fail(Status.Code.NOT_FOUND);
    registered(8); // It may be another center by now.
    beaten(center.next(HOLD), 8);
  }

  @Test
  void beatsByACallWhileThereIsNoRoomForAStream() throws Exception {
    center.next(HOLD).fail(Status.Code.RESOURCE_EXHAUSTED);
    center.next(HEARTBEAT).answer(ALIVE);
    assertThat(pause.pass()).isLessThanOrEqualTo(Duration.ofMillis(50));
    beaten(center.next(HOLD), 7);
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void streamStaysOpenUntilTheStopIsTold() throws Exception {
    ScriptedCenter.Call hold = center.next(HOLD);
    beaten(hold, 7);
    pause.asked();
    Thread closing = Thread.startVirtualThread(registrar::close);
    ScriptedCenter.Call stop = center.next("center.deregister");
    stop.answer(DeregisterReply.getDefaultInstance());
    assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    await().until(() -> hold.closed);
  }
}
