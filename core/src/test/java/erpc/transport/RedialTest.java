package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.DialledConnection;
import erpc.server.Server;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a call finds at an endpoint whose connection has just broken. */
@Timeout(60)
class RedialTest {
  private static final Status BROKE = Status.of(Status.Code.UNAVAILABLE, "it broke");

  private final AtomicLong clock = new AtomicLong(1_000_000_000L);
  // One loop: what is scheduled on it waits for the task that looks.
  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private @Nullable Server server;
  private @Nullable EndpointConnection link;

  @BeforeEach
  void connect() throws Exception {
    Server listening = Server.builder().reactor(reactor).build().listen("127.0.0.1:0");
    server = listening;
    EndpointConnection made =
        new EndpointConnection(
            reactor,
            listening.address(),
            ConnectionSettings.DEFAULTS,
            Duration.ofSeconds(20),
            new EndpointPool.Context(
                clock::get, new Random(7), Protocols.erpc(), new Security(null, null)),
            () -> {});
    link = made;
    DialledConnection first = Objects.requireNonNull(made.use());
    await().until(first::wasGreeted);
  }

  @AfterEach
  void stop() {
    Objects.requireNonNull(link).close(BROKE);
    Objects.requireNonNull(server).close();
    reactor.close();
  }

  /** What the next two calls get, before the loop does anything else. */
  private @Nullable DialledConnection[] afterItBroke() throws Exception {
    EndpointConnection broken = Objects.requireNonNull(link);
    CompletableFuture<@Nullable DialledConnection[]> got = new CompletableFuture<>();
    reactor
        .next()
        .execute(() -> {
          Objects.requireNonNull(broken.use()).closeNow(BROKE);
          got.complete(new @Nullable DialledConnection[] {broken.use(), broken.use()});
        });
    return got.get(30, TimeUnit.SECONDS);
  }

  @Test
  void callDialsAtOnceIfTheConnectionHadWorkedForAWhile() throws Exception {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
    @Nullable DialledConnection[] got = afterItBroke();
    assertThat(got[0]).isNotNull();
    assertThat(got[1]).isSameAs(got[0]);
    await().until(() -> Objects.requireNonNull(got[0]).wasGreeted());
  }

  @Test
  void callIsRefusedWhileItBacksOffIfTheConnectionHadHardlyWorked() throws Exception {
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(999));
    @Nullable DialledConnection[] got = afterItBroke();
    assertThat(got).containsExactly(null, null);
    assertThat(Objects.requireNonNull(link).whyNot().message()).contains("it broke");
    // The next attempt comes by itself.
    await().until(() -> Objects.requireNonNull(link).state() == EndpointState.READY);
  }

  @Test
  void endpointIsDialledAgainAfterAnErrorOnTheWay() {
    AtomicInteger asked = new AtomicInteger();
    Credentials credentials =
        Credentials.bearer(() -> {
          if (asked.incrementAndGet() < 3) {
            throw new StackOverflowError("made by this test");
          }
          return "token";
        });
    EndpointConnection unlucky =
        new EndpointConnection(
            reactor,
            Objects.requireNonNull(server).address(),
            ConnectionSettings.DEFAULTS,
            Duration.ofSeconds(20),
            new EndpointPool.Context(
                clock::get, new Random(7), Protocols.erpc(), new Security(null, credentials)),
            () -> {});
    await().until(() -> unlucky.use() != null && unlucky.state() == EndpointState.READY);
    unlucky.close(BROKE);
  }

  /**
   * How the link stands a moment after it broke, when every back-off of a first failure is over.
   */
  private EndpointState laterUncalled() throws Exception {
    EndpointConnection broken = Objects.requireNonNull(link);
    CompletableFuture<EndpointState> state = new CompletableFuture<>();
    reactor
        .next()
        .execute(() -> {
          Objects.requireNonNull(broken.use()).closeNow(BROKE);
          var unused =
              reactor.schedule(
                  () -> state.complete(broken.state()), TimeUnit.MILLISECONDS.toNanos(200));
        });
    return state.get(30, TimeUnit.SECONDS);
  }

  @Test
  void placeThatHardlyWorkedAndThatNobodyCallsIsNotDialledByItself() throws Exception {
    assertThat(laterUncalled()).isEqualTo(EndpointState.IDLE);
    // Whoever calls next does.
    DialledConnection next = Objects.requireNonNull(Objects.requireNonNull(link).use());
    await().until(next::wasGreeted);
  }

  @Test
  void placeThatWorkedIsDialledOnceByItself() throws Exception {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(laterUncalled()).isIn(EndpointState.READY, EndpointState.CONNECTING);
  }

  @Test
  void connectionThatNeverAnsweredIsAFailureThoughItWasGreeted() throws Exception {
    EndpointConnection broken = Objects.requireNonNull(link);
    for (int i = 0; i < 3; i++) {
      @Nullable DialledConnection[] got = afterItBroke();
      assertThat(got).containsExactly(null, null);
      await().until(() -> broken.state() == EndpointState.READY);
    }
    assertThat(broken.failures()).isEqualTo(3);
  }
}
