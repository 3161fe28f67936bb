package erpc.calls;

import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.client.Explanation;
import erpc.client.Explanation.Candidate;
import erpc.client.ProtectionSettings;
import erpc.discovery.Endpoint;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link Client#explain}: where a call would go, and why. */
@Timeout(60)
class ExplainTest {
  private static final String NOBODY = "127.0.0.1:1";

  private final ManualResolver manual = new ManualResolver();
  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Client client(ClientBuilder builder) {
    return rig.client(builder.resolvers(manual.among()));
  }

  private static Request<EchoRequest, EchoReply> place() {
    return Rig.to("manual://place");
  }

  /** Explains a call to a place that has these, told while it waits. */
  private Explanation explained(
      Client client, Request<EchoRequest, EchoReply> request, Endpoint... endpoints) {
    CompletableFuture<Explanation> found =
        CompletableFuture.supplyAsync(() -> client.explain(request));
    manual.tell("place", endpoints);
    return found.join();
  }

  private static Endpoint endpoint(Server server, int weight, String... methods) {
    return new Endpoint(server.address(), weight, "", Set.of(methods), Map.of());
  }

  private static Candidate of(Explanation all, String address) {
    return all.endpoints().stream()
        .filter(each -> each.address().equals(address))
        .findFirst()
        .orElseThrow();
  }

  private static double sum(Explanation of) {
    return of.none() + of.endpoints().stream().mapToDouble(Candidate::chance).sum();
  }

  @Test
  void saysWhoIsThereAndWhoIsLeftOutByWhat() throws Exception {
    Server one = rig.serve(Rig::echo);
    Server two = rig.serve(Rig::echo);
    Server other = rig.serve(Rig::echo);
    Server drained = rig.serve(Rig::echo);
    Explanation found =
        explained(
            client(Client.builder()),
            place(),
            endpoint(one, 100, "demo.echo"),
            endpoint(two, 300, "demo.echo", "demo.b"),
            endpoint(other, 100, "demo.b", "demo.c"),
            endpoint(drained, 0, "demo.echo"),
            new Endpoint(NOBODY, 100, "", Set.of("demo.echo"), Map.of()));
    assertThat(sum(found)).isEqualTo(1, within(1e-9));
    assertThat(found.isExact()).isTrue();
    assertThat(of(found, one.address()).chance()).isBetween(0.2, 0.3);
    assertThat(of(found, one.address()).state()).isEqualTo(EndpointState.READY);
    assertThat(of(found, other.address()).leftOutBy()).isEqualTo("methods");
    assertThat(of(found, other.address()).why()).isEqualTo("has no demo.echo, but demo.b, demo.c");
    assertThat(of(found, drained.address()).leftOutBy()).isEqualTo("weight");
    assertThat(of(found, NOBODY).leftOutBy()).isEqualTo("connection");
    assertThat(of(found, NOBODY).why()).contains("cannot connect to " + NOBODY);
    assertThat(found.none()).isZero();
    assertThat(found.whyNone().isOk()).isTrue();
    assertThat(one.connectionCount()).isEqualTo(1);
  }

  @Test
  void saysWhatTheCallIs() throws Exception {
    Server one = rig.serve(Rig::echo);
    Client client =
        client(
            Client.builder()
                .zone("a")
                .settings(
                    ClientSettings.DEFAULTS
                        .withMaxAttempts(2)
                        .withProtection(ProtectionSettings.DEFAULTS.withPanic(Mode.DRY_RUN)))
                .options("demo.echo", CallOptions.NONE.withTryTimeout(Duration.ofMillis(70))));
    Request<EchoRequest, EchoReply> request = place().withMethod(Rig.ECHO.idempotent());
    request =
        request.withOptions(
            request
                .options()
                .withAffinityKey("k")
                .withCriticality(Criticality.SHEDDABLE)
                .withCodec("json"));
    Explanation found = explained(client, request, Endpoint.of(one.address()));
    assertThat(found.address()).isEqualTo("manual://place/demo.echo");
    assertThat(found.place()).isEqualTo("manual://place");
    assertThat(found.method()).isEqualTo("demo.echo");
    assertThat(found.balancer()).isEqualTo("p2c");
    assertThat(found.clientZone()).isEqualTo("a");
    assertThat(found.criticality()).isEqualTo(Criticality.SHEDDABLE);
    assertThat(found.affinityKey()).isEqualTo("k");
    assertThat(found.codec()).isEqualTo("json");
    assertThat(found.timeout()).isEqualTo(Rig.LONG);
    assertThat(found.tryTimeout()).isEqualTo(Duration.ofMillis(70));
    assertThat(found.maxAttempts()).isEqualTo(2);
    assertThat(found.idempotent()).isTrue();
    assertThat(found.retryTokens()).isEqualTo(10);
    assertThat(found.medianLatency()).isZero();
    assertThat(found.protection())
        .containsEntry("panic", Mode.DRY_RUN)
        .containsEntry("zones", Mode.ON)
        .hasSize(9);
  }

