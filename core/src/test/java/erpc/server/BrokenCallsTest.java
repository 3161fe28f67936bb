package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.Responder;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls in whose way something throws before their handler: answered, and their stages left. */
class BrokenCallsTest {
  private static final Method<EchoRequest, EchoReply> ECHO =
      Method.unary("demo.echo", EchoRequest.class, EchoReply.class);

  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private final List<Status.Code> answers = Collections.synchronizedList(new ArrayList<>());
  private final List<Status.Code> ends = Collections.synchronizedList(new ArrayList<>());
  private boolean clockBreaks;

  @AfterEach
  void stop() {
    reactor.close();
  }

  /** Says nothing of who calls: asked for it, when a call's context is made, it throws. */
  private Responder responder() {
    return (Responder)
        Proxy.newProxyInstance(
            Responder.class.getClassLoader(),
            new Class<?>[] {Responder.class},
            (self, method, arguments) -> {
              if (!method.getName().equals("respond")) {
                throw new IllegalStateException("a test");
              }
              answers.add(((Status) arguments[0]).code());
              return null;
            });
  }

  private long nanos() {
    if (clockBreaks) {
      clockBreaks = false;
      throw new IllegalStateException("a test");
    }
    return 0;
  }

  private InboundCall call(Execution execution) throws ReflectiveOperationException {
    CallObserver observer =
        new CallObserver() {
          @Override
          public Object begin(CallView view) {
            return this;
          }

          @Override
          public void ended(Object kept, CallView view, Status status) {
            ends.add(status.code());
          }
        };
    MethodTable methods = new MethodTable(Ticker.system());
    methods.add(ECHO, (context, request) -> EchoReply.getDefaultInstance(), execution);
    ServerStack stack =
        new ServerStack(
            methods,
            Health.addTo(methods),
            new Admission(1, reactor.memory()),
            reactor.memory(),
            Server.builder().ticker(this::nanos).observer(observer));
    CallHead head = new CallHead();
    head.calls(ECHO.name());
    return Objects.requireNonNull(
        ServerCall.begin(stack, head, responder(), null, null, Status.OK));
  }

  @Test
  void callWithoutAContextIsAnsweredAndLeft() throws Exception {
    for (Execution each : List.of(Execution.inline(), Execution.on(Runnable::run))) {
      call(each).message(1, Unpooled.EMPTY_BUFFER, 0);
    }
    assertThat(answers).containsExactly(Status.Code.INTERNAL, Status.Code.INTERNAL);
    assertThat(ends).isEqualTo(answers);
  }

  @Test
  void callsGetTheirThreadsThoughNobodyCouldBeAskedForTheEndOfTheTurn() throws Exception {
    for (int i = 0; i < 3; i++) {
      call(Execution.virtual()).message(1, Unpooled.EMPTY_BUFFER, 0);
    }
    // Each fails only as its handler's thread asks who calls.
    await().until(() -> answers.size() == 3);
  }

  @Test
  void callThatCouldNotBeLetInIsNotInFlight() {
    Admission admission = new Admission(1, reactor.memory());
    assertThatThrownBy(() -> admission.enter(1, responder(), 0)).hasMessage("a test");
    assertThat(admission.inFlight()).isZero();
  }

  @Test
  void callThatCouldNotAskWhoCallsIsNotInFlight() throws Exception {
    Ticker ticker =
        () -> {
          if (StackWalker.getInstance()
              .walk(all -> all.anyMatch(frame -> frame.getMethodName().equals("ask")))) {
            throw new IllegalStateException("a test");
          }
          return System.nanoTime();
        };
    try (Server server =
            Server.builder()
                .reactor(reactor)
                .ticker(ticker)
                .authenticator(claim -> () -> "somebody")
                .build();
        Client client = Client.builder().reactor(reactor).build()) {
      String address =
          server
              .handle(ECHO, (context, request) -> EchoReply.getDefaultInstance())
              .listen("127.0.0.1:0")
              .address();
      var call = Request.of(ECHO, EchoRequest.getDefaultInstance()).at("ip://" + address);
      assertThatThrownBy(() -> client.send(call))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.status().code()).isEqualTo(Status.Code.INTERNAL));
      assertThat(server.inFlight()).isZero();
    }
  }

  @Test
  void callWhoseClockBreaksIsAnsweredAndLeft() throws Exception {
    List<Runnable> threads = new ArrayList<>();
    call(Execution.on(threads::add)).message(1, Unpooled.EMPTY_BUFFER, 0);
    clockBreaks = true;
    threads.get(0).run();
    assertThat(answers).containsExactly(Status.Code.INTERNAL);
    assertThat(ends).isEqualTo(answers);
  }
}
