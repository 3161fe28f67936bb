package erpc.calls;

import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Traces over several processes, built on what observers are told and may set. */
@Timeout(60)
class SpansTest {
  private static final TraceContext GIVEN =
      TraceContext.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

  private static final TraceContext OTHER = TraceContext.of(1, 2, 3, 0);

  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /**
   * A span that has ended.
   *
   * @param parent the id of the span it is a child of; 0 if of none
   */
  private record Span(String name, TraceContext context, long parent, Status status) {}

  /** Makes a span for each call on either side, and for each try one below its call's. */
  private static final class Spans implements CallObserver {
    final List<Span> ended = new CopyOnWriteArrayList<>();
    private final Random random = new Random(1);

    /** A call under way. */
    private final class Open {
      final String name;
      final TraceContext own;
      final long parent;
      @Nullable TraceContext attempt;

      Open(String name, @Nullable TraceContext parent) {
        this.name = name;
        this.own = parent == null ? TraceContext.root(random, true) : parent.child(random);
        this.parent = parent == null ? 0 : parent.spanId();
      }

      void attemptEnded(Status status) {
        TraceContext last = attempt;
        if (last != null) {
          ended.add(new Span("try of " + name, last, own.spanId(), status));
          attempt = null;
        }
      }
    }

    @Override
    public Object begin(CallView call) {
      Open open = new Open(call.side() + " " + call.method(), call.trace());
      call.trace(open.own);
      return open;
    }

    @Override
    public void tryBegun(Object kept, CallView call) {
      if (call.side() == CallView.Side.CLIENT) {
        Open open = (Open) kept;
        TraceContext attempt = open.own.child(random);
        open.attempt = attempt;
        call.trace(attempt);
      }
    }

    @Override
    public void retried(Object kept, CallView call, Status why) {
      ((Open) kept).attemptEnded(why);
    }

    @Override
    public void ended(Object kept, CallView call, Status status) {
      Open open = (Open) kept;
      open.attemptEnded(status);
      ended.add(new Span(open.name, open.own, open.parent, status));
    }

    Span named(String name) {
      return ended.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
    }
  }

  @Test
  void spansOverTwoHopsHaveTheirParents() throws Exception {
    Spans front = new Spans();
    Spans middle = new Spans();
    Spans back = new Spans();
    Server last = rig.serve(Rig.servers().observer(back), Rig::echo);
    Client between = rig.client(Client.builder().observer(middle));
    Server first =
        rig.serve(
            Rig.servers().observer(middle),
            (context, request) -> between.send(Rig.to(last).withBody(request)).body());
    Client client = rig.client(Client.builder().observer(front));
    assertThat(client.send(Rig.to(first)).body()).isEqualTo(reply("hi"));
    await().until(() -> front.ended.size() == 2 && middle.ended.size() == 3);
    await().until(() -> back.ended.size() == 1);
    Span root = front.named("CLIENT demo.echo");
    assertThat(root.parent()).isZero();
    List<Span> way =
        List.of(
            root,
            front.named("try of CLIENT demo.echo"),
            middle.named("SERVER demo.echo"),
            middle.named("CLIENT demo.echo"),
            middle.named("try of CLIENT demo.echo"),
            back.named("SERVER demo.echo"));
    for (int i = 1; i < way.size(); i++) {
      assertThat(way.get(i).parent()).isEqualTo(way.get(i - 1).context().spanId());
      assertThat(way.get(i).context().traceIdText()).isEqualTo(root.context().traceIdText());
      assertThat(way.get(i).context().isSampled()).isTrue();
      assertThat(way.get(i).status().isOk()).isTrue();
    }
  }

  @Test
  void aTraceThatACallBringsReachesTheHandlersBehindItWithoutObservers() throws Exception {
    AtomicReference<@Nullable TraceContext> seen = new AtomicReference<>();
    Server last =
        rig.serve((context, request) -> {
          seen.set(context.trace());
          return reply("");
        });
    Client between = rig.client();
    Server first =
        rig.serve((context, request) -> between.send(Rig.to(last).withBody(request)).body());
    CallObserver sets =
        call -> {
          call.trace(GIVEN);
          return null;
        };
    Client client = rig.client(Client.builder().observer(sets));
    Reply<?> unused = client.send(Rig.to(first));
    assertThat(seen).hasValue(GIVEN);
  }

