package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.CallOptions;
import erpc.call.Caller;
import erpc.call.Context;
import erpc.call.Handlers;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Service;
import erpc.call.Status;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ServicesTest {
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  private final Rig rig = new Rig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Answers in capitals; a test replaces what it looks at. */
  private static class Loud implements Talk {
    @Override
    public EchoReply say(EchoRequest request) {
      return loud(request);
    }

    @Override
    public EchoReply collect(Incoming<EchoRequest> requests) {
      StringBuilder all = new StringBuilder();
      requests.forEach(each -> all.append(each.getMsg()));
      return Rig.reply(all.toString());
    }

    @Override
    public Incoming<EchoReply> repeat(EchoRequest request) {
      return Incoming.of(Stream.generate(() -> loud(request)).limit(3));
    }

    @Override
    public Incoming<EchoReply> chat(Incoming<EchoRequest> requests) {
      return Incoming.written(replies -> requests.forEach(each -> replies.send(loud(each))));
    }

    static EchoReply loud(EchoRequest request) {
      return Rig.reply(request.getMsg().toUpperCase(java.util.Locale.ROOT));
    }
  }

  private static EchoRequest said(String text) {
    return EchoRequest.newBuilder().setMsg(text).build();
  }

  private Talk talk(Talk implementation) throws IOException {
    return talk(implementation, Talk.SERVICE, CallOptions.NONE);
  }

  private Talk talk(Talk implementation, Service<Talk> service, CallOptions options)
      throws IOException {
    Server server = rig.serve(each -> each.handle(service, implementation));
    return rig.client().of(service, place(server), options);
  }

  private static String place(Server server) {
    return "list://" + server.address();
  }

  private static List<String> texts(Incoming<EchoReply> replies) {
    List<String> texts = new ArrayList<>();
    try (replies) {
      replies.forEach(each -> texts.add(each.getMsg()));
    }
    return texts;
  }

  @Test
  void eachShapeIsCalledAsItIsDeclared() throws Exception {
    Talk talk = talk(new Loud());
    assertThat(talk.say(said("a")).getMsg()).isEqualTo("A");
    assertThat(talk.collect(Incoming.of(List.of(said("a"), said("b")))).getMsg()).isEqualTo("ab");
    assertThat(texts(talk.repeat(said("c")))).containsExactly("C", "C", "C");
    assertThat(texts(talk.chat(Incoming.of(Stream.of(said("d"), said("e"))))))
        .containsExactly("D", "E");
  }

  @Test
  void aConversationMayWaitForEachReply() throws Exception {
    Talk talk = talk(new Loud());
    CompletableFuture<String> second = new CompletableFuture<>();
    Incoming<EchoRequest> requests =
        Incoming.written(out -> {
          out.send(said("first"));
          out.send(said(second.join()));
        });
    try (Incoming<EchoReply> replies = talk.chat(requests)) {
      assertThat(replies.next().getMsg()).isEqualTo("FIRST");
      second.complete("second");
      assertThat(replies.next().getMsg()).isEqualTo("SECOND");
      assertThat(replies.next()).isNull();
    }
  }

  @Test
  void whatTheServerKnowsOfTheCallIsItsContext() throws Exception {
    AtomicReference<Context> seen = new AtomicReference<>();
    Talk talk =
        talk(
            new Loud() {
              @Override
              public EchoReply say(EchoRequest request) {
                seen.set(Context.current());
                return super.say(request);
              }
            });
    talk.say(said("a"), CallOptions.NONE.withMetadata("key", "value"));
    assertThat(seen.get().metadata().text("key")).isEqualTo("value");
    assertThat(seen.get().method()).isEqualTo(Talk.SAY);
  }

  @Test
  void optionsOfACallStandAboveThoseOfItsClientAndThoseAboveTheMethods() throws Exception {
    AtomicReference<Context> seen = new AtomicReference<>();
    Talk talk =
        talk(
            new Loud() {
              @Override
              public EchoReply say(EchoRequest request) {
                seen.set(Context.current());
                return super.say(request);
              }
            },
            Talk.SERVICE.with(Talk.SAY.timeout(A_MINUTE.multipliedBy(50))),
            CallOptions.NONE.withMetadata("from", "client"));
    talk.say(said("a"));
    assertThat(seen.get().metadata().text("from")).isEqualTo("client");
    assertThat(seen.get().deadline().remaining()).isBetween(A_MINUTE, A_MINUTE.multipliedBy(60));
    talk.say(said("a"), CallOptions.NONE.withMetadata("from", "call"));
    assertThat(seen.get().metadata().text("from")).isEqualTo("call");
    talk.say(said("a"), CallOptions.NONE.withTimeout(A_MINUTE));
    assertThat(seen.get().deadline().remaining()).isLessThanOrEqualTo(A_MINUTE);
    assertThat(seen.get().metadata().text("from")).isEqualTo("client");
  }

  @Test
  void aMethodDescribedOtherwiseIsThatOnBothSides() throws Exception {
    Service<Talk> small = Talk.SERVICE.with(Talk.SAY.maxMessageBytes(64));
    Talk talk = talk(new Loud(), small, CallOptions.NONE);
    assertThat(talk.say(said("a")).getMsg()).isEqualTo("A");
    assertThatThrownBy(() -> talk.say(said("a".repeat(100))))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
  }

  @Test
  void aServiceHasOnlyItsOwnMethods() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Talk.SERVICE.with(Rig.ECHO))
        .withMessageContaining("test.Talk has no method demo.echo");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Empty("test.Talk", Talk.SAY, Rig.ECHO))
        .withMessageContaining("demo.echo belongs to the service demo, not to test.Talk");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Empty("test.Talk", Talk.SAY, Talk.SAY.idempotent()))
        .withMessageContaining("test.Talk.Say comes twice");
  }

  @Test
  void aServiceThatDoesNotSayWhatAnswersAMethodIsRefused() {
    try (Server server = Rig.servers().build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> server.handle(new Empty("test.Talk", Talk.SAY), ""))
          .withMessageContaining("does not say what answers [test.Talk.Say]");
    }
  }

  /** Binds nothing. */
  private static final class Empty extends Service<String> {
    Empty(String name, Method<?, ?>... methods) {
      super(name, List.of(methods));
    }

    @Override
    public String client(Caller caller) {
      return "";
    }

    @Override
    public void bind(String implementation, Handlers handlers) {}
  }

  @Test
  void eachMethodMayRunElsewhere() throws Exception {
    AtomicReference<Thread> inline = new AtomicReference<>();
    Talk implementation =
        new Loud() {
          @Override
          public EchoReply say(EchoRequest request) {
            inline.set(Thread.currentThread());
            return super.say(request);
          }
        };
    Server server =
        rig.serve(each ->
            each.handle(
                Talk.SERVICE,
                implementation,
                method -> method == Talk.SAY ? Execution.inline() : Execution.virtual()));
    Talk talk = rig.client().of(Talk.SERVICE, place(server));
    assertThat(talk.say(said("a")).getMsg()).isEqualTo("A");
    assertThat(inline.get().isVirtual()).isFalse();
    assertThat(texts(talk.repeat(said("c")))).hasSize(3);
  }

  @Test
  void aServerThatEndsEarlyClosesWhatIsSent() throws Exception {
    Talk talk =
        talk(
            new Loud() {
              @Override
              public EchoReply collect(Incoming<EchoRequest> requests) {
                return Rig.reply("enough after " + requests.next().getMsg());
              }
            });
    AtomicBoolean closed = new AtomicBoolean();
    Stream<EchoRequest> endless = Stream.generate(() -> said("x")).onClose(() -> closed.set(true));
    assertThat(talk.collect(Incoming.of(endless)).getMsg()).isEqualTo("enough after x");
    await().untilTrue(closed);
  }

  @Test
  void aServerThatRefusesWhileRequestsAreAwaitedIsHeardAtOnce() throws Exception {
    Talk talk =
        talk(
            new Loud() {
              @Override
              public EchoReply collect(Incoming<EchoRequest> requests) {
                throw new RpcException(Status.Code.NOT_FOUND, "nobody here");
              }
            });
    CountDownLatch never = new CountDownLatch(1);
    AtomicBoolean closed = new AtomicBoolean();
    Incoming<EchoRequest> silent =
        Incoming.of(
            Stream.generate(() -> waited(never))
                .onClose(() -> {
                  closed.set(true);
                  never.countDown();
                }));
    assertThatThrownBy(() -> talk.collect(silent)).hasMessageContaining("nobody here");
    assertThat(closed).isTrue();
  }

  @Test
  void aSourceThatWaitsForItsNextMessageIsInterruptedWhenTheCallIsOver() throws Exception {
    Talk talk =
        talk(
            new Loud() {
              @Override
              public EchoReply collect(Incoming<EchoRequest> requests) {
                return Rig.reply("enough after " + requests.next().getMsg());
              }
            });
    BlockingQueue<EchoRequest> queue = new LinkedBlockingQueue<>(List.of(said("a")));
    CompletableFuture<String> ended = new CompletableFuture<>();
    Incoming<EchoRequest> endless =
        Incoming.written(out -> {
          try {
            while (true) {
              out.send(queue.take());
            }
          } catch (InterruptedException e) {
            ended.complete("interrupted");
          }
        });
    assertThat(talk.collect(endless).getMsg()).isEqualTo("enough after a");
    assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted");
  }

  @Test
  void repliesOfACallThatEndedInOkAreReadThoughRequestsWereStillSent() throws Exception {
    Talk talk =
        talk(
            new Loud() {
              @Override
              public Incoming<EchoReply> chat(Incoming<EchoRequest> requests) {
                return Incoming.of(List.of(Rig.reply("1"), Rig.reply("2"), Rig.reply("3")));
              }
            });
    for (int i = 0; i < 200; i++) {
      assertThat(texts(talk.chat(Incoming.of(Stream.generate(() -> said("x"))))))
          .containsExactly("1", "2", "3");
    }
  }

  @Test
  void requestsAreClosedThoughTheCallCannotBeOpened() throws Exception {
    Server server = rig.serve(each -> each.handle(Talk.SERVICE, new Loud()));
    Client client = rig.client();
    Talk talk = client.of(Talk.SERVICE, place(server));
    client.close();
    AtomicBoolean closed = new AtomicBoolean();
    Stream<EchoRequest> requests = Stream.of(said("a")).onClose(() -> closed.set(true));
    assertThatThrownBy(() -> talk.collect(Incoming.of(requests))).isInstanceOf(RpcException.class);
    await().untilTrue(closed);
    assertThatThrownBy(() -> talk.collect(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("requests");
  }

  private static EchoRequest waited(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return said("late");
  }

  @Test
  void requestsThatFailEndTheCallWithTheirFailure() throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    Talk talk =
        talk(
            new Loud() {
              @Override
              public EchoReply collect(Incoming<EchoRequest> requests) {
                try {
                  requests.next();
                  begun.complete(null);
                  return super.collect(requests);
                } catch (RpcException e) {
                  heard.complete(e.code().name());
                  throw e;
                }
              }
            });
    Incoming<EchoRequest> broken =
        Incoming.written(out -> {
          out.send(said("a"));
          begun.join();
          throw new IllegalStateException("the file is gone");
        });
    assertThatThrownBy(() -> talk.collect(broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the file is gone");
    assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo("CANCELLED");
  }

  @Test
  void aReaderThatClosesEndsTheWriter() throws Exception {
    CompletableFuture<String> ended = new CompletableFuture<>();
    Talk talk =
        talk(
            new Loud() {
              @Override
              public Incoming<EchoReply> repeat(EchoRequest request) {
                return Incoming.written(replies -> {
                  try {
                    while (true) {
                      replies.send(loud(request));
                    }
                  } catch (RpcException e) {
                    ended.complete(e.code().name());
                    throw e;
                  }
                });
              }
            });
    try (Incoming<EchoReply> replies = talk.repeat(said("a"))) {
      assertThat(replies.next().getMsg()).isEqualTo("A");
    }
    assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo("CANCELLED");
  }

  @Test
  void aStreamThatIsNullIsTheServersFault() throws Exception {
    Talk talk =
        talk(
            new Loud() {
              @Override
              public Incoming<EchoReply> repeat(EchoRequest request) {
                return null;
              }
            });
    assertThatThrownBy(() -> talk.repeat(said("a")).next())
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.INTERNAL));
  }

  @Test
  void theNameOfAServiceIsWhereItsCallsGo() throws Exception {
    Server server = rig.serve(each -> each.handle(Talk.SERVICE, new Loud()));
    Client client = rig.client(Client.builder().target("test.Talk", place(server)));
    assertThat(client.of(Talk.SERVICE).say(said("a")).getMsg()).isEqualTo("A");
  }
}
