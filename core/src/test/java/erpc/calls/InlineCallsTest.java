package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls that begin and end on event loops, whose objects serve one call after the other: nothing of
 * one is to be seen in the next.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"AUTO", "MEMORY"})
class InlineCallsTest {
  private static final int LARGE = 300_000;

  private final Rig rig;
  private final List<Context> contexts = new CopyOnWriteArrayList<>();
  private Server server;
  private Client client;

  InlineCallsTest(TransportKind kind) {
    rig = new Rig(Reactor.open(kind, 1));
  }

  @BeforeEach
  void start() throws Exception {
    server = rig.serve(Rig.servers(), this::answer, Execution.inline());
    client = rig.client(Client.builder().inlineCallbacks());
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private EchoReply answer(Context context, EchoRequest request) {
    contexts.add(context);
    switch (request.getMsg()) {
      case "with metadata" -> {
        context.addHeader("h", "1");
        context.addTrailer("t", "2");
      }
      case "large" -> {
        return reply("x".repeat(LARGE));
      }
      case "fail" -> throw Status.of(Code.NOT_FOUND, "not here").toException();
      default -> {}
    }
    return reply(request.getMsg());
  }

  private Request<EchoRequest, EchoReply> request(String msg) {
    return Rig.to(server).withBody(Rig.request(msg));
  }

  private void plain() {
    Reply<EchoReply> reply = client.send(request("plain"));
    assertThat(reply.body().getMsg()).isEqualTo("plain");
    assertThat(reply.headers().isEmpty()).isTrue();
    assertThat(reply.trailers().isEmpty()).isTrue();
    assertThat(contexts.getLast().metadata().isEmpty()).isTrue();
    assertThat(contexts.getLast().isCancelled()).isFalse();
  }

  @Test
  void nothingOfOneCallIsSeenInTheNext() {
    plain();
    Reply<EchoReply> reply = client.send(request("with metadata").withMetadata("k", "v"));
    assertThat(reply.headers().text("h")).isEqualTo("1");
    assertThat(reply.trailers().text("t")).isEqualTo("2");
    plain();
    assertThat(failure(() -> client.send(request("fail"))).code()).isEqualTo(Code.NOT_FOUND);
    plain();
    assertThat(client.send(request("large")).body().getMsg()).hasSize(LARGE);
    plain();
    assertThat(client.send(request("y".repeat(LARGE))).body().getMsg()).hasSize(LARGE);
    plain();
    client.oneway(request("oneway"));
    plain();
    assertThat(client.send(request("packed").withCompression("gzip")).body().getMsg())
        .isEqualTo("packed");
    plain();
    assertThat(client.send(request("json").withCodec("json")).body().getMsg()).isEqualTo("json");
    plain();
  }

  /** Sends a text of its own and, when it has come back, the next one. */
  private CompletableFuture<Void> chain(int number, int left) {
    String text = Character.toString('a' + number % 26).repeat(40_000 + 7_000 * (number % 23));
    return client
        .sendAsync(request(text))
        .thenCompose(reply -> {
          assertThat(reply.body().getMsg().equals(text)).as("text %d came back", number).isTrue();
          return left == 1 ? CompletableFuture.completedFuture(null) : chain(number + 1, left - 1);
        });
  }

  @Test
  void largeMessagesOfManyCallsInFlightStayApart() throws Exception {
    List<CompletableFuture<Void>> chains = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      chains.add(chain(5 * i, 40));
    }
    for (CompletableFuture<Void> each : chains) {
      each.get(50, TimeUnit.SECONDS);
    }
  }

  @Test
  void theContextOfACallStaysThatOfThatCall() {
    client.send(request("one").withMetadata("k", "1"));
    client.send(request("two").withMetadata("k", "2"));
    assertThat(contexts.get(0).metadata().text("k")).isEqualTo("1");
    assertThat(contexts.get(1).metadata().text("k")).isEqualTo("2");
  }

  @Test
  void eachAnswerOfAChainIsItsOwn() throws Exception {
    List<String> answers = new ArrayList<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    next(0, answers, done);
    done.get(30, TimeUnit.SECONDS);
    for (int i = 0; i < 1_000; i++) {
      assertThat(answers.get(i)).isEqualTo(i + "y".repeat(i));
    }
  }

  /** One call from the end of another, on the event loop; each a little longer. */
  private void next(int i, List<String> answers, CompletableFuture<Void> done) {
    if (i == 1_000) {
      done.complete(null);
      return;
    }
    client
        .sendAsync(request(i + "y".repeat(i)))
        .whenComplete((reply, thrown) -> {
          if (thrown != null) {
            done.completeExceptionally(thrown);
          } else {
            answers.add(reply.body().getMsg());
            next(i + 1, answers, done);
          }
        });
  }

  @Test
  void manyCallsAtOnceFromTheEventLoopKeepTheirMessages() throws Exception {
    CompletableFuture<List<CompletableFuture<Reply<EchoReply>>>> made = new CompletableFuture<>();
    var unused =
        client
            .sendAsync(request("first"))
            .thenAccept(first -> {
              List<CompletableFuture<Reply<EchoReply>>> all = new ArrayList<>();
              for (int i = 0; i < 500; i++) {
                // Some of them wait for credit while the next ones are encoded.
                all.add(client.sendAsync(request(i + (i % 50 == 0 ? "z".repeat(LARGE) : ""))));
              }
              made.complete(all);
            });
    List<CompletableFuture<Reply<EchoReply>>> all = made.get(30, TimeUnit.SECONDS);
    for (int i = 0; i < all.size(); i++) {
      String text = all.get(i).get(30, TimeUnit.SECONDS).body().getMsg();
      assertThat(text).startsWith(Integer.toString(i));
      assertThat(text.length()).isEqualTo((i + "").length() + (i % 50 == 0 ? LARGE : 0));
    }
  }

  @Test
  void cancellingAFutureThatIsDoneDoesNotTouchTheCallAfterIt() throws Exception {
    CompletableFuture<CompletableFuture<Reply<EchoReply>>> second = new CompletableFuture<>();
    CompletableFuture<Reply<EchoReply>> first = client.sendAsync(request("first"));
    var unused =
        first.whenComplete((reply, thrown) -> {
          second.complete(client.sendAsync(request("second")));
          first.cancel(true);
        });
    assertThat(second.get(30, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS).body().getMsg())
        .isEqualTo("second");
    await().until(() -> server.inFlight() == 0);
  }
}
