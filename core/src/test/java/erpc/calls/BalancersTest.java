package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.discovery.Endpoint;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.EndpointState;
import erpc.transport.Reactor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Balancers of a user's own. */
@Timeout(60)
class BalancersTest {
  private final ManualResolver manual = new ManualResolver();
  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Client client(ClientBuilder builder) {
    return rig.client(builder.resolvers(manual.among()));
  }

  private Server[] servers(int count) throws IOException {
    Server[] servers = new Server[count];
    for (int i = 0; i < count; i++) {
      servers[i] = rig.serve(Rig::echo);
    }
    return servers;
  }

  private static Request<EchoRequest, EchoReply> of(String user) {
    Request<EchoRequest, EchoReply> request = Rig.to("manual://place");
    return request.withOptions(request.options().withAffinityKey(user));
  }

  private static Map<String, String> whereUsersGo(Client client, int users) {
    Map<String, String> where = new HashMap<>();
    for (int i = 0; i < users; i++) {
      where.put("user" + i, client.send(of("user" + i)).endpoint());
    }
    return where;
  }

  /** Calls until all of its connections are there, so that no endpoint is better than another. */
  private Map<String, String> settled(Client client, int users, Server... among) {
    String[] addresses = Stream.of(among).map(Server::address).toArray(String[]::new);
    CompletableFuture<?> first = client.sendAsync(of("first"));
    manual.tell("place", addresses);
    first.join();
    await()
        .until(() -> {
          var unused = client.send(of("first"));
          return Stream.of(among).allMatch(each -> each.connectionCount() == 1);
        });
    Map<String, String> where = whereUsersGo(client, users);
    await()
        .until(() -> {
          Map<String, String> again = whereUsersGo(client, users);
          boolean same = again.equals(where);
          where.putAll(again);
          return same;
        });
    return where;
  }

  // ---- a consistent hash

  @Test
  void aKeyStaysWhereItIs() throws Exception {
    Client client = client(Client.builder().balancer(ConsistentHash::new));
    Map<String, String> before = settled(client, 60, servers(5));
    assertThat(new HashSet<>(before.values())).hasSize(5);
    for (int i = 0; i < 3; i++) {
      assertThat(whereUsersGo(client, 60)).isEqualTo(before);
    }
  }

  @Test
  void onlyTheKeysOfAnEndpointThatLeftMove() throws Exception {
    Client client = client(Client.builder().balancer(ConsistentHash::new));
    Server[] servers = servers(5);
    Map<String, String> before = settled(client, 60, servers);
    String gone = servers[2].address();
    manual.tell(
        "place",
        Stream.of(servers)
            .map(Server::address)
            .filter(each -> !each.equals(gone))
            .toArray(String[]::new));
    await().until(() -> !whereUsersGo(client, 60).containsValue(gone));
    Map<String, String> after = whereUsersGo(client, 60);
    before.forEach((user, where) -> {
      if (!where.equals(gone)) {
        assertThat(after).containsEntry(user, where);
      }
    });
  }

  @Test
  void theKeysOfAnEndpointThatFailsGoToTheNextOneMeanwhile() throws Exception {
    Client client = client(Client.builder().balancer(ConsistentHash::new));
    Server[] servers = servers(3);
    Map<String, String> before = settled(client, 60, servers);
    servers[1].close();
    Map<String, String> after = whereUsersGo(client, 60);
    assertThat(after.values()).doesNotContain(servers[1].address());
    before.forEach((user, where) -> {
      if (!where.equals(servers[1].address())) {
        assertThat(after).containsEntry(user, where);
      }
    });
  }

  /** The hashes of erpc, through a client. */
  @ParameterizedTest
  @ValueSource(strings = {"ring_hash", "maglev"})
  void keysStayWithThoseThatAreWell(String name) throws Exception {
    Client client = client(Client.builder().settings(ClientSettings.DEFAULTS.withBalancer(name)));
    Server[] servers = servers(4);
    Map<String, String> before = settled(client, 60, servers);
    assertThat(new HashSet<>(before.values())).hasSize(4);
    assertThat(whereUsersGo(client, 60)).isEqualTo(before);
    servers[1].close();
    Map<String, String> after = whereUsersGo(client, 60);
    assertThat(after.values()).doesNotContain(servers[1].address());
    before.forEach((user, where) -> {
      if (!where.equals(servers[1].address())) {
        assertThat(after).containsEntry(user, where);
      }
    });
  }

