package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterCalls;
import erpc.discovery.CenterLine;
import erpc.discovery.CenterMethods;
import erpc.discovery.CenterResolver;
import erpc.discovery.Endpoint;
import erpc.discovery.Registrar;
import erpc.discovery.Resolver;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Registrar, center and resolver in one process, with calls that are plain functions and a center
 * that comes and goes.
 */
@Timeout(60)
class CenterTogetherTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final Told told = new Told();
  private final Line line = new Line();

  /** What the listener was told. */
  private static final class Told implements Resolver.Listener {
    final List<List<String>> lists = new CopyOnWriteArrayList<>();
    final List<Status> failures = new CopyOnWriteArrayList<>();

    @Override
    public void endpoints(List<Endpoint> endpoints) {
      lists.add(endpoints.stream().map(Endpoint::address).toList());
    }

    @Override
    public void failed(Status status) {
      failures.add(status);
    }

    boolean last(String... addresses) {
      return !lists.isEmpty() && lists.get(lists.size() - 1).equals(List.of(addresses));
    }
  }

  /** The way to a center, or to none. */
  private static final class Line implements CenterCalls {
    private volatile CenterService center;
    private volatile TestPeer peer = TestPeer.local();

    void start() {
      peer = TestPeer.local();
      center = new CenterService(MemoryEngine.open(), CenterSettings.DEFAULT);
    }

    void kill() {
      CenterService was = center;
      center = null;
      if (was != null) {
        was.close();
      }
    }

    @Override
    public <Q extends Message, R extends Message> R call(
        String method, Q request, Class<R> replyType, Duration timeout) {
      CenterService to = center;
      if (to == null) {
        throw new RpcException(Status.Code.UNAVAILABLE, "connection refused");
      }
      Context context = peer.call(CenterMethods.REGISTER);
      return replyType.cast(
          switch (request) {
            case RegisterRequest it -> to.register(context, it);
            case HeartbeatRequest it -> to.heartbeat(context, it);
            case DeregisterRequest it -> to.deregister(context, it);
            default -> throw new AssertionError(method);
          });
    }

    @Override
    @SuppressWarnings("unchecked") // There is one method both ways.
    public <Q extends Message, R extends Message> CenterLine<Q, R> line(Method<Q, R> method) {
      CenterService to = center;
      if (to == null) {
        throw new RpcException(Status.Code.UNAVAILABLE, "connection refused");
      }
      return (CenterLine<Q, R>) (CenterLine<?, ?>) new TestHold(to, peer);
    }

    @Override
    @SuppressWarnings("unchecked") // There is one method that streams.
    public <Q extends Message, R extends Message> Incoming<R> stream(
        String method, Q request, Class<R> replyType) {
      CenterService to = center;
      if (to == null) {
        throw new RpcException(Status.Code.UNAVAILABLE, "connection refused");
      }
      return (Incoming<R>) new TestWatch(to, peer, (WatchRequest) request);
    }
  }

  @AfterEach
  void stop() {
    line.kill();
  }

  private static Instance instance(String id, int port) {
    return Instance.newBuilder().setId(id).setService("demo").setAddress(":" + port).build();
  }

  @Test
  void everythingFindsItselfWithTheCenterStartedLast() {
    try (Resolver.Watch watch = new CenterResolver(line).watch("demo", told);
        Registrar registrar = Registrar.start(line, List.of(instance("a", 1)))) {
      await().atMost(SOON).until(() -> !told.failures.isEmpty());
      assertThat(registrar.isRegistered()).isFalse();
      line.start();
      await().atMost(SOON).until(() -> told.last("127.0.0.1:1"));
      assertThat(told.failures).hasSize(1);
    }
  }

  @Test
  void restartedCenterHasEverythingAgainAndNoListWasEmptyInBetween() throws Exception {
    line.start();
    try (Resolver.Watch watch = new CenterResolver(line).watch("demo", told);
        Registrar registrar = Registrar.start(line, List.of(instance("a", 1), instance("b", 2)))) {
      assertThat(registrar.awaitRegistered(SOON)).isTrue();
      await().atMost(SOON).until(() -> told.last("127.0.0.1:1", "127.0.0.1:2"));
      line.kill();
      await().atMost(SOON).until(() -> !told.failures.isEmpty() && !registrar.isRegistered());
      line.start();
      await().atMost(SOON).until(() -> registrar.isRegistered() && line.center.instances() == 2);
      assertThat(told.lists).allMatch(list -> !list.isEmpty());
    }
  }

  @Test
  void restartedCenterCostsNoMemberOfAList() throws Exception {
    line.start();
    try (Resolver.Watch watch = new CenterResolver(line).watch("demo", told);
        Registrar quick = Registrar.start(line, List.of(instance("a", 1)))) {
      TestHold slow = registered("b", 2);
      assertThat(quick.awaitRegistered(SOON)).isTrue();
      await().atMost(SOON).until(() -> told.last("127.0.0.1:1", "127.0.0.1:2"));
      line.kill();
      await().atMost(SOON).until(() -> !told.failures.isEmpty());
      int before = told.lists.size();
      line.start();
      await().atMost(SOON).until(() -> line.center.instances() == 1);
      Registrar late = Registrar.start(line, List.of(instance("c", 3)));
      await().atMost(SOON).until(() -> told.lists.get(told.lists.size() - 1).size() == 3);
      assertThat(told.lists.subList(before, told.lists.size()))
          .allSatisfy(list -> assertThat(list).contains("127.0.0.1:1", "127.0.0.1:2"));
      late.close();
      slow.close();
    }
  }

  @Test
  void stopReachesTheWatchAndEmptiesTheList() throws Exception {
    line.start();
    try (Resolver.Watch watch = new CenterResolver(line).watch("demo", told)) {
      Registrar registrar = Registrar.start(line, List.of(instance("a", 1)));
      await().atMost(SOON).until(() -> told.last("127.0.0.1:1"));
      registrar.close();
      await().atMost(SOON).until(() -> told.last());
    }
  }

  @Test
  void killedServerLeavesTheListButTheLastOneStays() throws Exception {
    line.start();
    TestHold first = registered("a", 1);
    TestHold second = registered("b", 2);
    try (Resolver.Watch watch = new CenterResolver(line).watch("demo", told)) {
      await().atMost(SOON).until(() -> told.last("127.0.0.1:1", "127.0.0.1:2"));
      first.lose();
      await().atMost(SOON).until(() -> told.last("127.0.0.1:2"));
      second.lose();
      await().atMost(SOON).until(() -> line.center.instances() == 0);
      registered("c", 3);
      await().atMost(SOON).until(() -> told.last("127.0.0.1:3"));
      assertThat(told.lists).allMatch(list -> !list.isEmpty());
    }
  }

  private TestHold registered(String id, int port) {
    RegisterRequest request = RegisterRequest.newBuilder().addInstances(instance(id, port)).build();
    long lease = line.center.register(TestPeer.local().call(), request).getLease();
    return TestHold.of(line.center, TestPeer.local(), lease);
  }
}
