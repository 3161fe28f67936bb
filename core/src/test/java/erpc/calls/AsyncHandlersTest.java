package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.AsyncHandler;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that answer later. */
@Timeout(60)
class AsyncHandlersTest {
  private static final Method<EchoRequest, EchoReply> FRONT =
      Method.unary("gate.echo", EchoRequest.class, EchoReply.class);

  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static List<Execution> executions() {
    return List.of(
        Execution.inline(),
        Execution.virtual(),
        Execution.on(task -> Thread.ofPlatform().daemon().start(task)));
  }

  private Server serve(
      ServerBuilder builder, AsyncHandler<EchoRequest, EchoReply> handler, Execution execution)
      throws IOException {
    return rig.serve(builder, Rig::echo).handleAsync(FRONT, handler, execution);
  }

  private static Request<EchoRequest, EchoReply> to(Server server) {
    return Request.of(FRONT, Rig.request("hi"))
        .at("ip://" + server.address())
        .withTimeout(Rig.LONG);
  }

  @Test
  void answerWhenTheirStageCompletes() throws Exception {
    for (Execution execution : executions()) {
      CompletableFuture<EchoReply> later = new CompletableFuture<>();
      CountDownLatch running = new CountDownLatch(1);
      Server server =
          serve(
              Rig.servers(),
              (context, request) -> {
                context.addHeader("h", "1");
                running.countDown();
                return later.thenApply(known -> {
                  context.addTrailer("t", "2");
                  return known;
                });
              },
              execution);
      var call = rig.client().sendAsync(to(server));
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server.inFlight()).isEqualTo(1);
      later.complete(reply("later"));
      Reply<EchoReply> reply = call.get(10, TimeUnit.SECONDS);
      assertThat(reply.body()).isEqualTo(reply("later"));
      assertThat(reply.headers().text("h")).isEqualTo("1");
      assertThat(reply.trailers().text("t")).isEqualTo("2");
      await().until(() -> server.inFlight() == 0);
    }
  }

  @Test
  void mayBeDoneAtOnce() throws Exception {
    for (Execution execution : executions()) {
      Server server =
          serve(
              Rig.servers(),
              (context, request) -> CompletableFuture.completedFuture(reply(request.getMsg())),
              execution);
      for (int i = 0; i < 3; i++) {
        assertThat(rig.client().send(to(server)).body()).isEqualTo(reply("hi"));
      }
      await().until(() -> server.inFlight() == 0);
    }
  }

  @Test
  void failAsTheirStageDoes() throws Exception {
    RpcException chosen = new RpcException(Code.NOT_FOUND, "no such order");
    IllegalStateException bug = new IllegalStateException("secret");
    List<Throwable> all =
        List.of(
            chosen,
            new CompletionException(new ExecutionException(chosen)),
            bug,
            new CompletionException(bug));
    for (Throwable each : all) {
      for (boolean late : new boolean[] {false, true}) {
        CompletableFuture<EchoReply> stage = new CompletableFuture<>();
        Server server =
            serve(
                Rig.servers(),
                (context, request) -> {
                  if (late) {
                    Thread.startVirtualThread(() -> stage.completeExceptionally(each));
                  } else {
                    stage.completeExceptionally(each);
                  }
                  return stage;
                },
                Execution.inline());
        var status = failure(() -> rig.client().send(to(server)));
        boolean known = each == chosen || each.getCause() instanceof ExecutionException;
        assertThat(status.code()).isEqualTo(known ? Code.NOT_FOUND : Code.INTERNAL);
        assertThat(status.started()).isEqualTo(Started.YES);
        assertThat(status.message()).doesNotContain("secret");
        await().until(() -> server.inFlight() == 0);
      }
    }
  }

  @Test
  void failIfTheyThrowOrGiveNothing() throws Exception {
    CompletableFuture<EchoReply> nothing = new CompletableFuture<>();
    nothing.complete(null);
    AsyncHandler<EchoRequest, EchoReply> noStage = (context, request) -> null;
    AsyncHandler<EchoRequest, EchoReply> noAnswer = (context, request) -> nothing;
    AsyncHandler<EchoRequest, EchoReply> noLateAnswer =
        (context, request) -> {
          CompletableFuture<EchoReply> late = new CompletableFuture<>();
          Thread.startVirtualThread(() -> late.complete(null));
          return late;
        };
    AsyncHandler<EchoRequest, EchoReply> throwing =
        (context, request) -> {
          throw new IOException("a test");
        };
    for (AsyncHandler<EchoRequest, EchoReply> each :
        List.of(noStage, noAnswer, noLateAnswer, throwing)) {
      Server server = serve(Rig.servers(), each, Execution.inline());
      assertThat(failure(() -> rig.client().send(to(server))).code()).isEqualTo(Code.INTERNAL);
      await().until(() -> server.inFlight() == 0);
    }
  }

  @Test
  void areToldByTheirStageThatTheCallHasEnded() throws Exception {
    for (Execution execution : executions()) {
      CompletableFuture<EchoReply> never = new CompletableFuture<>();
      CountDownLatch running = new CountDownLatch(1);
      AtomicReference<String> cancelledOn = new AtomicReference<>();
      CompletionStage<EchoReply> unused =
          never.whenComplete((value, thrown) ->
              cancelledOn.set(Thread.currentThread().isVirtual() ? "virtual" : "loop"));
      Server server =
          serve(
              Rig.servers(),
              (context, request) -> {
                running.countDown();
                return never;
              },
              execution);
      var call = rig.client().sendAsync(to(server));
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      call.cancel(true);
      await().until(never::isCancelled);
      await().until(() -> server.inFlight() == 0);
      boolean inline = execution.toString().equals("inline");
      assertThat(cancelledOn.get()).isEqualTo(inline ? "loop" : "virtual");
    }
  }

  @Test
  void areInFlightUntilTheirStageCompletesWhoeverWaits() throws Exception {
    CompletableFuture<EchoReply> stubborn = new CompletableFuture<>();
    CountDownLatch cancelled = new CountDownLatch(1);
    Server server =
        serve(
            Rig.servers(),
            (context, request) -> {
              context.onCancel(cancelled::countDown);
              return stubborn.minimalCompletionStage();
            },
            Execution.inline());
    var call = rig.client().sendAsync(to(server));
    await().until(() -> server.inFlight() == 1);
    call.cancel(true);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(server.inFlight()).isEqualTo(1);
    stubborn.complete(reply("too late"));
    await().until(() -> server.inFlight() == 0);
  }

  @Test
  void standBehindFiltersThatWaitForThem() throws Exception {
    List<String> seen = java.util.Collections.synchronizedList(new ArrayList<>());
    for (boolean mayBlock : new boolean[] {true, false}) {
      Filter filter =
          new Filter() {
            @Override
            public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
              Reply<?> reply = next.call(request);
              seen.add(((EchoReply) reply.body()).getMsg());
              return reply;
            }

            @Override
            public boolean mayBlock() {
              return mayBlock;
            }
          };
      Server server =
          serve(
              Rig.servers().filter(filter),
              (context, request) -> {
                CompletableFuture<EchoReply> later = new CompletableFuture<>();
                Thread.startVirtualThread(() -> later.complete(reply("later")));
                return later;
              },
              Execution.inline());
      assertThat(rig.client().send(to(server)).body()).isEqualTo(reply("later"));
    }
    assertThat(seen).containsExactly("later", "later");
  }

  @Test
  void behindFiltersAreToldThatTheCallHasEnded() throws Exception {
    CompletableFuture<EchoReply> never = new CompletableFuture<>();
    CountDownLatch running = new CountDownLatch(1);
    Server server =
        serve(
            Rig.servers().filter((request, next) -> next.call(request)),
            (context, request) -> {
              running.countDown();
              return never;
            },
            Execution.inline());
    var call = rig.client().sendAsync(to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    await().until(never::isCancelled);
    await().until(() -> server.inFlight() == 0);
  }

  /** The gateway of the documentation: no thread waits anywhere. */
  @Test
  void inlineOnesMayMakeCallsThatInheritTheirDeadlineAndEnd() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    Server back =
        rig.serve((context, request) -> {
          if (request.getMsg().equals("wait")) {
            context.onCancel(cancelled::countDown);
            running.countDown();
            cancelled.await();
          }
          return reply(
              request.getMsg() + " " + (context.deadline().remaining().compareTo(Rig.LONG) <= 0));
        });
    Client client = rig.client(Client.builder().inlineCallbacks());
    Server gateway =
        serve(
            Rig.servers(),
            (context, request) ->
                client
                    .sendAsync(
                        Request.of(ECHO, request)
                            .at("ip://" + back.address())
                            .withTimeout(Rig.LONG.plus(Rig.LONG)))
                    .thenApply(Reply::body),
            Execution.inline());
    List<CompletableFuture<Reply<EchoReply>>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      calls.add(client.sendAsync(to(gateway)));
    }
    for (var each : calls) {
      assertThat(each.get(20, TimeUnit.SECONDS).body()).isEqualTo(reply("hi true"));
    }
    var waiting = client.sendAsync(to(gateway).withBody(Rig.request("wait")));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    waiting.cancel(true);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> gateway.inFlight() == 0);
  }

  @Test
  void seeTheirContextWhileTheyBegin() throws Exception {
    AtomicReference<Context> seen = new AtomicReference<>();
    Server server =
        serve(
            Rig.servers(),
            (context, request) -> {
              seen.set(Context.current());
              assertThat(Context.current()).isSameAs(context);
              return CompletableFuture.completedFuture(reply(""));
            },
            Execution.inline());
    assertThat(rig.client().send(to(server)).body()).isEqualTo(reply(""));
    assertThat(seen.get()).isNotNull();
  }

  @Test
  void handlersRunWhereTheirServerSaysUnlessTheySayItThemselves() throws Exception {
    List<String> tasks = new ArrayList<>();
    Execution counted =
        Execution.on(task -> {
          tasks.add("task");
          Thread unused = Thread.startVirtualThread(task);
        });
    ServerBuilder builder = Rig.servers().execution(counted);
    Server server = rig.serve(builder, Rig::echo, Execution.virtual());
    rig.client().send(Rig.to(server));
    assertThat(tasks).isEmpty();
    Method<EchoRequest, EchoReply> usual =
        Method.unary("demo.usual", EchoRequest.class, EchoReply.class);
    server.handle(usual, Rig::echo);
    rig.client().send(Request.of(usual, Rig.request("hi")).at("ip://" + server.address()));
    assertThat(tasks).hasSize(1);
    assertThatThrownBy(() -> Server.builder().execution(Execution.inline()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Execution.inline()");
  }

  @Test
  void areForUnaryMethods() throws Exception {
    Server server = rig.serve(Rig::echo);
    Method<EchoRequest, EchoReply> streaming =
        Method.serverStreaming("gate.count", EchoRequest.class, EchoReply.class);
    assertThatThrownBy(
            () -> server.handleAsync(streaming, (context, request) -> new CompletableFuture<>()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stream handler");
  }
}