  // ---- how it is told

  @Test
  void isToldOfEndpointsAwayFromCallsAndMayTakeItsTime() throws Exception {
    Set<String> told = java.util.concurrent.ConcurrentHashMap.newKeySet();
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger lists = new AtomicInteger();
    Balancer slow =
        candidates -> {
          told.add(Reactor.isEventLoop() ? "on an event loop" : Thread.currentThread().getName());
          if (lists.incrementAndGet() > 1) {
            awaitUninterruptibly(goOn);
          }
          int size = candidates.size();
          return pick -> size - 1;
        };
    Client client = client(Client.builder().balancer(() -> slow));
    Server[] servers = servers(3);
    CompletableFuture<?> first = client.sendAsync(of("a"));
    manual.tell("place", servers[0].address(), servers[1].address());
    first.join();
    assertThat(client.send(of("a")).endpoint()).isEqualTo(servers[1].address());
    manual.tell("place", servers[0].address(), servers[1].address(), servers[2].address());
    await().until(() -> lists.get() == 2);
    // While it thinks, calls go on with what it made before; what comes meanwhile is one list.
    assertThat(client.send(of("a")).endpoint()).isEqualTo(servers[1].address());
    manual.tell("place", servers[1].address(), servers[2].address());
    manual.tell("place", servers[2].address(), servers[0].address());
    goOn.countDown();
    await().until(() -> client.send(of("a")).endpoint().equals(servers[0].address()));
    assertThat(lists).hasValue(3);
    assertThat(told).containsExactly("erpc-balance");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void seesWeightZoneTagsAndStateOfEachEndpoint() throws Exception {
    Server[] servers = servers(2);
    List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    Set<EndpointState> states = java.util.concurrent.ConcurrentHashMap.newKeySet();
    Balancer looking =
        candidates -> {
          for (int i = 0; i < candidates.size(); i++) {
            seen.add(candidates.weight(i) + candidates.zone(i) + candidates.tags(i));
          }
          return pick -> {
            states.add(candidates.state(1));
            assertThat(candidates.inFlight(1)).isZero();
            assertThat(pick.isRetry()).isFalse();
            return 1;
          };
        };
    Client client = client(Client.builder().balancer(() -> looking));
    CompletableFuture<?> first = client.sendAsync(of("a"));
    manual.tell(
        "place",
        new Endpoint(servers[0].address(), 7, "east", Set.of(), Map.of("canary", "yes")),
        new Endpoint(servers[1].address(), 0, "west", Set.of(), Map.of()));
    first.join();
    assertThat(seen).containsExactly("7east{canary=yes}", "0west{}");
    await()
        .until(() -> {
          var unused = client.send(of("a"));
          return states.contains(EndpointState.READY);
        });
  }

  @Test
  void tellsAnEndpointThatTheCallHasBeenAtFromOneThatIsNotWell() throws Exception {
    Server[] servers = servers(2);
    List<String> picks = new java.util.concurrent.CopyOnWriteArrayList<>();
    Balancer looking =
        candidates ->
            pick -> {
              int to = pick.isExcluded(0) ? 1 : 0;
              picks.add(to + " " + pick.isRetry() + " " + pick.fits(0));
              return to;
            };
    Client client =
        client(
            Client.builder()
                .balancer(() -> looking)
                .settings(ClientSettings.DEFAULTS.withMaxAttempts(2)));
    String dead = servers[0].address();
    servers[0].close();
    CompletableFuture<?> first = client.sendAsync(of("a"));
    manual.tell("place", dead, servers[1].address());
    first.join();
    // Whether it is known as not well by then is a matter of time: it is dialled beforehand.
    assertThat(picks).hasSize(2);
    assertThat(picks.get(0)).startsWith("0 false ");
    assertThat(picks.get(1)).isEqualTo("1 true false");
  }

  /** What a balancer sees of one call. */
  private String seen(Client client, List<String> picks, CallOptions options, Server... servers) {
    Request<EchoRequest, EchoReply> request = Rig.to(servers);
    var unused = client.send(request.withOptions(options.over(request.options())));
    return picks.getLast();
  }

  @Test
  void seesHowCriticalACallIsWhoeverHasSaidIt() throws Exception {
    List<String> picks = new java.util.concurrent.CopyOnWriteArrayList<>();
    Balancer looking =
        candidates ->
            pick -> {
              picks.add(
                  pick.criticality()
                      + (pick.isCriticalityInherited() ? " inherited " : " ")
                      + pick.affinityKey());
              return pick.draw();
            };
    Server[] servers = servers(2);
    Client client = client(Client.builder().balancer(() -> looking));
    CallOptions batch = CallOptions.NONE.withCriticality(Criticality.SHEDDABLE_LATER);
    Client doesBatches = client(Client.builder().balancer(() -> looking).options(batch));
    CallOptions critical =
        CallOptions.NONE.withCriticality(Criticality.CRITICAL).withAffinityKey("user 7");
    assertThat(seen(client, picks, CallOptions.NONE, servers)).isEqualTo("DEFAULT null");
    assertThat(seen(client, picks, critical, servers)).isEqualTo("CRITICAL user 7");
    assertThat(seen(doesBatches, picks, CallOptions.NONE, servers))
        .isEqualTo("SHEDDABLE_LATER null");
    Server front =
        rig.serve((context, request) ->
            Rig.reply(
                seen(client, picks, CallOptions.NONE, servers)
                    + ", "
                    + seen(client, picks, critical, servers)
                    + ", "
                    + seen(doesBatches, picks, CallOptions.NONE, servers)));
    Request<EchoRequest, EchoReply> sheddable = Rig.to(front);
    Client caller = rig.client();
    assertThat(
            caller
                .send(
                    sheddable.withOptions(
                        sheddable.options().withCriticality(Criticality.SHEDDABLE)))
                .body()
                .getMsg())
        .isEqualTo("SHEDDABLE inherited null, CRITICAL user 7, SHEDDABLE_LATER null");
  }

  @Test
  void seesTheZoneOfItsClient() throws Exception {
    List<String> zones = new java.util.concurrent.CopyOnWriteArrayList<>();
    Balancer looking =
        candidates -> {
          zones.add(candidates.clientZone());
          return pick -> 0;
        };
    Server[] servers = servers(2);
    client(Client.builder().balancer(() -> looking).zone("east")).send(Rig.to(servers));
    System.setProperty("erpc.zone", "west");
    try {
      client(Client.builder().balancer(() -> looking)).send(Rig.to(servers));
    } finally {
      System.clearProperty("erpc.zone");
    }
    assertThat(zones).containsExactly("east", "west");
  }

  @Test
  void mayHaveTheCallsInFlightToAllEndpointsCounted() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    Server[] servers = new Server[2];
    for (int i = 0; i < servers.length; i++) {
      servers[i] =
          rig.serve((context, request) -> {
            awaitUninterruptibly(goOn);
            return Rig.echo(context, request);
          });
    }
    AtomicReference<IntSupplier> inFlight = new AtomicReference<>(() -> -1);
    Balancer counting =
        candidates -> {
          IntSupplier first = candidates.inFlightOfAll();
          inFlight.set(candidates.inFlightOfAll()); // No call counts twice for that.
          assertThat(first.getAsInt()).isEqualTo(inFlight.get().getAsInt());
          return Balancer.Pick::draw;
        };
    Client client = client(Client.builder().balancer(() -> counting));
    List<CompletableFuture<?>> calls = new ArrayList<>();
    calls.add(client.sendAsync(of("a")));
    manual.tell("place", servers[0].address());
    calls.add(client.sendAsync(of("b")));
    // With one endpoint there is nothing to balance: these two begin before anybody asks.
    manual.tell("place", servers[0].address(), servers[1].address());
    await().until(() -> inFlight.get().getAsInt() == 2);
    calls.add(client.sendAsync(of("c")));
    await().until(() -> inFlight.get().getAsInt() == 3);
    // Calls to an endpoint that has left the list count until they end.
    manual.tell("place", servers[1].address());
    assertThat(inFlight.get().getAsInt()).isEqualTo(3);
    goOn.countDown();
    calls.forEach(CompletableFuture::join);
    await().until(() -> inFlight.get().getAsInt() == 0);
  }