  @Test
  void saysWhatBecomesOfItsTries() throws Exception {
    Server one = rig.serve(Rig::echo);
    Client client = client(Client.builder());
    Request<EchoRequest, EchoReply> request = place().withMethod(Rig.ECHO.idempotent());
    CallOptions options =
        request
            .options()
            .withTryTimeoutPercentile(0.99)
            .withRetryOn(Set.of(Status.Code.INTERNAL))
            .withHedging(0.05);
    Endpoint[] only = {Endpoint.of(one.address()), Endpoint.of(NOBODY)};
    Explanation found = explained(client, request.withOptions(options), only);
    assertThat(found.tryTimeoutPercentile()).isEqualTo(0.99);
    assertThat(found.tryLimit()).isNull();
    assertThat(found.hedgeDelay()).isNull();
    assertThat(found.toString())
        .contains("tryTimeoutPercentile 0.99 (not known yet)", "retryOn [INTERNAL]")
        .contains("5.0 % hedged (when is not known yet)");
    Explanation forks = client.explain(request.withOptions(options.withForks(2)));
    assertThat(forks.forks()).isEqualTo(2);
    assertThat(forks.toString()).contains("failureMode FORK to 2 endpoints at once");
    Explanation twice = client.explain(place().withOptions(options.withForks(2)));
    assertThat(twice.forks()).isOne();
    assertThat(twice.hedging()).isZero();
  }

