package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.BodyType;
import erpc.call.Filter;
import erpc.call.Request;
import erpc.call.Sink;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Authenticator;
import erpc.server.Execution;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import erpc.transport.Credentials;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Users' code that throws what cannot even be printed, wherever it is called: the call is answered
 * at once, and nothing else notices.
 */
@Timeout(60)
class HostileCodeTest {
  /** An error whose own methods throw. */
  private static final class Hostile extends Error {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw this;
    }

    @Override
    public String toString() {
      throw this;
    }

    @Override
    public synchronized Throwable getCause() {
      throw this;
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      throw this;
    }
  }

  private static final List<Supplier<Throwable>> ALL =
      List.of(
          Hostile::new,
          StackOverflowError::new,
          () -> new OutOfMemoryError("a test"),
          () -> new AssertionError("a test"),
          () -> new Exception("a test"));

  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** Throws what the compiler would like to see declared. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable, R> R thrown(Throwable any) throws T {
    throw (T) any;
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // Whatever is wanted: it only throws.
  private static <R> R hostile() {
    return HostileCodeTest.<RuntimeException, R>thrown(new Hostile());
  }

  private static Handler<EchoRequest, EchoReply> throwing(CountDownLatch hold) {
    return (context, request) -> {
      if (request.getMsg().equals("hold")) {
        hold.await();
        return reply("held");
      }
      if (request.getMsg().equals("hi")) {
        return reply("hi");
      }
      return thrown(ALL.get(Integer.parseInt(request.getMsg())).get());
    };
  }

  @Test
  void aHandlersCallerIsAnsweredAndItsNeighboursGoOn() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    Server virtual = rig.serve(throwing(hold));
    Server inline = rig.serve(Rig.servers(), throwing(hold), Execution.inline());
    Server direct = rig.serve(Rig.servers(), throwing(hold), Execution.on(Runnable::run));
    Client client = rig.clientOfOneTry();
    CompletableFuture<?> neighbour =
        client.sendAsync(Rig.to(virtual).withBody(Rig.request("hold")));
    for (Server server : List.of(virtual, inline, direct)) {
      for (int i = 0; i < ALL.size(); i++) {
        Request<EchoRequest, EchoReply> call = Rig.to(server).withBody(Rig.request("" + i));
        Status status = failure(client.sendAsync(call));
        assertThat(status.code()).isIn(Code.INTERNAL, Code.RESOURCE_EXHAUSTED);
        assertThat(status.message()).doesNotContain("a test");
      }
      assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
      assertThat(server.connectionCount()).isEqualTo(1);
    }
    assertThat(neighbour).isNotDone();
    hold.countDown();
    neighbour.get(10, TimeUnit.SECONDS);
    await().until(() -> virtual.inFlight() + inline.inFlight() + direct.inFlight() == 0);
  }

  private void assertEachIsAnswered(Server server, Client client, Code... codes) {
    for (Status status :
        List.of(
            failure(client.sendAsync(Rig.to(server))),
            failure(() -> client.send(Rig.to(server))))) {
      assertThat(status.code()).as(status.toString()).isIn((Object[]) codes);
      assertThat(status.message()).as(status.toString()).doesNotContain("deadline");
    }
  }

  @Test
  void filtersThatThrowItFailTheirCallOnly() throws Exception {
    Server server = rig.serve(Rig::echo);
    for (Supplier<Throwable> each : ALL) {
      Filter before = (request, next) -> thrown(each.get());
      Filter after =
          (request, next) -> {
            var unused = next.call(request);
            return thrown(each.get());
          };
      for (Filter filter : List.of(before, after)) {
        assertEachIsAnswered(server, rig.client(Client.builder().filter(filter)), Code.INTERNAL);
        ClientBuilder tries = Client.builder().attemptFilter(filter);
        assertEachIsAnswered(server, rig.client(tries), Code.INTERNAL);
        Server filtered = rig.serve(Rig.servers().filter(filter), Rig::echo);
        assertEachIsAnswered(filtered, rig.client(), Code.INTERNAL, Code.RESOURCE_EXHAUSTED);
        assertThat(filtered.connectionCount()).isEqualTo(1);
      }
    }
  }

  /** Where a filter or codec is asked beside its work. */
  @Test
  void filtersThatCannotEvenBeAskedFailTheirCallOnly() throws Exception {
    Filter secretive =
        new Filter() {
          @Override
          public erpc.call.Reply<?> call(Request<?, ?> request, Next next) throws Exception {
            return next.call(request);
          }

          @Override
          public boolean mayBlock() {
            return hostile();
          }

          @Override
          public boolean wantsMessages() {
            return hostile();
          }
        };
    Server server = rig.serve(Rig.servers().filter(secretive), Rig::echo, Execution.inline());
    Server threads = rig.serve(Rig.servers().filter(secretive), Rig::echo);
    assertEachIsAnswered(server, rig.client(), Code.INTERNAL);
    assertEachIsAnswered(threads, rig.client(), Code.INTERNAL);
    assertThat(server.connectionCount() + threads.connectionCount()).isEqualTo(2);
  }

  private record Codecing(String fails, AtomicBoolean serves) implements Codec {
    private static final Codec PB = Codecs.standard().byName("pb");

    private void at(String place) {
      if (place.equals(fails) && serves.get()) {
        boolean unused = hostile();
      }
    }

    @Override
    public String name() {
      return PB.name();
    }

    @Override
    public int id() {
      return PB.id();
    }

    @Override
    public boolean supports(BodyType<?> type) {
      at("supports");
      return PB.supports(type);
    }

    @Override
    public boolean isImmutable(BodyType<?> type) {
      at("isImmutable");
      return PB.isImmutable(type);
    }

    @Override
    public void write(BodyType<?> type, Object message, Sink sink) {
      if (fails.equals("write")) {
        sink.write(1);
      }
      at("write");
      PB.write(type, message, sink);
    }

    @Override
    public <T> T read(BodyType<T> type, ByteBuffer source) {
      at("read");
      return PB.read(type, source);
    }
  }

  @Test
  void codecsThatThrowItFailTheirCallOnly() throws Exception {
    Server plain = rig.serve(Rig::echo);
    for (String place : List.of("supports", "write", "read")) {
      AtomicBoolean serves = new AtomicBoolean(true);
      Codecs codecs = Codecs.standard().replacing(new Codecing(place, serves));
      assertEachIsAnswered(plain, rig.client(Client.builder().codecs(codecs)), Code.INTERNAL);
      Client inline = rig.client(Client.builder().codecs(codecs).inlineCallbacks());
      assertEachIsAnswered(plain, inline, Code.INTERNAL);
      for (Execution where : List.of(Execution.inline(), Execution.virtual())) {
        serves.set(false); // While the method is defined, its definition would fail.
        Server server = rig.serve(Rig.servers().codecs(codecs), Rig::echo, where);
        serves.set(true);
        Client client = rig.client();
        assertEachIsAnswered(server, client, Code.INTERNAL);
        assertThat(server.connectionCount()).isEqualTo(1);
      }
    }
    assertThat(rig.client().send(Rig.to(plain)).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void observersThatThrowItChangeNothing() throws Exception {
    CallObserver blind =
        new CallObserver() {
          @Override
          public Object begin(CallView call) {
            if (call.side() == CallView.Side.SERVER) {
              return hostile();
            }
            return this;
          }

          @Override
          public void ended(Object kept, CallView call, Status status) {
            boolean unused = hostile();
          }

          @Override
          public String toString() {
            return hostile();
          }
        };
    Server server = rig.serve(Rig.servers().observer(blind), Rig::echo);
    Client client = rig.client(Client.builder().observer(blind));
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    assertThat(client.sendAsync(Rig.to(server)).get(10, TimeUnit.SECONDS).body().getMsg())
        .isEqualTo("hi");
    await().until(() -> server.inFlight() == 0);
  }

  @Test
  void whoDecidesWhoMayCallAnswersTooIfItThrows() throws Exception {
    Authenticator broken = claim -> hostile();
    Code[] refused = {Code.UNAVAILABLE};
    for (Authenticator each : List.of(broken, Authenticator.nonBlocking(broken))) {
      Server server = rig.serve(Rig.servers().authenticator(each), Rig::echo);
      assertEachIsAnswered(server, rig.clientOfOneTry(), refused);
    }
    Server server =
        rig.serve(
            Rig.servers()
                .authenticator(Authenticator.nonBlocking(claim -> new Authenticator.Named("a")))
                .authorizer((caller, method) -> hostile()),
            Rig::echo);
    assertEachIsAnswered(server, rig.clientOfOneTry(), Code.UNAVAILABLE);
  }

  @Test
  void executorsThatThrowItRefuseTheCall() throws Exception {
    for (Supplier<Throwable> each : ALL) {
      Execution broken = Execution.on(task -> HostileCodeTest.<Error, Object>thrown(each.get()));
      Server server = rig.serve(Rig.servers(), Rig::echo, broken);
      assertEachIsAnswered(server, rig.clientOfOneTry(), Code.RESOURCE_EXHAUSTED);
      await().until(() -> server.inFlight() == 0);
      Execution both =
          Execution.on(task -> {
            task.run();
            HostileCodeTest.<Error, Object>thrown(each.get());
          });
      Server twice = rig.serve(Rig.servers(), Rig::echo, both);
      assertThat(rig.client().send(Rig.to(twice)).body().getMsg()).isEqualTo("hi");
      await().until(() -> twice.inFlight() == 0);
    }
  }

  @Test
  void resolversAndCredentialsThatThrowItFailCallsAtOnce() throws Exception {
    Resolver lost =
        new Resolver() {
          @Override
          public String scheme() {
            return "test";
          }

          @Override
          public Watch watch(String where, Listener listener) {
            return hostile();
          }
        };
    Client client = rig.client(Client.builder().resolvers(Resolvers.standard().with(lost)));
    Request<EchoRequest, EchoReply> nowhere =
        Request.of(Rig.ECHO, Rig.request("")).at("test://nowhere").withTimeout(Rig.LONG);
    assertThat(failure(() -> client.send(nowhere)).code()).isEqualTo(Code.INTERNAL);
    Server server = rig.serve(Rig::echo);
    for (Credentials each :
        List.of(
            Credentials.bearer(() -> hostile()),
            Credentials.bearer(() -> hostile()).withPerCall())) {
      Client broke =
          rig.client(
              Client.builder()
                  .settings(ClientSettings.DEFAULTS.withMaxAttempts(1))
                  .credentials(each));
      assertEachIsAnswered(server, broke, Code.UNAUTHENTICATED, Code.UNAVAILABLE);
    }
  }

  @Test
  void callbacksThatThrowItStopNobodyElse() throws Exception {
    Server server = rig.serve(Rig::echo);
    for (Client client : List.of(rig.client(), rig.client(Client.builder().inlineCallbacks()))) {
      for (int i = 0; i < 20; i++) {
        var broken = client.sendAsync(Rig.to(server)).thenApply(reply -> hostile());
        await().until(broken::isDone);
        assertThat(broken).isCompletedExceptionally();
      }
      assertThat(client.sendAsync(Rig.to(server)).get(10, TimeUnit.SECONDS).body().getMsg())
          .isEqualTo("hi");
    }
    assertThat(server.connectionCount()).isEqualTo(2);
  }
}
