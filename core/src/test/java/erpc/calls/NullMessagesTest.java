package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Handler;
import erpc.server.Server;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Null where a message belongs is refused where it is given, with what to write instead. */
@Timeout(30)
class NullMessagesTest {
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  private final Rig rig = new Rig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @Test
  void nullIsNoRequest() throws Exception {
    Server server = rig.serve(Rig::echo);
    Client client = rig.client();
    String address = "ip://" + server.address() + "/demo.echo";
    ThrowingCallable[] ways = {
      () -> Request.of(Rig.ECHO, null),
      () -> Request.of(address, null, EchoReply.class),
      () -> Rig.to(server).withBody(null),
      () -> client.call(Rig.ECHO, null),
      () -> client.call(address, null, EchoReply.class),
      () -> client.oneway(Rig.ECHO, null),
      () -> client.oneway(address, null),
      () ->
          client.open(
              Method.serverStreaming("demo.echo", EchoRequest.class, EchoReply.class), null),
    };
    for (ThrowingCallable way : ways) {
      assertThatNullPointerException()
          .isThrownBy(way)
          .withMessageContaining("demo.echo needs a message, not null")
          .withMessageContaining("getDefaultInstance()");
    }
    List<CompletableFuture<?>> futures =
        List.of(client.callAsync(Rig.ECHO, null), client.callAsync(address, null, EchoReply.class));
    for (CompletableFuture<?> future : futures) {
      Status status = Rig.failure(future);
      assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(status.message()).contains("demo.echo needs a message, not null");
    }
  }

  @Test
  void nullIsNoMessageOfAStream() throws Exception {
    Server server = rig.serve(Rig::echo);
    server.handleStream(
        CHAT,
        (context, requests, replies) -> {
          assertThatNullPointerException()
              .isThrownBy(() -> replies.send(null))
              .withMessageContaining("demo.chat must not be null: send an empty one");
          replies.send(Rig.reply(requests.one().getMsg()));
        });
    try (Exchange<EchoRequest, EchoReply> chat =
        rig.client().open(Request.opening(CHAT).at("ip://" + server.address()))) {
      assertThatNullPointerException()
          .isThrownBy(() -> chat.send(null))
          .withMessageContaining("demo.chat must not be null: send an empty one");
      chat.send(Rig.request("hi"));
      assertThat(chat.reply().getMsg()).isEqualTo("hi");
    }
  }

  @Test
  void handlersThatAnswerNullAreToldWhatToReturn() throws Exception {
    Handler<EchoRequest, EchoReply> none = (context, request) -> null;
    Server server = rig.serve(none);
    Status status = Rig.failure(() -> rig.client().send(Rig.to(server)));
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.message()).contains("returned null: return an empty message");
  }

  @Test
  void filtersThatAnswerNullAreNamed() throws Exception {
    Server echo = rig.serve(Rig::echo);
    Server filtered = rig.serve(Rig.servers().filter((request, next) -> null), Rig::echo);
    Client[] clients = {
      rig.client(Client.builder().filter((request, next) -> null)),
      rig.client(Client.builder().attemptFilter((request, next) -> null)),
      rig.client(),
    };
    for (Client client : clients) {
      Status status =
          Rig.failure(() -> client.send(Rig.to(client == clients[2] ? filtered : echo)));
      assertThat(status.code()).isEqualTo(Code.INTERNAL);
      assertThat(status.message()).contains("a filter around demo.echo returned null: return");
    }
    assertThatNullPointerException()
        .isThrownBy(() -> Reply.of(null))
        .withMessageContaining("a reply needs a message, not null");
  }

  @Test
  void nullIsNoHandler() {
    Server server = Server.builder().build();
    Handler<EchoRequest, EchoReply> none = null;
    assertThatNullPointerException()
        .isThrownBy(() -> server.handle(Rig.ECHO, none))
        .withMessage("handler");
  }
}
