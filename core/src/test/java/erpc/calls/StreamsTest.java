package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Context;
import erpc.call.Flows;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.StreamHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Streams of messages from a client to a server and back, over every transport, by every protocol.
 */
@ParameterizedClass
@EnumSource
@Timeout(60)
class StreamsTest {
  private static final Method<EchoRequest, EchoReply> COUNT =
      Method.serverStreaming("demo.count", EchoRequest.class, EchoReply.class);
  private static final Method<EchoRequest, EchoReply> JOIN =
      Method.clientStreaming("demo.join", EchoRequest.class, EchoReply.class);
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  @Parameter Way way;

  private @Nullable Rig made;
  private final AtomicReference<@Nullable Status> seenByHandler = new AtomicReference<>();
  private final CountDownLatch handlerEnded = new CountDownLatch(1);
  private final CountDownLatch handlerMayEnd = new CountDownLatch(1);

  @BeforeEach
  void open() {
    made = new Rig(way);
  }

  @AfterEach
  void close() throws Exception {
    rig().close();
  }

  private Rig rig() {
    return java.util.Objects.requireNonNull(made);
  }

  private Server serve(Consumer<Server> handlers) throws Exception {
    return serve(Rig.servers(), handlers);
  }

  private Server serve(ServerBuilder builder, Consumer<Server> handlers) throws Exception {
    Server server = rig().serve(builder, Rig::echo);
    handlers.accept(server);
    return server;
  }

  private static void count(
      Context context, EchoRequest request, erpc.call.Outgoing<EchoReply> replies) {
    int most = Integer.parseInt(request.getMsg());
    for (int i = 0; i < most; i++) {
      replies.send(reply(Integer.toString(i)));
    }
  }

  private static EchoReply join(Context context, erpc.call.Incoming<EchoRequest> requests) {
    StringBuilder all = new StringBuilder();
    for (EchoRequest each : requests) {
      all.append(each.getMsg());
    }
    return reply(all.toString());
  }

  private static void chat(
      Context context,
      erpc.call.Incoming<EchoRequest> requests,
      erpc.call.Outgoing<EchoReply> replies) {
    for (EchoRequest each : requests) {
      replies.send(reply(each.getMsg()));
    }
  }

  private static <Q, R> Request<Q, R> to(Server server, Request<Q, R> request) {
    return request.at("ip://" + server.address());
  }

  private static Exchange<EchoRequest, EchoReply> counting(Client client, Server server, int most) {
    return client.open(to(server, Request.of(COUNT, request(Integer.toString(most)))));
  }

  private static Exchange<EchoRequest, EchoReply> chatting(Client client, Server server) {
    return client.open(to(server, Request.opening(CHAT)));
  }

