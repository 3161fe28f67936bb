package erpc.calls;

import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Flows;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.StreamHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Streams of messages from a client to a server and back, over every transport, by every protocol.
 */
@ParameterizedClass
@EnumSource
@Timeout(60)
class StreamsTest extends StreamsFixture {
  @Test
  void streamsReplies() throws Exception {
    Server server = serve(s -> s.handleServerStream(COUNT, StreamsFixture::count));
    for (int most : new int[] {0, 1, 10_000}) {
      try (var replies = counting(rig().client(), server, most)) {
        int next = 0;
        for (EchoReply each : replies) {
          assertThat(each.getMsg()).isEqualTo(Integer.toString(next++));
        }
        assertThat(next).isEqualTo(most);
        assertThat(replies.status()).isEqualTo(Status.OK);
      }
    }
  }

  @Test
  void streamsRequests() throws Exception {
    Server server = serve(s -> s.handleClientStream(JOIN, StreamsFixture::join));
    try (var call = rig().client().open(to(server, Request.opening(JOIN)))) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 5_000; i++) {
        call.send(request(i + ","));
        all.append(i).append(',');
      }
      assertThat(call.reply().getMsg()).isEqualTo(all.toString());
    }
    try (var call = rig().client().open(to(server, Request.opening(JOIN)))) {
      assertThat(call.reply().getMsg()).isEmpty();
    }
  }

  @Test
  void streamsBothWaysInTurn() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT, StreamsFixture::chat));
    try (var call = chatting(rig().client(), server)) {
      for (int i = 0; i < 200; i++) {
        call.send(request("m" + i));
        assertThat(call.next()).isEqualTo(reply("m" + i));
      }
      call.finish();
      assertThat(call.next()).isNull();
    }
  }

  @Test
  void carriesMessagesOfManyFramesBothWays() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT, StreamsFixture::chat));
    String large = "x".repeat(3_000_000);
    try (var call = chatting(rig().client(), server);
        var sender = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> sent =
          sender.submit(() -> {
            for (int i = 0; i < 10; i++) {
              call.send(request(large + i));
              call.send(request("small" + i));
            }
            call.finish();
          });
      for (int i = 0; i < 10; i++) {
        assertThat(call.next()).isEqualTo(reply(large + i));
        assertThat(call.next()).isEqualTo(reply("small" + i));
      }
      assertThat(call.next()).isNull();
      sent.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void manyStreamsShareAConnection() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT, StreamsFixture::chat));
    Client client = rig().client();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        String name = "s" + i;
        all.add(
            threads.submit(() -> {
              try (var call = chatting(client, server)) {
                for (int m = 0; m < 30; m++) {
                  call.send(request(name + m + "y".repeat(m * 50)));
                }
                for (int m = 0; m < 30; m++) {
                  assertThat(call.next()).isEqualTo(reply(name + m + "y".repeat(m * 50)));
                }
              }
            }));
      }
      for (Future<?> each : all) {
        each.get(40, TimeUnit.SECONDS);
      }
    }
    Awaitility.await().until(() -> server.inFlight() == 0);
  }

  @Test
  void aSlowReaderSlowsTheHandlerDown() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT,
                (context, request, replies) -> {
                  String padding = "p".repeat(1_000);
                  for (int i = 0; i < 10_000; i++) {
                    replies.send(reply(padding));
                    sent.incrementAndGet();
                  }
                }));
    try (var call = counting(rig().client(), server, 0)) {
      assertThat(call.next()).isNotNull();
      // It stands still once window, queue and socket are full: far below the 10 MB.
      AtomicInteger before = new AtomicInteger(-1);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(100))
          .until(() -> before.getAndSet(sent.get()) == sent.get());
      assertThat(sent.get()).isLessThan(2_000);
      int rest = 0;
      for (EchoReply each : call) {
        assertThat(each.getMsg()).hasSize(1_000);
        rest++;
      }
      assertThat(rest).isEqualTo(9_999);
    }
  }

  @Test
  void headersComeBeforeTheFirstMessageAndTrailersWithTheStatus() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  context.addHeader("h", context.metadata().text("asked"));
                  replies.send(reply("first"));
                  context.addTrailer("t", "2");
                  requests.close();
                }));
    Request<EchoRequest, EchoReply> opening =
        to(server, Request.opening(CHAT)).withMetadata("asked", "1");
    try (var call = rig().client().open(opening)) {
      assertThat(call.next()).isEqualTo(reply("first"));
      assertThat(call.headers().text("h")).isEqualTo("1");
      assertThat(call.next()).isNull();
      assertThat(call.trailers().text("t")).isEqualTo("2");
    }
  }

  @Test
  void eachMessageIsCompressedAsItsRequestSays() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT, StreamsFixture::chat));
    Request<EchoRequest, EchoReply> opening =
        to(server, Request.opening(CHAT)).withCompression("gzip").withCodec("json");
    try (var call = rig().client().open(opening)) {
      for (int i = 0; i < 20; i++) {
        call.send(request("c".repeat(i * 5_000)));
        assertThat(call.next()).isEqualTo(reply("c".repeat(i * 5_000)));
      }
    }
  }

  @Test
  void anAsymmetricUseIsRefusedWithWhatToUse() throws Exception {
    Client client = rig().client();
    assertThatThrownBy(() -> client.open(Rig.ECHO)).hasMessageContaining("call or send for UNARY");
    assertThatThrownBy(() -> client.open(COUNT)).hasMessageContaining("open(method, request)");
    assertThatThrownBy(() -> client.open(CHAT, request("x"))).hasMessageContaining("open(");
    assertThatThrownBy(() -> client.call(CHAT, request("x"))).hasMessageContaining("use open");
    Server server = rig().serve(Rig::echo);
    assertThatThrownBy(() -> server.handle(CHAT, Rig::echo)).hasMessageContaining("stream handler");
    StreamHandler<EchoRequest, EchoReply> handler = StreamsFixture::chat;
    assertThatThrownBy(() -> server.handleStream(Rig.ECHO, handler))
        .hasMessageContaining("is UNARY");
    assertThatThrownBy(() -> server.handleStream(CHAT, handler, Execution.inline()))
        .hasMessageContaining("inline");
  }

  @Test
  void filtersAreAroundAStreamOnBothSides() throws Exception {
    List<String> seen = java.util.Collections.synchronizedList(new ArrayList<>());
    ServerBuilder servers =
        Rig.servers()
            .filter((request, next) -> {
              seen.add("server in " + request.metadata().text("by"));
              Reply<?> reply = next.call(request);
              seen.add("server out");
              return reply;
            });
    Server server = serve(servers, s -> s.handleStream(CHAT, StreamsFixture::chat));
    Client client =
        rig()
            .client(
                Client.builder()
                    .filter((request, next) -> next.call(request.withMetadata("by", "filter")))
                    .attemptFilter((request, next) -> {
                      seen.add("attempt");
                      return next.call(request);
                    }));
    try (var call = chatting(client, server)) {
      call.send(request("hi"));
      assertThat(call.next()).isEqualTo(reply("hi"));
      call.finish();
      assertThat(call.next()).isNull();
    }
    Awaitility.await().until(() -> seen.size() == 3);
    assertThat(seen).containsExactly("attempt", "server in filter", "server out");
  }

  @Test
  void flowsSendAndReceive() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT, StreamsFixture::chat));
    List<String> got = java.util.Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<String> done = new CompletableFuture<>();
    try (var call = chatting(rig().client(), server);
        var publisher = new SubmissionPublisher<EchoRequest>()) {
      Flows.publisher(call).subscribe(new Collecting(got, done));
      var sent = Flows.send(publisher, call, call::finish);
      for (int i = 0; i < 1_000; i++) {
        publisher.submit(request("f" + i));
      }
      publisher.close();
      sent.get(20, TimeUnit.SECONDS);
      assertThat(done.get(20, TimeUnit.SECONDS)).isEqualTo("complete");
    }
    assertThat(got).hasSize(1_000).startsWith("f0", "f1").endsWith("f999");
  }

  /** Asks for three at a time. */
  private record Collecting(List<String> got, CompletableFuture<String> done)
      implements Flow.Subscriber<EchoReply> {
    private static final AtomicReference<Flow.@Nullable Subscription> HELD =
        new AtomicReference<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      HELD.set(subscription);
      subscription.request(3);
    }

    @Override
    public void onNext(EchoReply item) {
      got.add(item.getMsg());
      if (got.size() % 3 == 0) {
        java.util.Objects.requireNonNull(HELD.get()).request(3);
      }
    }

    @Override
    public void onError(Throwable thrown) {
      done.complete(thrown.toString());
    }

    @Override
    public void onComplete() {
      done.complete("complete");
    }
  }
}
