package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RegistrarTest {
  private static final String REGISTER = "center.register";
  private static final String HEARTBEAT = "center.heartbeat";
  private static final String DEREGISTER = "center.deregister";
  private static final Message ALIVE = HeartbeatReply.newBuilder().setTtlMillis(15_000).build();

  private final ScriptedCenter center = new ScriptedCenter();
  private final ManualPause pause = new ManualPause();
  private Registrar registrar;

  @BeforeEach
  void start() {
    registrar = Registrar.start(center, List.of(instance("a")), new Random(5), pause);
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

  private static Instance instance(String id) {
    return Instance.newBuilder().setId(id).setService("demo").setAddress(":1").build();
  }

  private static Message lease(long id, String host) {
    return RegisterReply.newBuilder()
        .setLease(id)
        .setTtlMillis(15_000)
        .setObservedHost(host)
        .build();
  }

  private RegisterRequest registered(long lease) throws InterruptedException {
    ScriptedCenter.Call call = center.next(REGISTER);
    call.answer(lease(lease, "127.0.0.1"));
    return (RegisterRequest) call.request;
  }

  @Test
  void registersAndBeats() throws Exception {
    RegisterRequest request = registered(7);
    assertThat(request.getInstancesList()).containsExactly(instance("a"));
    assertThat(request.getOwner()).isNotEmpty();
    assertThat(request.getEpoch()).isEqualTo(1);
    assertThat(registrar.awaitRegistered(Duration.ofSeconds(20))).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(pause.pass()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(1));
      ScriptedCenter.Call beat = center.next(HEARTBEAT);
      assertThat(((HeartbeatRequest) beat.request).getLease()).isEqualTo(7);
      beat.answer(ALIVE);
    }
  }

  @Test
  void beatsEveryThirdOfTheTtlToACenterElsewhere() throws Exception {
    center.next(REGISTER).answer(lease(7, "10.0.0.1"));
    for (int i = 0; i < 3; i++) {
      assertThat(pause.pass()).isBetween(Duration.ofMillis(4500), Duration.ofSeconds(5));
      center.next(HEARTBEAT).answer(ALIVE);
    }
  }

  @Test
  void triesUntilThereIsACenter() throws Exception {
    String owner = null;
    for (int i = 1; i <= 10; i++) {
      ScriptedCenter.Call call = center.next(REGISTER);
      RegisterRequest request = (RegisterRequest) call.request;
      assertThat(request.getEpoch()).isEqualTo(i);
      owner = owner == null ? request.getOwner() : owner;
      assertThat(request.getOwner()).isEqualTo(owner);
      call.fail(Status.Code.UNAVAILABLE);
      assertThat(pause.pass())
          .isLessThanOrEqualTo(Duration.ofMillis(Math.min(2000, 50L << (i - 1))));
      assertThat(registrar.isRegistered()).isFalse();
    }
    registered(7);
    assertThat(registrar.awaitRegistered(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void registersAgainAtOnceWhenTheCenterHasForgotten() throws Exception {
    registered(7);
    pause.pass();
    center.next(HEARTBEAT).fail(Status.Code.NOT_FOUND);
    assertThat(registered(8).getEpoch()).isEqualTo(2);
    pause.pass();
    ScriptedCenter.Call beat = center.next(HEARTBEAT);
    assertThat(((HeartbeatRequest) beat.request).getLease()).isEqualTo(8);
    beat.answer(ALIVE);
  }

  @Test
  void registersAgainAfterTheCenterWasAway() throws Exception {
    registered(7);
    pause.pass();
    center.next(HEARTBEAT).fail(Status.Code.UNAVAILABLE);
    assertThat(pause.pass()).isLessThanOrEqualTo(Duration.ofMillis(50));
    assertThat(registrar.isRegistered()).isFalse();
    center.next(REGISTER).fail(Status.Code.UNAVAILABLE);
    pause.pass();
    registered(8);
    pause.asked();
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void registersAgainWhenTheCenterHasLostSomething() throws Exception {
    ScriptedCenter.Call register = center.next(REGISTER);
    register.answer(((RegisterReply) lease(7, "127.0.0.1")).toBuilder().setHolds(5).build());
    pause.pass();
    Message same = HeartbeatReply.newBuilder().setTtlMillis(15_000).setHolds(5).build();
    center.next(HEARTBEAT).answer(same);
    pause.pass();
    Message less = HeartbeatReply.newBuilder().setTtlMillis(15_000).setHolds(6).build();
    center.next(HEARTBEAT).answer(less);
    center
        .next(REGISTER)
        .answer(((RegisterReply) lease(7, "127.0.0.1")).toBuilder().setHolds(5).build());
    pause.pass();
    center.next(HEARTBEAT).answer(same);
    pause.pass();
    center.next(HEARTBEAT).answer(ALIVE); // A center that says nothing of it.
  }

  private static Message holding(long digest) {
    return HeartbeatReply.newBuilder().setTtlMillis(15_000).setHolds(digest).build();
  }

  private void answerWithDigest(ScriptedCenter.Call register) {
    register.answer(((RegisterReply) lease(7, "127.0.0.1")).toBuilder().setHolds(5).build());
  }

  /** Beats that are answered, until one of them makes it register again. */
  private int beatsUntilItRegisters(long digest) throws Exception {
    for (int beats = 1; ; beats++) {
      pause.pass();
      center.next(HEARTBEAT).answer(holding(digest));
      ScriptedCenter.Call next = nextIfAny();
      if (next != null) {
        assertThat(next.method).isEqualTo(REGISTER);
        answerWithDigest(next);
        return beats;
      }
    }
  }

  /** The call that follows a beat; null if the registrar waits for the next one. */
  private ScriptedCenter.@Nullable Call nextIfAny() throws Exception {
    await().atMost(Duration.ofSeconds(20)).until(() -> pause.isAsked() || center.hasCall());
    return center.hasCall() ? center.next() : null;
  }

  @Test
  void asksACenterThatNeverAgreesEverMoreSeldomAndSaysSoOnce() throws Exception {
    answerWithDigest(center.next(REGISTER));
    String said =
        printed(() -> {
          for (int between : new int[] {1, 1, 2, 4, 8, 16, 32, 32}) {
            assertThat(beatsUntilItRegisters(6)).isEqualTo(between);
          }
        });
    assertThat(said.lines()).filteredOn(line -> line.contains("has lost some")).hasSize(1);
    pause.pass();
    center.next(HEARTBEAT).answer(holding(5)); // It agrees.
    assertThat(printed(() -> assertThat(beatsUntilItRegisters(6)).isEqualTo(1)))
        .contains("has lost some");
  }

  private interface Action {
    void run() throws Exception;
  }

  private static String printed(Action action) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void registersWhatIsFreeWhenSomebodyElseHoldsAnId() throws Exception {
    registered(7);
    pause.asked();
    registrar.update(List.of(instance("a"), instance("b")));
    for (int i = 0; i < 2; i++) {
      center.next(REGISTER).fail(Status.Code.ALREADY_EXISTS);
      assertThat(registered(7).getInstancesList()).containsExactly(instance("a"));
      ScriptedCenter.Call refused = center.next(REGISTER);
      assertThat(((RegisterRequest) refused.request).getInstancesList())
          .containsExactly(instance("b"));
      refused.fail(Status.Code.ALREADY_EXISTS);
      pause.pass();
      assertThat(registrar.isRegistered()).isFalse();
    }
    registered(7);
    pause.asked();
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void asksEverMoreSeldomWhereTheAnswerWillBeTheSame() throws Exception {
    Duration longest = Duration.ZERO;
    for (int i = 1; i <= 40; i++) {
      center.next(REGISTER).fail(Status.Code.INVALID_ARGUMENT);
      Duration wait = pause.pass();
      assertThat(wait).isLessThanOrEqualTo(Duration.ofMillis(i < 12 ? 50L << (i - 1) : 30_000));
      longest = wait.compareTo(longest) > 0 ? wait : longest;
    }
    assertThat(longest).isGreaterThan(Duration.ofSeconds(10));
    center.next(REGISTER).fail(Status.Code.UNAVAILABLE);
    assertThat(pause.pass()).isLessThanOrEqualTo(Duration.ofSeconds(2));
    registered(7);
    pause.asked();
    assertThat(registrar.isRegistered()).isTrue();
  }

  @Test
  void goesOnAfterAnError() throws Exception {
    center.next(REGISTER).fail(new OutOfMemoryError("scripted"));
    registered(7);
    pause.pass();
    center.next(HEARTBEAT).fail(new StackOverflowError("scripted"));
    registered(7);
  }

  @Test
  void saysOnceThatARefusalDoesNotPassAndWhatToMend() throws Exception {
    String said =
        printed(() -> {
          center.next(REGISTER).fail(Status.Code.UNAVAILABLE);
          pause.pass();
          for (int i = 0; i < 3; i++) {
            center.next(REGISTER).fail(Status.Code.INVALID_ARGUMENT);
            pause.pass();
          }
          center.next(REGISTER).fail(Status.Code.UNAVAILABLE);
          pause.asked();
        });
    assertThat(said.lines())
        .filteredOn(line -> line.contains("ERROR"))
        .singleElement()
        .asString()
        .contains(
            "the center refuses to register this server: INVALID_ARGUMENT: scripted",
            "does not pass by itself",
            "erpc.advertise");
  }

  @Test
  void nudgeBringsTheBeatForward() throws Exception {
    registered(7);
    pause.asked();
    registrar.nudge();
    center.next(HEARTBEAT).answer(ALIVE);
  }

  @Test
  void updateRegistersTheNewAndStopsTheMissing() throws Exception {
    registered(7);
    pause.asked();
    registrar.update(List.of(instance("b")));
    assertThat(registered(7).getInstancesList()).containsExactly(instance("b"));
    ScriptedCenter.Call stop = center.next(DEREGISTER);
    assertThat(((DeregisterRequest) stop.request).getIdsList()).containsExactly("a");
    stop.answer(DeregisterReply.getDefaultInstance());
    pause.pass();
    center.next(HEARTBEAT).answer(ALIVE);
  }

  @Test
  void closeSaysGoodbyeAndEnds() throws Exception {
    registered(7);
    pause.asked();
    Thread closing = Thread.startVirtualThread(registrar::close);
    ScriptedCenter.Call stop = center.next(DEREGISTER);
    assertThat(((DeregisterRequest) stop.request).getLease()).isEqualTo(7);
    assertThat(((DeregisterRequest) stop.request).getIdsList()).isEmpty();
    stop.answer(DeregisterReply.getDefaultInstance());
    assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    registrar.close();
    assertThat(center.hasCall()).isFalse();
  }

  @Test
  void closeWaitsForARegistrationOnItsWay() throws Exception {
    ScriptedCenter.Call register = center.next(REGISTER);
    Thread closing = Thread.startVirtualThread(registrar::close);
    register.answer(lease(7, "127.0.0.1"));
    ScriptedCenter.Call stop = center.next(DEREGISTER);
    assertThat(((DeregisterRequest) stop.request).getLease()).isEqualTo(7);
    stop.fail(Status.Code.UNAVAILABLE);
    assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
  }

  /** Calls that an interrupt does not end before somebody says goodbye, or a moment has passed. */
  private static final class Stubborn implements CenterCalls {
    private final CountDownLatch goodbye = new CountDownLatch(1);
    private final CountDownLatch second = new CountDownLatch(1);
    private final List<String> ended = new CopyOnWriteArrayList<>();
    private int registrations;

    @Override
    public <Q extends Message, R extends Message> R call(
        String method, Q request, Class<R> replyType, Duration timeout) {
      if (method.equals(DEREGISTER)) {
        ended.add(method);
        goodbye.countDown();
        return replyType.cast(DeregisterReply.getDefaultInstance());
      }
      if (method.equals(REGISTER) && ++registrations == 2) {
        second.countDown();
        awaitGoodbye(20_000);
        awaitGoodbye(200); // It was interrupted, and takes its time.
        ended.add(method);
        throw new RpcException(Status.Code.CANCELLED, "interrupted");
      }
      return replyType.cast(method.equals(REGISTER) ? lease(7, "127.0.0.1") : ALIVE);
    }

    private void awaitGoodbye(long millis) {
      try {
        boolean unused = goodbye.await(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        // That is what it waits for.
      }
    }

    @Override
    public <Q extends Message, R extends Message> Incoming<R> stream(
        String method, Q request, Class<R> replyType) {
      throw new AssertionError("nothing is watched");
    }
  }

  @Test
  void closeSaysGoodbyeOnlyAfterWhatItHasInterrupted() throws Exception {
    Stubborn stubborn = new Stubborn();
    Registrar closing =
        Registrar.start(stubborn, List.of(instance("a")), new Random(5), CenterPause.system());
    assertThat(closing.awaitRegistered(Duration.ofSeconds(20))).isTrue();
    closing.update(List.of(instance("a"), instance("b")));
    assertThat(stubborn.second.await(20, TimeUnit.SECONDS)).isTrue();
    closing.close();
    assertThat(stubborn.ended).containsExactly(REGISTER, DEREGISTER);
  }

  @Test
  void closeWithoutEverHavingBeenRegisteredIsQuiet() throws Exception {
    center.next(REGISTER).fail(Status.Code.UNAVAILABLE);
    pause.asked();
    long start = System.nanoTime();
    registrar.close();
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(5);
    assertThat(center.hasCall()).isFalse();
  }

  @Test
  void closeOfAnInterruptedThreadStillSaysGoodbyeAndKeepsTheInterrupt() throws Exception {
    registered(7);
    pause.asked();
    CompletableFuture<Boolean> kept = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      Thread.currentThread().interrupt();
      registrar.close();
      kept.complete(Thread.currentThread().isInterrupted());
    });
    center.next(DEREGISTER).answer(DeregisterReply.getDefaultInstance());
    assertThat(kept.get(20, TimeUnit.SECONDS)).isTrue();
  }
}
