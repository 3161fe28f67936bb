package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.RpcException;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The center beside a model that is a map, fed the same random steps. */
class CenterModelTest {
  private static final Duration TTL = Duration.ofSeconds(15);

  enum Kind {
    REGISTER,
    BEAT,
    STOP,
    STOP_ONE,
    DISCONNECT,
    WAIT
  }

  /** One step of owner 0 to 3 with instance 0 to 5. */
  record Step(Kind kind, int owner, int instance, int seconds) {}

  private static Step step(RandomGenerator chance) {
    Kind[] kinds = Kind.values();
    return new Step(
        kinds[chance.nextInt(kinds.length)],
        chance.nextInt(4),
        chance.nextInt(6),
        chance.nextInt(1, 17));
  }

  @Test
  void listsWhatASimpleMapWouldList() {
    Tries.of(
        300,
        chance -> {
          List<Step> steps = new ArrayList<>();
          int count = chance.nextInt(61);
          try (Run run = new Run()) {
            while (steps.size() < count) {
              steps.add(step(chance));
              run.apply(steps.getLast());
              assertThat(run.listed()).as("after %s", steps).isEqualTo(run.expected());
            }
          }
        });
  }

  /** What an owner is to the model. */
  private static final class Owner {
    final TestPeer peer;
    TestHold hold;
    long lease;
    long renewedAt;

    Owner(TestPeer peer) {
      this.peer = peer;
    }
  }

  private static final class Run implements AutoCloseable {
    private final ManualTicker ticker = new ManualTicker();
    private final Engine engine = MemoryEngine.open();
    private final CenterService center =
        new CenterService(
            engine,
            CenterSettings.DEFAULT,
            ticker,
            new Random(7),
            () -> new Random(1),
            (task, delay) -> () -> {});
    private final Map<Integer, Owner> owners = new HashMap<>();
    private final TreeMap<String, Integer> holders = new TreeMap<>();

    void apply(Step step) {
      switch (step.kind()) {
        case REGISTER -> register(step.owner(), "i" + step.instance());
        case BEAT -> beat(step.owner());
        case STOP -> stop(step.owner());
        case STOP_ONE -> stopOne(step.owner(), "i" + step.instance());
        case DISCONNECT -> disconnect(step.owner());
        case WAIT -> pass(Duration.ofSeconds(step.seconds()));
      }
    }

    private void register(int number, String id) {
      // Owners 0 and 1 are on this machine, 2 and 3 elsewhere.
      Owner owner =
          owners.computeIfAbsent(
              number, n -> new Owner(n < 2 ? TestPeer.local() : TestPeer.remote("10.0.0." + n)));
      Instance instance =
          Instance.newBuilder()
              .setId(id)
              .setService("demo")
              .setAddress("h:" + (number + 1))
              .build();
      RegisterRequest request =
          RegisterRequest.newBuilder().setOwner("o" + number).addInstances(instance).build();
      Integer holder = holders.get(id);
      if (holder != null && holder != number) {
        assertThatThrownBy(() -> center.register(owner.peer.call(), request))
            .isInstanceOf(RpcException.class);
        if (owner.lease == 0) {
          owners.remove(number);
        }
        return;
      }
      owner.lease = center.register(owner.peer.call(), request).getLease();
      if (owner.hold == null) {
        owner.hold = TestHold.of(center, owner.peer, owner.lease);
      }
      owner.renewedAt = ticker.nanos();
      holders.put(id, number);
    }

    private void beat(int number) {
      Owner owner = owners.get(number);
      HeartbeatRequest request =
          HeartbeatRequest.newBuilder().setLease(owner == null ? 42 : owner.lease).build();
      if (owner == null) {
        assertThatThrownBy(() -> center.heartbeat(TestPeer.local().call(), request))
            .isInstanceOf(RpcException.class);
      } else {
        center.heartbeat(owner.peer.call(), request);
        owner.renewedAt = ticker.nanos();
      }
    }

    private void stop(int number) {
      Owner owner = owners.remove(number);
      if (owner != null) {
        center.deregister(
            owner.peer.call(), DeregisterRequest.newBuilder().setLease(owner.lease).build());
        holders.values().removeIf(holder -> holder == number);
      }
    }

    private void stopOne(int number, String id) {
      Owner owner = owners.get(number);
      if (owner != null) {
        center.deregister(
            owner.peer.call(),
            DeregisterRequest.newBuilder().setLease(owner.lease).addIds(id).build());
        holders.remove(id, number);
      }
    }

    private void disconnect(int number) {
      Owner owner = owners.get(number);
      if (owner == null || owner.hold == null) {
        return;
      }
      lose(owner.hold);
      owner.hold = null;
      owner.renewedAt = ticker.nanos();
      pass(Lease.RESUME_WITHIN);
      if (number < 2) {
        owners.remove(number);
        holders.values().removeIf(holder -> holder == number);
      }
    }

    private static void lose(TestHold hold) {
      try {
        hold.lose();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private void pass(Duration time) {
      ticker.advance(time);
      center.tick();
      List<Integer> over = new ArrayList<>();
      owners.forEach((number, owner) -> {
        if (ticker.nanos() - owner.renewedAt >= TTL.toNanos()) {
          over.add(number);
        }
      });
      over.forEach(owners::remove);
      holders.values().removeAll(over);
    }

    Map<String, String> listed() {
      Map<String, String> listed = new TreeMap<>();
      center
          .list(TestPeer.local().call(), ListRequest.newBuilder().setService("demo").build())
          .getInstancesList()
          .forEach(instance -> listed.put(instance.getId(), instance.getAddress()));
      assertThat(center.instances()).isEqualTo(listed.size());
      return listed;
    }

    Map<String, String> expected() {
      Map<String, String> expected = new TreeMap<>();
      holders.forEach((id, number) -> expected.put(id, "h:" + (number + 1)));
      return expected;
    }

    @Override
    public void close() {
      center.close();
      engine.close();
    }
  }
}