  @Test
  void seesWhenEachTryBegan() throws Exception {
    Server[] servers = servers(2);
    servers[0].close();
    List<Long> picks = new java.util.concurrent.CopyOnWriteArrayList<>();
    Balancer looking =
        candidates ->
            pick -> {
              picks.add(pick.nowNanos());
              return pick.isRetry() ? 1 : 0;
            };
    Client client = client(Client.builder().balancer(() -> looking));
    long before = System.nanoTime();
    var unused = client.send(Rig.to(servers));
    assertThat(picks).hasSize(2);
    assertThat(picks.get(0) - before).isNotNegative();
    assertThat(picks.get(1) - picks.get(0)).isPositive();
    assertThat(System.nanoTime() - picks.get(1)).isNotNegative();
  }

  @Test
  void aServiceMayHaveItsOwn() throws Exception {
    Server[] servers = servers(2);
    AtomicInteger made = new AtomicInteger();
    Client client =
        client(
            Client.builder()
                .balancer(
                    "demo",
                    () -> {
                      made.incrementAndGet();
                      return candidates -> pick -> 1;
                    }));
    for (int i = 0; i < 4; i++) {
      assertThat(client.send(Rig.to(servers)).endpoint()).isEqualTo(servers[1].address());
    }
    assertThat(made).hasValue(1);
  }

