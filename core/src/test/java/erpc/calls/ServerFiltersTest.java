package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.MessageFilter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.StreamHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server's filters see of calls, streams of messages included. */
@Timeout(60)
class ServerFiltersTest {
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);
  private static final Method<EchoRequest, EchoReply> COUNT =
      Method.serverStreaming("demo.count", EchoRequest.class, EchoReply.class);
  private static final Method<EchoRequest, EchoReply> JOIN =
      Method.clientStreaming("demo.join", EchoRequest.class, EchoReply.class);

  private final Rig rig = new Rig();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** A filter that does something with each message. */
  private final class Messages implements Filter, MessageFilter {
    private final String name;
    private final UnaryOperator<Object> requests;
    private final UnaryOperator<Object> replies;

    Messages(String name, UnaryOperator<Object> requests, UnaryOperator<Object> replies) {
      this.name = name;
      this.requests = requests;
      this.replies = replies;
    }

    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      return next.call(request);
    }

    @Override
    public MessageFilter messages(Request<?, ?> request) {
      seen.add(name + " opens " + request.method());
      return this;
    }

    @Override
    public Object request(Object message) {
      seen.add(name + " request");
      return requests.apply(message);
    }

    @Override
    public Object reply(Object message) {
      seen.add(name + " reply");
      return replies.apply(message);
    }

    @Override
    public void ended(Status status) {
      assertThat(Context.current()).isNotNull();
      seen.add(name + " ended " + status.code());
    }
  }

  private Messages named(String name) {
    return new Messages(name, message -> message, message -> message);
  }

  private Server serve(StreamHandler<EchoRequest, EchoReply> handler, Filter... filters)
      throws Exception {
    ServerBuilder builder = Rig.servers();
    for (Filter each : filters) {
      builder.filter(each);
    }
    return rig.serve(builder, Rig::echo)
        .handleStream(CHAT, handler)
        .handleStream(COUNT, handler)
        .handleStream(JOIN, handler);
  }

  private static void chat(
      Context context,
      erpc.call.Incoming<EchoRequest> requests,
      erpc.call.Outgoing<EchoReply> replies) {
    for (EchoRequest each : requests) {
      replies.send(reply(each.getMsg()));
    }
  }

  private Exchange<EchoRequest, EchoReply> open(
      Server server, Method<EchoRequest, EchoReply> method) {
    Request<EchoRequest, EchoReply> opening =
        method.kind().streamsRequests() ? Request.opening(method) : Request.of(method, request(""));
    return rig.client().open(opening.at("ip://" + server.address()).withTimeout(Rig.LONG));
  }

  @Test
  void passMessagesInTheirOrderAndAreToldOfTheEnd() throws Exception {
    Server server = serve(ServerFiltersTest::chat, named("a"), named("b"));
    try (var call = open(server, CHAT)) {
      call.send(request("hi"));
      assertThat(call.next()).isEqualTo(reply("hi"));
      call.finish();
      assertThat(call.next()).isNull();
    }
    await().until(() -> seen.contains("a ended OK"));
    assertThat(seen)
        .containsExactly(
            "a opens demo.chat",
            "b opens demo.chat",
            "a request",
            "b request",
            "b reply",
            "a reply",
            "b ended OK",
            "a ended OK");
  }

  @Test
  void areNotAskedForMessagesOfUnaryCalls() throws Exception {
    Server server = serve(ServerFiltersTest::chat, named("a"));
    assertThat(rig.client().send(Rig.to(server)).body()).isEqualTo(reply("hi"));
    assertThat(seen).isEmpty();
  }

  @Test
  void changeMessages() throws Exception {
    Filter change =
        new Messages(
            "a",
            message -> request(((EchoRequest) message).getMsg() + " in"),
            message -> reply(((EchoReply) message).getMsg() + " out"));
    try (var call = open(serve(ServerFiltersTest::chat, change), CHAT)) {
      call.send(request("hi"));
      assertThat(call.next()).isEqualTo(reply("hi in out"));
    }
  }

  private static Object refuse(Object message) {
    throw Status.of(Code.PERMISSION_DENIED, "not this one").toException();
  }

  @Test
  void endTheCallByRefusingARequestWhateverItsHandlerMakesOfIt() throws Exception {
    for (Filter refusing :
        List.of(
            new Messages("a", ServerFiltersTest::refuse, message -> message),
            new Messages("a", message -> message, ServerFiltersTest::refuse))) {
      Server server =
          serve(
              (context, requests, replies) -> {
                assertThat(catchThrowable(() -> chat(context, requests, replies)))
                    .isInstanceOf(RpcException.class);
                assertThat(catchThrowable(requests::next)).isInstanceOf(RpcException.class);
                assertThat(catchThrowable(() -> replies.send(reply("after all"))))
                    .isInstanceOf(RpcException.class);
              },
              named("around"),
              refusing);
      try (var call = open(server, CHAT)) {
        call.send(request("hi"));
        Status status = failure(call::next);
        assertThat(status.code()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(status.message()).isEqualTo("not this one");
        assertThat(status.started()).isEqualTo(Started.YES);
      }
    }
    await()
        .until(() -> seen.stream().filter("around ended PERMISSION_DENIED"::equals).count() == 2);
  }

  @Test
  void thatThrowOrLoseAMessageEndTheCallWithInternal() throws Exception {
    UnaryOperator<@Nullable Object> none = message -> null;
    UnaryOperator<Object> broken =
        message -> {
          throw new IllegalStateException("secret");
        };
    for (UnaryOperator<Object> each : List.of(broken, cast(none), message -> "another type")) {
      Server server = serve(ServerFiltersTest::chat, new Messages("a", each, message -> message));
      try (var call = open(server, CHAT)) {
        call.send(request("hi"));
        Status status = failure(call::next);
        assertThat(status.code()).isEqualTo(Code.INTERNAL);
        assertThat(status.message()).doesNotContain("secret");
      }
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // What a filter in another language might do.
  private static UnaryOperator<Object> cast(UnaryOperator<@Nullable Object> of) {
    return (UnaryOperator<Object>) (UnaryOperator<?>) of;
  }

  @Test
  void areToldThatACallWasCancelled() throws Exception {
    Server server = serve(ServerFiltersTest::chat, named("a"));
    try (var call = open(server, CHAT)) {
      call.send(request("hi"));
      assertThat(call.next()).isEqualTo(reply("hi"));
    }
    await().until(() -> seen.contains("a ended CANCELLED"));
  }

  @Test
  void seeTheStatusThatAHandlersExceptionBecame() throws Exception {
    for (boolean streams : new boolean[] {false, true}) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      IllegalStateException raw = new IllegalStateException("secret");
      Filter filter =
          (request, next) -> {
            try {
              return next.call(request);
            } catch (Throwable e) {
              thrown.complete(e);
              throw e;
            }
          };
      Filter inner = (request, next) -> next.call(request);
      Server server =
          rig.serve(
                  Rig.servers().filter(filter).filter(inner),
                  (context, request) -> {
                    throw raw;
                  })
              .handleStream(
                  COUNT,
                  (context, requests, replies) -> {
                    throw raw;
                  });
      Status told;
      if (streams) {
        try (var call = open(server, COUNT)) {
          told = failure(call::next);
        }
      } else {
        told = failure(() -> rig.client().send(Rig.to(server)));
      }
      Throwable became = thrown.get(10, TimeUnit.SECONDS);
      assertThat(became).isInstanceOf(RpcException.class).hasCause(raw);
      Status status = ((RpcException) became).status();
      assertThat(status.code()).isEqualTo(Code.INTERNAL);
      assertThat(status.started()).isEqualTo(Started.YES);
      assertThat(status.message()).contains("number").doesNotContain("secret");
      assertThat(told.message()).isEqualTo(status.message());
    }
  }

  @Test
  void answerAStreamThemselves() throws Exception {
    for (Method<EchoRequest, EchoReply> method : List.of(CHAT, COUNT, JOIN)) {
      Object body =
          method == JOIN ? reply("one") : List.of(reply("one"), reply("two"), reply("three"));
      seen.clear();
      Server server =
          serve(
              (context, requests, replies) -> {
                throw new AssertionError("not reached");
              },
              named("around"),
              (request, next) ->
                  new Reply<>(body, Metadata.of("h", "1"), Metadata.of("t", "2"), ""),
              named("within"));
      try (var call = open(server, method)) {
        assertThat(call.next()).isEqualTo(reply("one"));
        if (method != JOIN) {
          assertThat(call.next()).isEqualTo(reply("two"));
          assertThat(call.next()).isEqualTo(reply("three"));
        }
        assertThat(call.next()).isNull();
        assertThat(call.headers().text("h")).isEqualTo("1");
        assertThat(call.trailers().text("t")).isEqualTo("2");
      }
      await().until(() -> seen.contains("around ended OK"));
      assertThat(seen).contains("around reply").noneMatch(line -> line.startsWith("within"));
    }
  }

  @Test
  void mayAnswerForAHandlerThatFailed() throws Exception {
    Filter instead =
        (request, next) -> {
          try {
            return next.call(request);
          } catch (RpcException e) {
            return Reply.of(reply("instead of " + e.code()));
          }
        };
    Server server =
        serve(
            (context, requests, replies) -> {
              throw Status.of(Code.NOT_FOUND, "no").toException();
            },
            instead);
    try (var call = open(server, JOIN)) {
      assertThat(call.reply()).isEqualTo(reply("instead of NOT_FOUND"));
    }
  }

  @Test
  void mayNotAnswerOnceMore() throws Exception {
    Filter twice =
        (request, next) -> {
          var unused = next.call(request);
          return Reply.of(reply("once more"));
        };
    Server server = serve((context, requests, replies) -> replies.send(reply("done")), twice);
    try (var call = open(server, JOIN)) {
      assertThat(failure(call::reply).message()).contains("answered already");
    }
  }
}
