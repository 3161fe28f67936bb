package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who writes at the center waits for nobody who is only waiting to see what was written. */
@Timeout(60)
class CenterWritesTest {
  /** Well below what a registration waits for the views. */
  private static final Duration AT_ONCE = Follower.VISIBLE_WITHIN.dividedBy(2);

  private final FaultyEngine engine = new FaultyEngine();
  private final ManualTicker ticker = new ManualTicker();

  private CenterService center(Random leases) {
    return new CenterService(
        engine,
        CenterSettings.DEFAULT,
        ticker,
        leases,
        () -> new Random(1),
        (task, delay) -> () -> {});
  }

  private static RegisterRequest request(String id) {
    Instance instance =
        Instance.newBuilder().setId(id).setService("demo").setAddress("10.0.0.1:80").build();
    return RegisterRequest.newBuilder().addInstances(instance).build();
  }

  private static CompletableFuture<RegisterReply> registering(CenterService center, String id) {
    CompletableFuture<RegisterReply> reply = new CompletableFuture<>();
    Thread waiting =
        Thread.startVirtualThread(() -> {
          try {
            reply.complete(center.register(TestPeer.local().call(), request(id)));
          } catch (RpcException e) {
            reply.completeExceptionally(e);
          }
        });
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> reply.isDone() || waiting.getState() == Thread.State.TIMED_WAITING);
    return reply;
  }

  @Test
  void aRegistrationThatWaitsForTheViewsHoldsUpNoOtherWrite() throws Exception {
    CountDownLatch silence = new CountDownLatch(1);
    try (CenterService center = center(new Random(1))) {
      TestPeer peer = TestPeer.local();
      long lease = center.register(peer.call(), request("old")).getLease();
      engine.silence = silence;
      CompletableFuture<RegisterReply> first = registering(center, "a");
      CompletableFuture<RegisterReply> second = registering(center, "b");
      CompletableFuture<Integer> counted = CompletableFuture.supplyAsync(center::instances);
      assertThat(counted.get(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS)).isEqualTo(2);
      ticker.advance(CenterSettings.DEFAULT.ttl()); // Nobody has beaten, so all leases end.
      CompletableFuture<Void> ticked = CompletableFuture.runAsync(center::tick);
      await().atMost(AT_ONCE).until(() -> center.instances() == 1);
      silence.countDown();
      ticked.get(20, TimeUnit.SECONDS);
      assertThat(first.get(20, TimeUnit.SECONDS).getLease()).isNotEqualTo(lease);
      assertThat(second.get(20, TimeUnit.SECONDS).getLease()).isPositive();
    } finally {
      silence.countDown();
    }
  }

  @Test
  void aRegistrationGivesUpWhenTheViewsStayBehind() {
    CountDownLatch silence = new CountDownLatch(1);
    try (CenterService center = center(new Random(1))) {
      engine.silence = silence;
      CompletableFuture<RegisterReply> first = registering(center, "a");
      CompletableFuture<RegisterReply> second = registering(center, "b");
      for (CompletableFuture<RegisterReply> each : java.util.List.of(first, second)) {
        assertThat(each)
            .failsWithin(Follower.VISIBLE_WITHIN.multipliedBy(3))
            .withThrowableThat()
            .havingCause()
            .isInstanceOfSatisfying(
                RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE))
            .withMessageContaining("the center is behind");
      }
    } finally {
      silence.countDown();
    }
  }

  @Test
  void picksTakeNothingFromWhatLeasesAreDrawnOf() {
    Random leases =
        new Random(1) {
          private static final long serialVersionUID = 1L;

          @Override
          public long nextLong(long bound) {
            throw new AssertionError("a pick needs no secret");
          }
        };
    try (CenterService center = center(leases)) {
      TestPeer peer = TestPeer.local();
      RegisterReply registered = center.register(peer.call(), request("a"));
      assertThat(
              center
                  .discovery(peer.call(), DiscoveryRequest.newBuilder().setService("demo").build())
                  .getInstance()
                  .getId())
          .isEqualTo("a");
      center.deregister(
          peer.call(), DeregisterRequest.newBuilder().setLease(registered.getLease()).build());
    }
  }
}
