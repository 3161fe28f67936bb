package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.CallOptions;
import erpc.call.FailureMode;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.Combine;
import erpc.client.Combine.Part;
import erpc.discovery.Endpoint;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One request to every endpoint of its place. */
@Timeout(60)
class BroadcastTest {
  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final ManualResolver resolver = new ManualResolver();
  private final Map<Integer, AtomicInteger> calls = new ConcurrentHashMap<>();
  private int servers;
  private final Request<EchoRequest, EchoReply> request = Rig.to("manual://all");

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** One that counts its calls. */
  private Server counting() throws Exception {
    int number = servers++;
    return rig.serve((context, request) -> {
      calls.computeIfAbsent(number, key -> new AtomicInteger()).incrementAndGet();
      return reply("from " + number);
    });
  }

  private Client client() {
    return rig.client(Client.builder().resolvers(resolver.among()));
  }

  private static List<Part<Reply<EchoReply>>> parts(
      CompletableFuture<List<Part<Reply<EchoReply>>>> broadcast) throws Exception {
    return broadcast.get(20, TimeUnit.SECONDS);
  }

  private static List<String> endpoints(List<Part<Reply<EchoReply>>> parts) {
    return parts.stream().map(Part::endpoint).toList();
  }

  @Test
  void reachesEachEndpointOnceWhateverItsWeight() throws Exception {
    Server first = counting();
    Server second = counting();
    Server drained = counting();
    Client client = client();
    var broadcast = Combine.broadcast(client, request);
    assertThat(broadcast).isNotDone();
    resolver.tell(
        "all",
        Endpoint.of(first.address()),
        Endpoint.of(second.address()),
        Endpoint.of(drained.address(), 0, ""));
    List<Part<Reply<EchoReply>>> parts = parts(broadcast);
    assertThat(endpoints(parts))
        .containsExactly(first.address(), second.address(), drained.address());
    assertThat(parts).allMatch(Part::isOk);
    assertThat(calls.values()).hasSize(3).allMatch(each -> each.get() == 1);
  }

  @Test
  void tellsWhichEndpointFailedAndTriesNoOtherInItsPlace() throws Exception {
    Server good = counting();
    Server down = counting();
    AtomicInteger refused = new AtomicInteger();
    Server refusing =
        rig.serve((context, asked) -> {
          refused.incrementAndGet();
          throw Status.of(Code.UNAVAILABLE, "not now").toException();
        });
    down.close();
    Client client = clientOf(good, down, refusing);
    refused.set(0);
    var parts = settled(Combine.broadcast(client, request));
    assertThat(endpoints(parts))
        .containsExactly(good.address(), down.address(), refusing.address());
    assertThat(parts.get(0).isOk()).isTrue();
    assertThat(parts.get(1).status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(parts.get(1).value()).isNull();
    assertThat(parts.get(2).status().message()).isEqualTo("not now");
    assertThat(refused).hasValue(1);
    assertThat(calls.values()).hasSize(1).allMatch(each -> each.get() == 1);
  }

  /** A client that knows these by a call that it has made. */
  private Client clientOf(Server... servers) {
    Client client = client();
    var first = client.sendAsync(request);
    resolver.tell("all", Arrays.stream(servers).map(Server::address).toArray(String[]::new));
    await()
        .until(() -> {
          clock.advance(Duration.ofMillis(1));
          return first.isDone();
        });
    calls.clear();
    return client;
  }

  /** Time passes while it waits for its next tries. */
  private List<Part<Reply<EchoReply>>> settled(
      CompletableFuture<List<Part<Reply<EchoReply>>>> broadcast) throws Exception {
    await()
        .until(() -> {
          clock.advance(Duration.ofMillis(1));
          return broadcast.isDone();
        });
    return parts(broadcast);
  }

  @Test
  void reachesEndpointsThatCallsAvoid() throws Exception {
    Server good = counting();
    AtomicInteger failed = new AtomicInteger();
    Server broken =
        rig.serve((context, asked) -> {
          failed.incrementAndGet();
          throw Status.of(Code.INTERNAL, "broken").toException();
        });
    Client client = clientOf(good, broken);
    for (int i = 0; i < 200 && failed.get() < 5; i++) {
      var unused = client.sendAsync(request).exceptionally(e -> null).join();
    }
    int before = failed.get();
    for (int i = 0; i < 50; i++) {
      var unused = client.send(request);
    }
    assertThat(failed.get()).isEqualTo(before);
    var parts = parts(Combine.broadcast(client, request));
    assertThat(parts.get(1).status().message()).isEqualTo("broken");
    assertThat(failed.get()).isEqualTo(before + 1);
  }

  @Test
  void idempotentCallIsTriedAgainWhereItWas() throws Exception {
    Server good = counting();
    AtomicInteger runs = new AtomicInteger();
    Server shaky =
        rig.serve((context, asked) -> {
          if (runs.incrementAndGet() == 1) {
            throw Status.of(Code.UNAVAILABLE, "not now").toException();
          }
          return reply("now");
        });
    Client client = clientOf(good, shaky);
    runs.set(0);
    var parts = settled(Combine.broadcast(client, request.withMethod(ECHO.idempotent())));
    assertThat(parts).allMatch(Part::isOk);
    assertThat(endpoints(parts)).containsExactly(good.address(), shaky.address());
    assertThat(runs).hasValue(2);
    assertThat(calls.values()).hasSize(1).allMatch(each -> each.get() == 1);
  }

  @Test
  void soManyAreUnderWayAtATime() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    Semaphore done = new Semaphore(0);
    Server server =
        rig.serve((context, asked) -> {
          underWay.incrementAndGet();
          done.acquire();
          return reply("done");
        });
    List<Endpoint> endpoints = new ArrayList<>(List.of(Endpoint.of(server.address())));
    while (endpoints.size() < 300) {
      Server unused = server.listen("127.0.0.1:0");
      endpoints.add(Endpoint.of(server.addresses().getLast()));
    }
    var broadcast = Combine.broadcast(client(), request);
    resolver.tell("all", endpoints.toArray(Endpoint[]::new));
    for (int ended = 0; ended <= 300 - Combine.MOST_AT_ONCE; ended++) {
      int begun = Combine.MOST_AT_ONCE + ended;
      await().until(() -> underWay.get() == begun);
      done.release();
    }
    done.release(300);
    assertThat(parts(broadcast)).hasSize(300).allMatch(Part::isOk);
    assertThat(underWay).hasValue(300);
  }