  // ---- what goes wrong

  @Test
  void oneThatThrowsKeepsTheEndpointsItHad() throws Exception {
    Server[] servers = servers(3);
    AtomicInteger lists = new AtomicInteger();
    Balancer broken =
        candidates -> {
          if (lists.incrementAndGet() == 2) {
            throw new IllegalStateException("no more");
          }
          return pick -> 0;
        };
    Client client = client(Client.builder().balancer(() -> broken));
    CompletableFuture<?> first = client.sendAsync(of("a"));
    manual.tell("place", servers[0].address(), servers[1].address());
    first.join();
    manual.tell("place", servers[1].address(), servers[2].address());
    await().until(() -> lists.get() == 2);
    assertThat(client.send(of("a")).endpoint()).isEqualTo(servers[0].address());
    manual.tell("place", servers[2].address(), servers[1].address());
    await().until(() -> client.send(of("a")).endpoint().equals(servers[2].address()));
  }

  @Test
  void whatPicksNothingOrNonsenseEndsTheCallAlone() throws Exception {
    Server[] servers = servers(2);
    AtomicInteger index = new AtomicInteger(Balancer.NONE);
    Client client = client(Client.builder().balancer(() -> candidates -> pick -> index.get()));
    Status none = Rig.failure(() -> client.send(Rig.to(servers)));
    assertThat(none.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(none.message()).contains("the balancer of list://", "picked none of 2 endpoints");
    index.set(7);
    Status nonsense = Rig.failure(() -> client.send(Rig.to(servers)));
    assertThat(nonsense.code()).isEqualTo(Status.Code.INTERNAL);
    assertThat(nonsense.message()).contains("picked endpoint 7 of 2");
    index.set(1);
    assertThat(client.send(Rig.to(servers)).body().getMsg()).isEqualTo("hi");
  }

  // ---- places that are let go

  @Test
  void aCallWhosePlaceIsLetGoWhileItPicksFindsItAnew() throws Exception {
    Server[] servers = servers(2);
    AtomicInteger picks = new AtomicInteger();
    AtomicReference<Client> calling = new AtomicReference<>();
    Balancer slow =
        candidates ->
            pick -> {
              if (picks.incrementAndGet() == 2) {
                // Another place needs its room, and nobody is known to call this one.
                Request<EchoRequest, EchoReply> other = Rig.to(servers[0]);
                CompletableFuture.runAsync(() -> calling.get().send(other)).join();
              }
              return 0;
            };
    Client client =
        client(
            Client.builder()
                .balancer(() -> slow)
                .settings(ClientSettings.DEFAULTS.withMaxAttempts(1).withMaxDestinations(1)));
    calling.set(client);
    for (int i = 0; i < 3; i++) {
      assertThat(client.send(Rig.to(servers)).body().getMsg()).isEqualTo("hi");
    }
    assertThat(picks.get()).isGreaterThan(3);
  }

  // ---- methods that only some have

  @Test
  void aMethodThatOneOfManyHasIsFoundThere() throws Exception {
    Server[] servers = servers(40);
    Endpoint[] endpoints = new Endpoint[servers.length];
    for (int i = 0; i < servers.length; i++) {
      Set<String> methods = i == 33 ? Set.of("demo.old", "demo.echo") : Set.of("demo.old");
      endpoints[i] = new Endpoint(servers[i].address(), 100, "", methods, Map.of());
    }
    Client client = client(Client.builder());
    CompletableFuture<?> first = client.sendAsync(of("a"));
    manual.tell("place", endpoints);
    first.join();
    for (int i = 0; i < 20; i++) {
      assertThat(client.send(of("a")).endpoint()).isEqualTo(servers[33].address());
    }
  }
}