  @Test
  void aHandlerThatWantsNoMoreRequestsDoesNotStrangleItsCaller() throws Exception {
    Server server =
        serve(on ->
            on.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  var first = requests.next();
                  requests.close();
                  assertThat(requests.next()).isNull();
                  for (int i = 0; i < 100; i++) {
                    replies.send(reply(first == null ? "" : first.getMsg()));
                  }
                  handlerMayEnd.await();
                }));
    Request<EchoRequest, EchoReply> opening =
        Request.opening(CHAT).at("list://" + server.address()).withTimeout(Rig.LONG);
    try (Exchange<EchoRequest, EchoReply> call = rig().client().open(opening)) {
      for (int i = 0; i < 100; i++) {
        call.send(request("x".repeat(10_000)));
      }
      call.finish();
      handlerMayEnd.countDown();
      int got = 0;
      for (EchoReply unused : call) {
        got++;
      }
      assertThat(got).isEqualTo(100);
    }
  }

  @Test
  void streamsReplies() throws Exception {
    Server server = serve(s -> s.handleServerStream(COUNT, StreamsTest::count));
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
    Server server = serve(s -> s.handleClientStream(JOIN, StreamsTest::join));
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
    Server server = serve(s -> s.handleStream(CHAT, StreamsTest::chat));
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
    Server server = serve(s -> s.handleStream(CHAT, StreamsTest::chat));
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
    Server server = serve(s -> s.handleStream(CHAT, StreamsTest::chat));
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
  void leavingALoopEarlyCancelsTheHandler() throws Exception {
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT,
                (context, request, replies) -> {
                  try {
                    while (true) {
                      replies.send(reply("more"));
                    }
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    assertThat(context.isCancelled()).isTrue();
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    try (var call = counting(rig().client(), server, 0)) {
      assertThat(call.next()).isNotNull();
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(seenByHandler.get()).extracting(Status::code).isEqualTo(Status.Code.CANCELLED);
    Awaitility.await().until(() -> server.inFlight() == 0);
  }

  @Test
  void aHandlerThatWaitsForRequestsHearsThatTheCallerIsGone() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  replies.send(reply("begun"));
                  try {
                    requests.one();
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    Client client = rig().client();
    try (var call = chatting(client, server)) {
      assertThat(call.next()).isEqualTo(reply("begun"));
      client.close();
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.CANCELLED);
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(seenByHandler.get()).extracting(Status::code).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void aStatusComesBehindTheMessagesBeforeIt() throws Exception {
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT,
                (context, request, replies) -> {
                  for (int i = 0; i < 500; i++) {
                    replies.send(reply("m".repeat(500)));
                  }
                  context.addTrailer("left", "none");
                  throw Status.of(Status.Code.NOT_FOUND, "no more here").toException();
                }));
    try (var call = counting(rig().client(), server, 0)) {
      for (int i = 0; i < 500; i++) {
        assertThat(call.next()).isNotNull();
      }
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(status.isRemote()).isTrue();
      assertThat(status.started()).isEqualTo(Status.Started.YES);
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.NOT_FOUND);
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
  void aHandlerThatThrowsEndsTheStreamWithInternal() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  requests.next();
                  throw new IllegalStateException("broken");
                }));
    try (var call = chatting(rig().client(), server)) {
      call.send(request("hi"));
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.INTERNAL);
      assertThat(failure(() -> call.send(request("more"))).code()).isEqualTo(Status.Code.INTERNAL);
    }
  }

  @Test
  void sendingToAHandlerThatHasAnsweredIsRefused() throws Exception {
    Server server =
        serve(s ->
            s.handleClientStream(JOIN, (context, requests) -> reply(requests.next().getMsg())));
    try (var call = rig().client().open(to(server, Request.opening(JOIN)))) {
      call.send(request("enough"));
      assertThat(call.one()).isEqualTo(reply("enough"));
      assertThat(failure(() -> call.send(request("more"))).code())
          .isEqualTo(Status.Code.FAILED_PRECONDITION);
      call.finish();
    }
  }

  @Test
  void aStreamHasNoEndOfItsOwnButTheOneItWasGiven() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  try {
                    requests.next();
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    Request<EchoRequest, EchoReply> opening = to(server, Request.opening(CHAT));
    long start = System.nanoTime();
    try (var call = rig().client().open(opening.withTimeout(Duration.ofMillis(300)))) {
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(299));
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aStreamWithoutProgressEndsOnBothSides() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  context.onCancel(handlerEnded::countDown);
                  handlerEnded.await(20, TimeUnit.SECONDS);
                }));
    ConnectionSettings impatient =
        ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofMillis(200));
    Client client =
        rig().client(Client.builder().settings(ClientSettings.DEFAULTS.withConnection(impatient)));
    try (var call = chatting(client, server)) {
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(status.message()).contains("200 ms (progressTimeout)");
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aServerGivesUpACallerThatTakesNothing() throws Exception {
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT.progressTimeout(Duration.ofMillis(200)),
                (context, request, replies) -> {
                  try {
                    while (true) {
                      replies.send(reply("z".repeat(1_000)));
                    }
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    try (var call = counting(rig().client(), server, 0)) {
      assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(seenByHandler.get())
          .extracting(Status::code)
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      Status status =
          failure(() -> {
            while (call.next() != null) {
              // What came before is read first.
            }
          });
      assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(status.message()).contains("progressTimeout");
    }
  }

  @Test
  void anInterruptedReaderCancelsTheCall() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  context.onCancel(handlerEnded::countDown);
                  reading.countDown();
                  requests.next();
                }));
    try (var call = chatting(rig().client(), server)) {
      CompletableFuture<Status> seen = new CompletableFuture<>();
      Thread reader =
          Thread.startVirtualThread(() -> {
            Status status = failure(call::next);
            seen.complete(Thread.currentThread().isInterrupted() ? status : Status.OK);
          });
      assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
      reader.interrupt();
      assertThat(seen.get(10, TimeUnit.SECONDS).code()).isEqualTo(Status.Code.CANCELLED);
      assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aMessageOverTheLimitEndsTheStream() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT.maxMessageBytes(100_000), StreamsTest::chat));
    try (var call = chatting(rig().client(), server)) {
      call.send(request("fits"));
      assertThat(call.next()).isEqualTo(reply("fits"));
      call.send(request("x".repeat(200_000)));
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
    try (var call = chatting(rig().client(), server)) {
      assertThat(failure(() -> call.send(request("x".repeat(5 << 20)))).code())
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      call.send(request("goes on"));
      assertThat(call.next()).isEqualTo(reply("goes on"));
    }
  }

  @Test
  void eachMessageIsCompressedAsItsRequestSays() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT, StreamsTest::chat));
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
  void aStreamOfADeadServerEndsInUnavailable() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  replies.send(reply("hello"));
                  context.onCancel(handlerEnded::countDown);
                  handlerEnded.await(20, TimeUnit.SECONDS);
                }));
    try (var call = chatting(rig().client(), server)) {
      assertThat(call.next()).isEqualTo(reply("hello"));
      server.close();
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(status.isRemote()).isTrue();
      assertThat(status.message()).contains("draining");
    }
  }

  @Test
  void anUnknownMethodIsToldToTheReader() throws Exception {
    Server server = serve(s -> {});
    try (var call = chatting(rig().client(), server)) {
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(status.started()).isEqualTo(Status.Started.NO);
    }
  }

  @Test
  void aStreamThatNobodyHasBegunGoesToAnotherServer() throws Exception {
    Server dead = serve(s -> s.handleStream(CHAT, StreamsTest::chat));
    String gone = dead.address();
    dead.close();
    Server server = rig().serve(Rig::echo).handleStream(CHAT, StreamsTest::chat);
    for (int i = 0; i < 4; i++) {
      Client client = rig().client();
      Request<EchoRequest, EchoReply> opening =
          Request.opening(CHAT).at("list://" + gone + "," + server.address());
      try (var call = client.open(opening)) {
        call.send(request("hi"));
        assertThat(call.next()).isEqualTo(reply("hi"));
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
    StreamHandler<EchoRequest, EchoReply> handler = StreamsTest::chat;
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
    Server server = serve(servers, s -> s.handleStream(CHAT, StreamsTest::chat));
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
    Server server = serve(s -> s.handleStream(CHAT, StreamsTest::chat));
    List<String> got = java.util.Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<String> done = new CompletableFuture<>();
    try (var call = chatting(rig().client(), server);
        var publisher = new SubmissionPublisher<EchoRequest>()) {
      Flows.publisher(call).subscribe(new Collecting(got, done));
      var sending = Flows.subscriber(call, call::finish);
      publisher.subscribe(sending);
      for (int i = 0; i < 1_000; i++) {
        publisher.submit(request("f" + i));
      }
      publisher.close();
      sending.outcome().get(20, TimeUnit.SECONDS);
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