  @Test
  void cancellingItReachesTheServersAndBeginsNoMore() throws Exception {
    CountDownLatch running = new CountDownLatch(2);
    CountDownLatch cancelled = new CountDownLatch(2);
    Server server =
        rig.serve((context, asked) -> {
          CountDownLatch over = new CountDownLatch(1);
          context.onCancel(over::countDown);
          running.countDown();
          over.await();
          cancelled.countDown();
          return reply("late");
        });
    Server unused = server.listen("127.0.0.1:0");
    var broadcast = Combine.broadcast(client(), request);
    resolver.tell("all", server.addresses().toArray(String[]::new));
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    broadcast.cancel(true);
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void allPartsHaveOneDeadline() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    Server slow =
        rig.serve((context, asked) -> {
          CountDownLatch over = new CountDownLatch(1);
          context.onCancel(over::countDown);
          running.countDown();
          over.await();
          return reply("late");
        });
    var broadcast = Combine.broadcast(client(), request.withTimeout(Duration.ofSeconds(2)));
    clock.advance(Duration.ofMillis(1_500)); // It has waited for the list.
    resolver.tell("all", slow.address());
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    clock.advance(Duration.ofMillis(400));
    assertThat(broadcast).isNotDone();
    clock.advance(Duration.ofMillis(150));
    assertThat(parts(broadcast).getFirst().status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
  }

  @Test
  void callThatForksIsStillOnePerEndpoint() throws Exception {
    Client client = clientOf(counting(), counting(), counting());
    Request<EchoRequest, EchoReply> forking =
        request
            .withMethod(ECHO.idempotent())
            .withOptions(CallOptions.NONE.withFailureMode(FailureMode.FORK));
    assertThat(parts(Combine.broadcast(client, forking))).hasSize(3).allMatch(Part::isOk);
    assertThat(calls.values()).hasSize(3).allMatch(each -> each.get() == 1);
  }

  // ---- without a list

  @Test
  void waitsForTheFirstListNoLongerThanItsDeadline() {
    var broadcast = Combine.broadcast(client(), request.withTimeout(Duration.ofSeconds(2)));
    clock.advance(Duration.ofSeconds(2));
    Status status = failure(broadcast);
    assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(status.message()).startsWith("manual://all has not been resolved within the dead");
  }

  @Test
  void waitingForTheFirstListEndsWithItsClient() {
    Client client = client();
    var broadcast = Combine.broadcast(client, request);
    client.close();
    assertThat(failure(broadcast).message()).isEqualTo("the client was closed");
    assertThat(failure(Combine.broadcast(client, request)).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void cancelledWhileItWaitsForTheFirstListItCallsNobody() throws Exception {
    Server server = counting();
    Client client = client();
    var broadcast = Combine.broadcast(client, request);
    broadcast.cancel(true);
    resolver.tell("all", server.address());
    assertThat(client.send(request).body().getMsg()).startsWith("from");
    assertThat(calls.values()).hasSize(1).allMatch(each -> each.get() == 1);
  }

  @Test
  void waitingForTheFirstListEndsWithTheCallItIsMadeFor() throws Exception {
    Client client = client();
    CompletableFuture<Status> told = new CompletableFuture<>();
    Server front =
        rig.serve((context, asked) -> {
          told.complete(failure(Combine.broadcast(client, request)));
          return reply("late");
        });
    var outer = rig.client().sendAsync(Rig.to(front));
    await().until(() -> resolver.isWatched("all"));
    outer.cancel(true);
    assertThat(told.get(20, TimeUnit.SECONDS).code()).isEqualTo(Code.CANCELLED);
  }

  @Test
  void failsWithoutAnEndpointAsAnyCall() {
    Client client = client();
    var broadcast = Combine.broadcast(client, request);
    resolver.tell("all", new String[0]);
    Status status = failure(broadcast);
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.message()).isEqualTo("manual://all has no endpoints");
    assertThat(failure(Combine.broadcast(client, Rig.to("nowhere://x"))).code())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void partsThatAreUnderWayEndThemselvesWithTheCallTheyAreMadeFor() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    Server hanging =
        rig.serve((context, asked) -> {
          CountDownLatch over = new CountDownLatch(1);
          context.onCancel(over::countDown);
          running.countDown();
          over.await();
          return reply("late");
        });
    Client client = client();
    CompletableFuture<List<Part<Reply<EchoReply>>>> told = new CompletableFuture<>();
    Server front =
        rig.serve((context, asked) -> {
          var broadcast = Combine.broadcast(client, request.withTimeout(Duration.ofSeconds(20)));
          resolver.tell("all", hanging.address());
          try {
            told.complete(parts(broadcast));
          } catch (ExecutionException e) {
            told.completeExceptionally(e.getCause());
          }
          return reply("late");
        });
    var outer = rig.client().sendAsync(Rig.to(front).withTimeout(Duration.ofSeconds(20)));
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    outer.cancel(true);
    Status status = parts(told).getFirst().status();
    assertThat(status.code()).isEqualTo(Code.CANCELLED);
    assertThat(status.started()).isNotEqualTo(Status.Started.NO);
  }

  // ---- what the client has around its calls

  @Test
  void fallbackDoesNotAnswerForEndpointsThatGotNothing() throws Exception {
    Server good = counting();
    Server down = counting();
    down.close();
    Client client =
        rig.client(Client.builder().fallback(ECHO, (asked, status) -> reply("instead")));
    var parts = settled(Combine.broadcast(client, Rig.to(good, down)));
    assertThat(parts.get(0).isOk()).isTrue();
    assertThat(parts.get(1).status().code()).isEqualTo(Code.UNAVAILABLE);
    var single = client.sendAsync(Rig.to(down));
    await()
        .until(() -> {
          clock.advance(Duration.ofMillis(1));
          return single.isDone();
        });
    assertThat(single.get().body().getMsg()).isEqualTo("instead");
  }

  @Test
  void filtersAreAroundEachCall() throws Exception {
    Server first = counting();
    Server second = counting();
    AtomicInteger whole = new AtomicInteger();
    AtomicInteger tries = new AtomicInteger();
    Client client =
        rig.client(
            Client.builder()
                .filter((asked, next) -> {
                  whole.incrementAndGet();
                  return next.call(asked);
                })
                .attemptFilter((asked, next) -> {
                  tries.incrementAndGet();
                  return next.call(asked);
                }));
    var parts = parts(Combine.broadcast(client, Rig.to(first, second)));
    assertThat(endpoints(parts)).containsExactly(first.address(), second.address());
    assertThat(calls.values()).hasSize(2).allMatch(each -> each.get() == 1);
    assertThat(whole).hasValue(2);
    assertThat(tries).hasValue(2);
  }
}