  @Test
  void aHandlerMayPutCallsUnderAnotherSpan() throws Exception {
    AtomicReference<@Nullable TraceContext> seen = new AtomicReference<>();
    Server last =
        rig.serve((context, request) -> {
          seen.set(context.trace());
          return reply("");
        });
    Client between = rig.client();
    Server first =
        rig.serve((context, request) -> {
          assertThat(context.trace()).isNull();
          Context before = context.withTrace(GIVEN).enter();
          try {
            return between.send(Rig.to(last).withBody(request)).body();
          } finally {
            Context.exit(before);
          }
        });
    Reply<?> unused = rig.client().send(Rig.to(first));
    assertThat(Objects.requireNonNull(seen.get())).isEqualTo(GIVEN);
  }

  /** A server that answers the trace that its callers are in. */
  private Server answeringTraces() throws Exception {
    return rig.serve((context, request) -> reply(String.valueOf(context.trace())));
  }

  @Test
  void aRequestBringsTheTraceThatItSays() throws Exception {
    Server server = answeringTraces();
    Request<EchoRequest, EchoReply> traced = Rig.to(server).withTrace(GIVEN);
    assertThat(traced.trace()).isEqualTo(GIVEN);
    for (ClientBuilder builder :
        List.of(
            Client.builder(),
            Client.builder().filter((request, next) -> next.call(request)),
            Client.builder().attemptFilter((request, next) -> next.call(request)))) {
      Client client = rig.client(builder);
      assertThat(client.send(traced).body()).isEqualTo(reply(GIVEN.toString()));
      assertThat(client.sendAsync(traced).get().body()).isEqualTo(reply(GIVEN.toString()));
    }
  }

  @Test
  void aStreamBringsTheTraceThatItsRequestSays() throws Exception {
    Method<EchoRequest, EchoReply> count =
        Method.serverStreaming("demo.count", EchoRequest.class, EchoReply.class);
    Server server =
        answeringTraces()
            .handleServerStream(
                count,
                (context, request, replies) ->
                    replies.send(reply(String.valueOf(context.trace()))));
    Request<EchoRequest, EchoReply> traced =
        Request.of(count, Rig.request("")).at("ip://" + server.address()).withTrace(GIVEN);
    try (var replies = rig.client().open(traced)) {
      assertThat(replies.one()).isEqualTo(reply(GIVEN.toString()));
    }
  }

  @Test
  void theTraceOfARequestBeatsThatOfTheCallBeingHandled() throws Exception {
    Server last = answeringTraces();
    Client between = rig.client();
    Server first =
        rig.serve((context, request) ->
            reply(
                context.trace()
                    + " "
                    + between.send(Rig.to(last)).body().getMsg()
                    + " "
                    + between.send(Rig.to(last).withTrace(OTHER)).body().getMsg()));
    String said = rig.client().send(Rig.to(first).withTrace(GIVEN)).body().getMsg();
    assertThat(said).isEqualTo(GIVEN + " " + GIVEN + " " + OTHER);
  }

  @Test
  void observersSeeTheTraceOfARequestAndMaySetAnother() throws Exception {
    Server server = answeringTraces();
    AtomicReference<@Nullable TraceContext> seen = new AtomicReference<>();
    CallObserver sets =
        call -> {
          seen.set(call.trace());
          call.trace(OTHER);
          return null;
        };
    Client client = rig.client(Client.builder().observer(sets));
    assertThat(client.send(Rig.to(server).withTrace(GIVEN)).body())
        .isEqualTo(reply(OTHER.toString()));
    assertThat(seen).hasValue(GIVEN);
  }

  @Test
  void aFilterAroundATryHasTheLastWordOnItsTrace() throws Exception {
    Server server = answeringTraces();
    CallObserver sets =
        call -> {
          call.trace(OTHER);
          return null;
        };
    Client client =
        rig.client(
            Client.builder()
                .observer(sets)
                .attemptFilter((request, next) -> next.call(request.withTrace(GIVEN))));
    TraceContext third = TraceContext.of(7, 8, 9, 0);
    assertThat(client.send(Rig.to(server).withTrace(third)).body())
        .isEqualTo(reply(GIVEN.toString()));
    assertThat(client.send(Rig.to(server)).body()).isEqualTo(reply(GIVEN.toString()));
  }

  @Test
  void aCallThatNobodyTracesBringsNoTrace() throws Exception {
    AtomicReference<@Nullable TraceContext> seen = new AtomicReference<>(GIVEN);
    Server server =
        rig.serve((context, request) -> {
          seen.set(context.trace());
          return reply("");
        });
    Reply<?> unused = rig.client().send(Rig.to(server));
    assertThat(seen).hasValue(null);
  }
}