  @Test
  void theTimeOfTheCallItIsMadeForHolds() throws Exception {
    Server one = rig.serve(Rig::echo);
    Client client = client(Client.builder());
    Explanation unused = explained(client, place(), Endpoint.of(one.address()));
    AtomicReference<Explanation> found = new AtomicReference<>();
    Server between =
        rig.serve((context, request) -> {
          found.set(client.explain(place()));
          return Rig.echo(context, request);
        });
    var unusedToo = rig.client().send(Rig.to(between).withTimeout(Duration.ofSeconds(7)));
    assertThat(found.get().timeout()).isLessThanOrEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void aCallThatHasNoTimeLeftFails() throws Exception {
    Server one = rig.serve(Rig::echo);
    Client client = client(Client.builder());
    Explanation unused = explained(client, place(), Endpoint.of(one.address()));
    Request<EchoRequest, EchoReply> late = place().withTimeout(Duration.ZERO);
    Explanation found = client.explain(late);
    Status said = failure(() -> client.send(late));
    assertThat(found.none()).isEqualTo(1);
    assertThat(sum(found)).isEqualTo(1);
    assertThat(found.whyNone().message()).isEqualTo(said.message());
  }

  @Test
  void aBrokenEndpointIsSaidToBeAndPicksGoOnAsBefore() throws Exception {
    AtomicBoolean failing = new AtomicBoolean(true);
    Server good = rig.serve(Rig::echo);
    Server bad =
        rig.serve((context, request) -> {
          if (failing.get()) {
            throw Status.of(Status.Code.INTERNAL, "sick").toException();
          }
          return Rig.echo(context, request);
        });
    Client client = client(Client.builder().balancer(() -> Balancer.named("random")));
    Endpoint[] both = {Endpoint.of(good.address()), Endpoint.of(bad.address())};
    assertThat(of(explained(client, place(), both), bad.address()).chance()).isEqualTo(0.5);
    int failed = 0;
    while (failed < 5) {
      try {
        var unused = client.send(place());
      } catch (erpc.call.RpcException e) {
        failed++;
      }
    }
    Explanation found = client.explain(place());
    Candidate broken = of(found, bad.address());
    assertThat(broken.leftOutBy()).isEqualTo("verdict");
    assertThat(broken.verdict()).contains("5 failed in a row within ", "; 0 of 3 successes");
    assertThat(broken.chance()).isZero();
    assertThat(of(found, good.address()).chance()).isEqualTo(1);
    assertThat(found.medianLatency()).isGreaterThanOrEqualTo(Duration.ZERO);
    assertThat(found.toString()).contains("verdict: broken for ", "100.0 %", "call  ");
    failing.set(false);
    await()
        .until(() -> {
          var unusedToo = client.explain(place());
          var unused = client.send(place());
          return of(client.explain(place()), bad.address()).verdict().isEmpty();
        });
  }

  @Test
  void theOnlyEndpointIsWhereCallsGoWhateverIsKnownOfIt() {
    Explanation found = explained(client(Client.builder()), place(), Endpoint.of(NOBODY));
    Candidate only = of(found, NOBODY);
    assertThat(only.chance()).isEqualTo(1);
    assertThat(only.leftOutBy()).isEmpty();
    assertThat(only.why()).contains("cannot connect to " + NOBODY);
    assertThat(found.isExact()).isTrue();
  }

  @Test
  void theOnlyEndpointIsConnectedForIt() throws Exception {
    Server one = rig.serve(Rig::echo);
    Explanation found = explained(client(Client.builder()), place(), Endpoint.of(one.address()));
    assertThat(of(found, one.address()).state()).isEqualTo(EndpointState.READY);
  }

  @Test
  void whereNothingIsPickedItSaysWhatTheCallWouldSay() throws Exception {
    Client client = client(Client.builder());
    isWhatTheCallSays(client, explained(client, place()));
    manual.tell("place", new Endpoint(NOBODY, 100, "", Set.of("demo.b"), Map.of()));
    isWhatTheCallSays(client, client.explain(place()));
    assertThat(client.explain(place()).toString())
        .contains("FAILS       the call would end in UNIMPLEMENTED");
  }

  private static void isWhatTheCallSays(Client client, Explanation found) {
    Status said = failure(() -> client.send(place()));
    assertThat(found.none()).isEqualTo(1);
    assertThat(found.whyNone().code()).isEqualTo(said.code());
    assertThat(found.whyNone().message()).isEqualTo(said.message());
  }

  @Test
  void aUsersBalancerThatThrowsOrPicksNobodyIsSaidInTheWordsOfTheCall() throws Exception {
    Server one = rig.serve(Rig::echo);
    Server two = rig.serve(Rig::echo);
    Endpoint[] both = {Endpoint.of(one.address()), Endpoint.of(two.address())};
    AtomicInteger answer = new AtomicInteger(Balancer.NONE);
    Balancer odd =
        candidates ->
            pick -> {
              if (answer.get() == 9) {
                throw new IllegalStateException("no luck");
              }
              return answer.get();
            };
    Client client = client(Client.builder().balancer(() -> odd));
    Explanation found = explained(client, place(), both);
    isWhatTheCallSays(client, found);
    assertThat(found.balancer()).startsWith("erpc.calls.ExplainTest$$Lambda");
    answer.set(9);
    isWhatTheCallSays(client, client.explain(place()));
    answer.set(2);
    isWhatTheCallSays(client, client.explain(place()));
    answer.set(1);
    Explanation well = client.explain(place());
    assertThat(of(well, two.address()).chance()).isEqualTo(1);
    assertThat(of(well, one.address()).leftOutBy()).isEqualTo("balancer");
  }

  @Test
  void anAffinityKeyHasItsEndpointAndTheOthersAreLeftOutByTheBalancer() throws Exception {
    List<Server> servers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      servers.add(rig.serve(Rig::echo));
    }
    Endpoint[] all =
        servers.stream().map(each -> Endpoint.of(each.address())).toArray(Endpoint[]::new);
    Client client = client(Client.builder().balancer(() -> Balancer.named("maglev")));
    Request<EchoRequest, EchoReply> keyed =
        place().withOptions(place().options().withAffinityKey("user-7"));
    Explanation found = explained(client, keyed, all);
    assertThat(found.balancer()).isEqualTo("maglev");
    String goes = client.send(keyed).endpoint();
    assertThat(of(found, goes).chance()).isEqualTo(1);
    assertThat(found.endpoints())
        .filteredOn(each -> !each.address().equals(goes))
        .allMatch(each -> each.leftOutBy().equals("balancer"));
  }

  // ---- what cannot be explained

