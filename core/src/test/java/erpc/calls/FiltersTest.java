package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.BodyType;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Sink;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Functions around calls, on both sides. */
@Timeout(60)
class FiltersTest {
  private final Rig rig = new Rig();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Filter named(String name) {
    return (request, next) -> {
      seen.add(name + " in");
      try {
        return next.call(request);
      } finally {
        seen.add(name + " out");
      }
    };
  }

  /** A server filter that says which kind it is. */
  private record Kind(Filter filter, boolean mayBlock, boolean wantsMessages) implements Filter {
    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      return filter.call(request, next);
    }
  }

  @Test
  void standInTheOrderTheyWereAdded() throws Exception {
    Server server =
        rig.serve(
            Rig.servers().filter(named("server 1")).filter(named("server 2")),
            (context, request) -> {
              seen.add("handler");
              return reply("done");
            });
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter(named("attempt 1"))
                .filter(named("call 1"))
                .filter(named("call 2"))
                .attemptFilter(named("attempt 2")));
    client.send(Rig.to(server));
    assertThat(seen)
        .containsExactly(
            "call 1 in",
            "call 2 in",
            "attempt 1 in",
            "attempt 2 in",
            "server 1 in",
            "server 2 in",
            "handler",
            "server 2 out",
            "server 1 out",
            "attempt 2 out",
            "attempt 1 out",
            "call 2 out",
            "call 1 out");
  }

  @Test
  void thoseOfAttemptsRunOnceATry() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          throw Status.of(Code.UNAVAILABLE, "not now").toException();
        });
    Client client =
        rig.client(Client.builder().filter(named("call")).attemptFilter(named("attempt")));
    Request<EchoRequest, EchoReply> request = Rig.to(server).withMethod(ECHO.idempotent());
    failure(() -> client.send(request));
    assertThat(seen.stream().filter("attempt in"::equals)).hasSize(3);
    assertThat(seen.stream().filter("call in"::equals)).hasSize(1);
    failure(client.sendAsync(request));
    assertThat(seen.stream().filter("attempt in"::equals)).hasSize(6);
    assertThat(seen.stream().filter("call in"::equals)).hasSize(2);
  }

  @Test
  void changeMetadataAndBodiesOnTheClient() throws Exception {
    Server server =
        rig.serve((context, request) ->
            reply(request.getMsg() + context.metadata().text("a") + context.metadata().text("b")));
    Client client =
        rig.client(
            Client.builder()
                .filter((request, next) -> next.call(request.withMetadata("a", "1")))
                .attemptFilter((request, next) -> {
                  @SuppressWarnings("unchecked")
                  Request<EchoRequest, EchoReply> typed = (Request<EchoRequest, EchoReply>) request;
                  Reply<?> reply =
                      next.call(typed.withMetadata("b", "2").withBody(Rig.request("changed ")));
                  return new Reply<>(
                      Rig.reply(((EchoReply) reply.body()).getMsg() + "!"),
                      reply.headers(),
                      Metadata.of("t", "3"),
                      reply.endpoint());
                }));
    Reply<EchoReply> reply = client.send(Rig.to(server));
    assertThat(reply.body().getMsg()).isEqualTo("changed 12!");
    assertThat(reply.trailers().text("t")).isEqualTo("3");
    assertThat(reply.endpoint()).isEqualTo(server.address());
    assertThat(client.sendAsync(Rig.to(server)).get(10, TimeUnit.SECONDS).body().getMsg())
        .isEqualTo("changed 12!");
  }

  @Test
  void bodyChangedForOneTryIsNotSentWithTheNext() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    Server server =
        rig.serve((context, request) -> {
          bodies.add(request.getMsg());
          throw Status.of(Code.UNAVAILABLE, "not now").toException();
        });
    AtomicInteger tries = new AtomicInteger();
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter((request, next) -> {
                  @SuppressWarnings("unchecked")
                  Request<EchoRequest, EchoReply> typed = (Request<EchoRequest, EchoReply>) request;
                  return next.call(
                      tries.incrementAndGet() == 1 ? typed.withBody(Rig.request("first")) : typed);
                }));
    failure(() -> client.send(Rig.to(server).withMethod(ECHO.idempotent())));
    assertThat(bodies).containsExactly("first", "hi", "hi");
  }

  @Test
  void changeMetadataAndBodiesOnTheServer() throws Exception {
    Filter change =
        new Kind(
            (request, next) -> {
              @SuppressWarnings("unchecked")
              Request<Object, Object> typed = (Request<Object, Object>) request;
              Reply<?> reply =
                  next.call(
                      typed
                          .withMetadata("who", "filter")
                          .withBody(
                              Rig.request(((EchoRequest) request.body()).getMsg() + " changed")));
              return new Reply<>(reply.body(), Metadata.of("h", "1"), Metadata.of("t", "2"), "");
            },
            false,
            true);
    Server server =
        rig.serve(
            Rig.servers().filter(change),
            (context, request) -> {
              context.addHeader("own", "0");
              return reply(request.getMsg() + " by " + context.metadata().text("who"));
            });
    Reply<EchoReply> reply = rig.client().send(Rig.to(server));
    assertThat(reply.body().getMsg()).isEqualTo("hi changed by filter");
    assertThat(reply.headers().text("h")).isEqualTo("1");
    assertThat(reply.headers().text("own")).isEqualTo("0");
    assertThat(reply.trailers().text("t")).isEqualTo("2");
  }

  @Test
  void handlerBehindAFilterThatChangesMetadataIsCancelledLikeAnyOther() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Server server =
        rig.serve(
            Rig.servers()
                .filter((request, next) -> next.call(request.withMetadata("who", "filter"))),
            (context, request) -> {
              context.onCancel(cancelled::countDown);
              running.countDown();
              cancelled.await();
              return reply("late");
            });
    var call = rig.client().sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void refuseBeforeAnythingIsDecoded() throws Exception {
    AtomicInteger decoded = new AtomicInteger();
    Server server =
        rig.serve(
            Rig.servers()
                .codecs(Codecs.standard().replacing(counting(decoded)))
                .filter((request, next) -> {
                  assertThat(request.body()).isInstanceOf(ByteBuffer.class);
                  if (request.metadata().text("token") == null) {
                    throw Status.of(Code.PERMISSION_DENIED, "no token").toException();
                  }
                  return next.call(request);
                }),
            Rig::echo);
    Client client = rig.client();
    Status status = failure(() -> client.send(Rig.to(server)));
    assertThat(status.code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(status.isRemote()).isTrue();
    assertThat(status.started()).isEqualTo(Started.NO);
    assertThat(decoded).hasValue(0);
    assertThat(client.send(Rig.to(server).withMetadata("token", "t")).body().getMsg())
        .isEqualTo("hi");
    assertThat(decoded).hasValue(1);
  }

  private static Codec counting(AtomicInteger reads) {
    Codec pb = Codecs.standard().byName("pb");
    return new Codec() {
      @Override
      public String name() {
        return pb.name();
      }

      @Override
      public int id() {
        return pb.id();
      }

      @Override
      public boolean supports(BodyType<?> type) {
        return pb.supports(type);
      }

      @Override
      public void write(BodyType<?> type, Object message, Sink sink) {
        pb.write(type, message, sink);
      }

      @Override
      public <T> T read(BodyType<T> type, ByteBuffer source) {
        reads.incrementAndGet();
        return pb.read(type, source);
      }
    };
  }

  @Test
  void replyInThePlaceOfTheHandler() throws Exception {
    Server server =
        rig.serve(
            Rig.servers().filter((request, next) -> Reply.of(reply("cached"))),
            (context, request) -> {
              throw new AssertionError("not reached");
            });
    assertThat(rig.client().send(Rig.to(server)).body().getMsg()).isEqualTo("cached");
    Client own = rig.client(Client.builder().filter((request, next) -> Reply.of(reply("mine"))));
    assertThat(own.send(Rig.to(server)).body().getMsg()).isEqualTo("mine");
    assertThat(own.callAsync("demo.echo", Rig.request(""), EchoReply.class).get().getMsg())
        .isEqualTo("mine");
  }

  @Test
  void thatThrowsIsInternal() throws Exception {
    Server server = rig.serve(Rig::echo);
    Filter broken =
        (request, next) -> {
          throw new java.io.IOException("broken");
        };
    for (Client client :
        List.of(
            rig.client(Client.builder().filter(broken)),
            rig.client(Client.builder().attemptFilter(broken)))) {
      assertThat(failure(() -> client.send(Rig.to(server))).code()).isEqualTo(Code.INTERNAL);
      assertThat(failure(client.sendAsync(Rig.to(server))).code()).isEqualTo(Code.INTERNAL);
    }
    Server filtered = rig.serve(Rig.servers().filter(broken), Rig::echo);
    assertThat(failure(() -> rig.client().send(Rig.to(filtered))).code()).isEqualTo(Code.INTERNAL);
  }

  @Test
  void standAroundCallsWithoutAnAnswerToo() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    Server server =
        rig.serve(
            Rig.servers().filter(named("server")),
            (context, request) -> {
              seen.add("handler");
              arrived.countDown();
              return reply("");
            });
    Client client =
        rig.client(Client.builder().filter(named("call")).attemptFilter(named("attempt")));
    client.oneway(Rig.to(server));
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> seen.contains("server out"));
    assertThat(seen).contains("call in", "call out", "attempt in", "attempt out", "handler");
  }

  @Test
  void thatMayBlockTakesAnInlineMethodOffTheLoop() throws Exception {
    List<String> threads = new CopyOnWriteArrayList<>();
    Filter passing = (request, next) -> next.call(request);
    for (boolean mayBlock : new boolean[] {true, false}) {
      Server server =
          rig.serve(
              Rig.servers().filter(new Kind(passing, mayBlock, false)),
              (context, request) -> {
                threads.add(Thread.currentThread().isVirtual() ? "virtual" : "loop");
                return reply("");
              },
              Execution.inline());
      rig.client().send(Rig.to(server));
    }
    assertThat(threads).containsExactly("virtual", "loop");
  }

  @Test
  void ofAsynchronousCallsMayBlock() throws Exception {
    Server server = rig.serve(Rig::echo);
    CountDownLatch go = new CountDownLatch(1);
    Client client =
        rig.client(
            Client.builder()
                .filter((request, next) -> {
                  go.await();
                  return next.call(request);
                })
                .attemptFilter((request, next) -> {
                  seen.add(Thread.currentThread().isVirtual() ? "virtual" : "platform");
                  return next.call(request);
                }));
    var call = client.sendAsync(Rig.to(server));
    assertThat(call).isNotDone();
    go.countDown();
    assertThat(call.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    assertThat(seen).containsExactly("virtual");
  }

  @Test
  void messagesThatAServersFilterHasDecodedTwiceAreLetGoOf() throws Exception {
    Filter twice =
        (request, next) -> {
          var unused = next.call(request);
          return next.call(request);
        };
    Server server =
        rig.serve(
            Rig.servers().filter(new Kind(twice, false, false)),
            (context, request) -> reply("done"));
    Client client = rig.client();
    EchoRequest large = EchoRequest.newBuilder().setMsg("x".repeat(100_000)).build();
    client.send(Request.of(ECHO, large).at("ip://" + server.address()).withCompression("gzip"));
    await().until(() -> rig.reactor.memory().heldBytes() == 0);
  }

  @Test
  void anInterruptThatAFilterThrowsIsLeftToTheCaller() throws Exception {
    Server server = rig.serve((context, request) -> reply("done"));
    Filter interrupted =
        (request, next) -> {
          throw new InterruptedException();
        };
    for (Client client :
        List.of(
            rig.client(Client.builder().filter(interrupted)),
            rig.client(Client.builder().attemptFilter(interrupted)))) {
      Status status = failure(() -> client.send(Rig.to(server)));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(status.code()).isEqualTo(Code.CANCELLED);
      assertThat(status.started()).isEqualTo(Started.NO);
    }
  }
}
