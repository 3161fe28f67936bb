package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Authenticator;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What observers are told of calls, on either side. */
@Timeout(60)
class SeenCallsTest {
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  private final Rig rig = new Rig();
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private static int bytes(String msg) {
    return request(msg).getSerializedSize();
  }

  @Test
  void theTagsOfACallAreSeenWhereItIsMadeAlone() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    CallObserver tags =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            seen.add("begin " + call.side() + new TreeMap<>(call.tags()));
            return this;
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            seen.add("ended " + call.side() + new TreeMap<>(call.tags()));
          }
        };
    Server server = rig.serve(Rig.servers().observer(tags), Rig::echo);
    Client client =
        rig.client(
            Client.builder()
                .observer(tags)
                .options(CallOptions.NONE.withTag("team", "red").withTag("shift", "day")));
    Request<EchoRequest, EchoReply> request = Rig.to(server);
    var unused = client.send(request.withOptions(request.options().withTag("shift", "night")));
    await().until(() -> seen.size() == 4);
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "begin CLIENT{shift=night, team=red}",
            "ended CLIENT{shift=night, team=red}",
            "begin SERVER{}",
            "ended SERVER{}");
  }

  @Test
  void aUnaryCallIsSeenFromItsBeginToItsEnd() throws Exception {
    CallDiary client = new CallDiary();
    CallDiary server = new CallDiary();
    for (Execution execution : List.of(Execution.virtual(), Execution.inline())) {
      Server serving = rig.serve(Rig.servers().observer(server), Rig::echo, execution);
      Client calling = rig.client(Client.builder().observer(client));
      assertThat(calling.send(Rig.to(serving)).body()).isEqualTo(reply("hi"));
      assertThat(client.lines(1))
          .containsExactly(
              "begin demo.echo UNARY CLIENT",
              "try 1 at " + serving.address(),
              "sent " + bytes("hi"),
              "first byte",
              "ended OK " + bytes("hi") + "/" + bytes("hi"));
      assertThat(server.lines(1))
          .hasSize(3)
          .contains("begin demo.echo UNARY SERVER", "ended OK " + bytes("hi") + "/" + bytes("hi"));
      client.lines.clear();
      server.lines.clear();
    }
  }

  @Test
  void asynchronousCallsAreSeenAlike() throws Exception {
    CallDiary client = new CallDiary();
    Server server = rig.serve(Rig::echo);
    for (ClientBuilder builder : List.of(Client.builder(), Client.builder().inlineCallbacks())) {
      Client calling = rig.client(builder.observer(client));
      var unused = calling.sendAsync(Rig.to(server)).get(10, TimeUnit.SECONDS);
      assertThat(client.lines(1))
          .containsExactly(
              "begin demo.echo UNARY CLIENT",
              "try 1 at " + server.address(),
              "sent " + bytes("hi"),
              "first byte",
              "ended OK " + bytes("hi") + "/" + bytes("hi"));
      client.lines.clear();
    }
  }

  @Test
  void callsThatAreAnsweredLaterAreSeenToEndThen() throws Exception {
    CallDiary server = new CallDiary();
    CompletableFuture<EchoReply> answer = new CompletableFuture<>();
    Method<EchoRequest, EchoReply> later =
        Method.unary("demo.later", EchoRequest.class, EchoReply.class);
    Server serving = rig.serve(Rig.servers().observer(server), Rig::echo);
    serving.handleAsync(later, (context, message) -> answer, Execution.inline());
    var call =
        rig.client().sendAsync(Request.of(later, request("hi")).at("ip://" + serving.address()));
    await().until(() -> server.lines.size() == 2);
    answer.complete(reply("hello"));
    assertThat(call.get(10, TimeUnit.SECONDS).body()).isEqualTo(reply("hello"));
    assertThat(server.lines(1)).endsWith("ended OK " + bytes("hi") + "/" + bytes("hello"));
  }

  @Test
  void callsWithFiltersAroundTheirTriesAreSeenAlike() throws Exception {
    CallDiary client = new CallDiary();
    Server server = rig.serve(Rig::echo);
    Client calling =
        rig.client(
            Client.builder().observer(client).attemptFilter((request, next) -> next.call(request)));
    assertThat(calling.send(Rig.to(server)).body()).isEqualTo(reply("hi"));
    assertThat(client.lines(1))
        .containsExactly(
            "begin demo.echo UNARY CLIENT",
            "try 1 at " + server.address(),
            "sent " + bytes("hi"),
            "first byte",
            "ended OK " + bytes("hi") + "/" + bytes("hi"));
  }

  @Test
  void largeMessagesAreSentOnceAndCountedWhole() throws Exception {
    CallDiary client = new CallDiary();
    CallDiary server = new CallDiary();
    String large = "x".repeat(1_000_000);
    Server serving = rig.serve(Rig.servers().observer(server), Rig::echo);
    Client calling = rig.client(Client.builder().observer(client));
    assertThat(calling.send(Rig.to(serving).withBody(request(large))).body().getMsg())
        .hasSameSizeAs(large);
    assertThat(client.lines(1))
        .containsOnlyOnce("sent " + bytes(large))
        .containsOnlyOnce("first byte")
        .endsWith("ended OK " + bytes(large) + "/" + bytes(large));
    assertThat(server.lines(1)).endsWith("ended OK " + bytes(large) + "/" + bytes(large));
  }

  @Test
  void compressedMessagesCountAsTheyTravel() throws Exception {
    CallDiary client = new CallDiary();
    Server server = rig.serve(Rig::echo);
    Client calling = rig.client(Client.builder().observer(client));
    String dull = "x".repeat(100_000);
    var call = Rig.to(server).withBody(request(dull)).withCompression("gzip");
    assertThat(calling.send(call).body().getMsg()).hasSameSizeAs(dull);
    String sent = client.lines(1).get(2);
    assertThat(Integer.parseInt(sent.substring("sent ".length()))).isBetween(100, 5_000);
  }

  @Test
  void anObserverCountsWhatBothSidesAgreeOn() throws Exception {
    LongAdder[] sums = {new LongAdder(), new LongAdder()};
    CallObserver counting =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            return this;
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            sums[call.side() == CallView.Side.CLIENT ? 0 : 1].add(
                1_000_000 + call.requestBytes() + call.replyBytes());
          }
        };
    Server server = rig.serve(Rig.servers().observer(counting), Rig::echo);
    Client client = rig.client(Client.builder().observer(counting));
    List<CompletableFuture<?>> calls = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(client.sendAsync(Rig.to(server).withBody(request("x".repeat(i)))));
    }
    for (CompletableFuture<?> call : calls) {
      var unused = call.get(10, TimeUnit.SECONDS);
    }
    await().until(() -> sums[0].sum() >= 200_000_000 && sums[1].sum() == sums[0].sum());
  }

  @Test
  void aCallThatIsTriedElsewhereTellsWhy() throws Exception {
    CallDiary client = new CallDiary();
    Server refuses =
        rig.serve((context, request) -> {
          throw Status.of(Code.UNAVAILABLE, "not now").toException();
        });
    Client calling = rig.client(Client.builder().observer(client));
    String at = refuses.address();
    var call = Rig.to(refuses).withMethod(ECHO.idempotent());
    assertThat(failure(() -> calling.send(call)).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(client.lines(1))
        .containsExactly(
            "begin demo.echo UNARY CLIENT",
            "try 1 at " + at,
            "sent " + bytes("hi"),
            "first byte",
            "retried UNAVAILABLE at " + at,
            "try 2 at " + at,
            "sent " + bytes("hi"),
            "first byte",
            "retried UNAVAILABLE at " + at,
            "try 3 at " + at,
            "sent " + bytes("hi"),
            "first byte",
            "ended UNAVAILABLE " + bytes("hi") + "/0");
  }

  @Test
  void aTryThatReachesNobodyIsNeverSent() throws Exception {
    CallDiary client = new CallDiary();
    Server server = rig.serve(Rig::echo);
    String nobody = "127.0.0.1:9";
    var call =
        Request.of(ECHO, request("hi"))
            .at("list://" + nobody + "," + server.address())
            .withTimeout(LONG);
    for (int i = 1; client.lines.stream().noneMatch(line -> line.startsWith("retried")); i++) {
      // A new one each time: it would remember who didn't answer.
      Client calling = rig.client(Client.builder().observer(client));
      assertThat(calling.send(call).endpoint()).isEqualTo(server.address());
      assertThat(client.lines(i)).isNotEmpty();
      assertThat(i).isLessThan(20);
    }
    int retried = client.lines.indexOf("retried UNAVAILABLE at " + nobody);
    assertThat(client.lines.get(retried - 1)).isEqualTo("try 1 at " + nobody);
    assertThat(client.lines.get(retried + 1)).isEqualTo("try 2 at " + server.address());
    assertThat(client.lines).endsWith("ended OK " + bytes("hi") + "/" + bytes("hi"));
  }

  @Test
  void callsThatEndBeforeTheyAreSentAreSeenToEnd() throws Exception {
    CallDiary client = new CallDiary();
    Server server = rig.serve(Rig::echo);
    Client calling = rig.client(Client.builder().observer(client));
    assertThat(failure(() -> calling.send(Rig.to(server).withTimeout(Duration.ZERO))).code())
        .isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(client.lines(1))
        .containsExactly("begin demo.echo UNARY CLIENT", "ended DEADLINE_EXCEEDED 0/0");
    client.lines.clear();
    Thread.currentThread().interrupt();
    assertThat(failure(() -> calling.send(Rig.to(server))).code()).isEqualTo(Code.CANCELLED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(client.lines(1))
        .containsExactly("begin demo.echo UNARY CLIENT", "ended CANCELLED 0/0");
  }

  @Test
  void callsThatAreCancelledAreSeenToEndOnce() throws Exception {
    CallDiary client = new CallDiary();
    CallDiary server = new CallDiary();
    Server serving =
        rig.serve(
            Rig.servers().observer(server),
            (context, message) -> {
              hold.await();
              return reply("late");
            });
    Client calling = rig.client(Client.builder().observer(client));
    for (int i = 0; i < 50; i++) {
      var call = calling.sendAsync(Rig.to(serving));
      assertThat(call.cancel(false)).isTrue();
    }
    assertThat(client.lines(50)).hasSizeGreaterThanOrEqualTo(100);
    hold.countDown();
    await().until(() -> serving.inFlight() == 0);
    assertThat(server.lines)
        .filteredOn(line -> line.startsWith("begin"))
        .hasSameSizeAs(server.lines.stream().filter(line -> line.startsWith("ended")).toList());
  }

  @Test
  void aServerNamesMethodsThatItDoesNotHaveOther() throws Exception {
    CallDiary client = new CallDiary();
    CallDiary server = new CallDiary();
    Server serving = rig.serve(Rig.servers().observer(server), Rig::echo);
    Client calling = rig.client(Client.builder().observer(client));
    Method<EchoRequest, EchoReply> unknown =
        Method.unary("evil.method", EchoRequest.class, EchoReply.class);
    var call = Request.of(unknown, request("hi")).at("ip://" + serving.address());
    assertThat(failure(() -> calling.send(call)).code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(server.lines(1))
        .containsExactly("begin other UNARY SERVER", "ended UNIMPLEMENTED 0/0");
    assertThat(client.lines(1)).startsWith("begin evil.method UNARY CLIENT");
  }

  @Test
  void callsThatAreRefusedAreSeenWithTheReason() throws Exception {
    CallDiary server = new CallDiary();
    Authenticator nobody = claim -> null;
    for (Authenticator each : List.of(nobody, Authenticator.nonBlocking(nobody))) {
      Server serving = rig.serve(Rig.servers().observer(server).authenticator(each), Rig::echo);
      assertThat(failure(() -> rig.client().send(Rig.to(serving))).code())
          .isEqualTo(Code.UNAUTHENTICATED);
      assertThat(server.lines(1))
          .containsExactly("begin demo.echo UNARY SERVER", "ended UNAUTHENTICATED 0/0");
      server.lines.clear();
    }
  }

  @Test
  void callsThatEndBeforeItIsKnownWhoCallsAreSeenToo() throws Exception {
    CallDiary server = new CallDiary();
    Authenticator slow =
        claim -> {
          hold.await();
          return null;
        };
    Server serving = rig.serve(Rig.servers().observer(server).authenticator(slow), Rig::echo);
    var call = Rig.to(serving).withTimeout(Duration.ofMillis(50));
    assertThat(failure(() -> rig.client().send(call)).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(server.lines(1).get(0)).isEqualTo("begin demo.echo UNARY SERVER");
    assertThat(server.lines.get(1)).startsWith("ended ").doesNotContain("OK");
    hold.countDown();
    await().until(() -> serving.inFlight() == 0);
    assertThat(server.lines).hasSize(2);
  }

  @Test
  void streamsAreSeenWithAllTheirBytes() throws Exception {
    CallDiary client = new CallDiary();
    CallDiary server = new CallDiary();
    Server serving = rig.serve(Rig.servers().observer(server), Rig::echo);
    serving.handleStream(
        CHAT,
        (context, requests, replies) -> {
          for (EchoRequest each : requests) {
            replies.send(reply(each.getMsg()));
            replies.send(reply(each.getMsg()));
          }
        });
    Client calling = rig.client(Client.builder().observer(client));
    try (Exchange<EchoRequest, EchoReply> chat =
        calling.open(Request.opening(CHAT).at("ip://" + serving.address()))) {
      for (int i = 0; i < 10; i++) {
        chat.send(request("hello"));
        assertThat(chat.next()).isEqualTo(reply("hello"));
        assertThat(chat.next()).isEqualTo(reply("hello"));
      }
      chat.finish();
      assertThat(chat.next()).isNull();
    }
    String bytes = 10 * bytes("hello") + "/" + 20 * bytes("hello");
    assertThat(client.lines(1))
        .containsExactly(
            "begin demo.chat BIDIRECTIONAL CLIENT",
            "try 1 at " + serving.address(),
            "sent 0",
            "first byte",
            "ended OK " + bytes);
    assertThat(server.lines(1))
        .hasSize(3)
        .contains("begin demo.chat BIDIRECTIONAL SERVER", "ended OK " + bytes);
  }

  @Test
  void aViewThatWasKeptTellsNothingLater() throws Exception {
    AtomicReference<@Nullable CallView> kept = new AtomicReference<>();
    CallObserver keeps =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            kept.set(call);
            return this;
          }
        };
    Server server = rig.serve(Rig.servers().observer(keeps), Rig::echo, Execution.inline());
    Server other = rig.serve(Rig::echo);
    Client client = rig.client(Client.builder().observer(keeps));
    assertThat(client.send(Rig.to(other))).isNotNull();
    requireUseless(kept.get());
    // An inline call's place is used again: its old view must not tell of the new call either.
    for (int i = 0; i < 3; i++) {
      assertThat(rig.client().send(Rig.to(server))).isNotNull();
      await().untilAsserted(() -> requireUseless(kept.get())); // It is told of the end still.
    }
  }

  private static void requireUseless(@Nullable CallView late) {
    assertThat(late).isNotNull();
    assertThatThrownBy(late::method)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only during the callback");
    assertThatThrownBy(late::startNanos).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void observersThatThrowHarmNeitherCallsNorOtherObservers() throws Exception {
    CallObserver broken =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            return this;
          }

          @Override
          public void tryBegun(Object kept, CallView call) {
            throw new IllegalStateException("a bug in an observer (a test)");
          }

          @Override
          public void sent(Object kept, CallView call) {
            throw new StackOverflowError("a bug in an observer (a test)");
          }

          @Override
          public void firstByte(Object kept, CallView call) {
            throw new AssertionError("a bug in an observer (a test)");
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            throw new IllegalStateException("a bug in an observer (a test)");
          }
        };
    CallDiary client = new CallDiary();
    CallDiary server = new CallDiary();
    Server serving =
        rig.serve(Rig.servers().observer(broken).observer(server), Rig::echo, Execution.inline());
    Client calling = rig.client(Client.builder().observer(broken).observer(client));
    for (int i = 0; i < 3; i++) {
      assertThat(calling.send(Rig.to(serving)).body()).isEqualTo(reply("hi"));
      assertThat(calling.sendAsync(Rig.to(serving)).get(10, TimeUnit.SECONDS).body())
          .isEqualTo(reply("hi"));
    }
    assertThat(client.lines(6)).hasSize(30);
    assertThat(server.lines(6)).hasSize(18);
    await().until(() -> serving.inFlight() == 0);
  }
}