  @Test
  void whatIsNeverResolvedEndsAsTheCallWould() {
    Client client = client(Client.builder());
    Request<EchoRequest, EchoReply> request = place().withTimeout(Duration.ofMillis(50));
    Status said = failure(() -> client.explain(request));
    Status call = failure(() -> client.send(request));
    assertThat(said.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(said.message()).isEqualTo(call.message());
    Status name =
        failure(() ->
            client.explain(
                Rig.to("dns://no.such.host.invalid:1").withTimeout(Duration.ofMillis(200))));
    assertThat(name.message()).contains("no.such.host.invalid");
  }

  @Test
  void aClosedClientAndOneThatIsClosedMeanwhile() {
    Client client = client(Client.builder());
    CompletableFuture<Explanation> waits =
        CompletableFuture.supplyAsync(() -> client.explain(place()));
    await().until(() -> manual.isWatched("place"));
    client.close();
    assertThat(failure(waits).message()).isEqualTo("the client was closed");
    Status closed = failure(() -> client.explain(place()));
    assertThat(closed.message()).isEqualTo(failure(() -> client.send(place())).message());
  }

  @Test
  void noRequestAMalformedPlaceAndAnInterruptedThread() {
    Client client = client(Client.builder());
    assertThatThrownBy(() -> client.explain(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.explain(Rig.to("ip://nowhere")))
        .isInstanceOf(IllegalArgumentException.class);
    Thread.currentThread().interrupt();
    Status said = failure(() -> client.explain(place()));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(said.code()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void anEventLoopIsRefused() throws Exception {
    Server one = rig.serve(Rig::echo);
    Client client = client(Client.builder());
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    rig.reactor
        .next()
        .execute(() -> thrown.complete(catchThrowable(() -> client.explain(Rig.to(one)))));
    assertThat(
            failure(
                    () -> {
                      throw thrown.get(10, TimeUnit.SECONDS);
                    })
                .code())
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  // ---- very many, odd ones, and races

  @Test
  void ofVeryManyEndpointsTheFirstFiftyAreShown() {
    Client client = client(Client.builder());
    Endpoint[] many =
        IntStream.rangeClosed(1, 1_000)
            .mapToObj(i -> Endpoint.of("127.1." + i / 250 + "." + (1 + i % 250) + ":1"))
            .toArray(Endpoint[]::new);
    Explanation found = explained(client, place(), many);
    assertThat(found.endpoints()).hasSize(1_000);
    assertThat(sum(found)).isEqualTo(1, within(1e-9));
    assertThat(found.subset()).isEqualTo(100);
    List<String> lines = found.toString().lines().toList();
    assertThat(lines).hasSizeLessThan(65);
    assertThat(lines.getLast()).startsWith("… and 950 more, with a chance of ");
    assertThat(lines.getLast()).contains("900 left out by subset");
    assertThat(found.toString(2_000).lines().count()).isGreaterThan(1_000);
  }

  @Test
  void addressesOfAllKinds() {
    Client client = client(Client.builder());
    Explanation found =
        explained(client, place(), Endpoint.of("[::1]:1"), Endpoint.of("unix:/no/such/socket"));
    assertThat(found.endpoints())
        .extracting(Candidate::address)
        .containsExactly("[::1]:1", "unix:/no/such/socket");
    assertThat(found.toString()).contains("[::1]:1", "unix:/no/such/socket");
    assertThat(sum(found)).isEqualTo(1, within(1e-9));
  }

  @Test
  void aListThatChangesMeanwhileIsTheOldOneOrTheNewOne() throws Exception {
    Server one = rig.serve(Rig::echo);
    Server two = rig.serve(Rig::echo);
    Client client = client(Client.builder());
    Endpoint first = Endpoint.of(one.address());
    Endpoint second = Endpoint.of(two.address());
    Explanation before = explained(client, place(), first);
    assertThat(before.endpoints()).hasSize(1);
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<?> changes =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; !done.get(); i++) {
            Endpoint[] list =
                switch (i % 4) {
                  case 0 -> new Endpoint[] {first, second};
                  case 1 -> new Endpoint[0];
                  case 2 -> new Endpoint[] {second};
                  default -> new Endpoint[] {second, first, Endpoint.of(NOBODY)};
                };
            manual.tell("place", list);
          }
        });
    for (int i = 0; i < 200; i++) {
      Explanation found = client.explain(place());
      assertThat(sum(found)).isEqualTo(1, within(1e-9));
      assertThat(found.none()).isEqualTo(found.endpoints().isEmpty() ? 1 : 0);
    }
    done.set(true);
    changes.join();
  }

  @Test
  void whileCallsAreUnderWayTheyCount() throws Exception {
    java.util.concurrent.CountDownLatch hold = new java.util.concurrent.CountDownLatch(1);
    Server one =
        rig.serve((context, request) -> {
          hold.await();
          return Rig.echo(context, request);
        });
    Server two = rig.serve(Rig::echo);
    Client client = client(Client.builder().balancer(() -> Balancer.named("least_request")));
    Explanation before =
        explained(client, place(), Endpoint.of(one.address()), Endpoint.of(two.address()));
    assertThat(of(before, one.address()).chance()).isEqualTo(0.5);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    await()
        .until(() -> {
          calls.add(client.sendAsync(place()));
          return of(client.explain(place()), one.address()).inFlight() > 0;
        });
    await().until(() -> of(client.explain(place()), two.address()).inFlight() == 0);
    Explanation found = client.explain(place());
    assertThat(of(found, one.address()).chance()).isZero();
    assertThat(of(found, one.address()).leftOutBy()).isEqualTo("balancer");
    assertThat(of(found, two.address()).chance()).isEqualTo(1);
    hold.countDown();
    calls.forEach(CompletableFuture::join);
  }
}
