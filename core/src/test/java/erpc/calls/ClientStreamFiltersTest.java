package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Filter;
import erpc.call.MessageFilter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A client's filters see the messages of streams, change and refuse them, and answer themselves.
 */
@Timeout(60)
class ClientStreamFiltersTest {
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  private static final Method<EchoRequest, EchoReply> MANY =
      Method.serverStreaming("demo.many", EchoRequest.class, EchoReply.class);

  private final Rig rig = new Rig();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private Server server;

  @BeforeEach
  void serve() throws Exception {
    server = rig.serve(Rig::echo);
    server.handleStream(
        CHAT,
        (context, requests, replies) -> {
          for (EchoRequest each = requests.next(); each != null; each = requests.next()) {
            replies.send(reply(each.getMsg()));
          }
        });
    server.handleStream(
        MANY,
        (context, requests, replies) -> {
          String msg = requests.one().getMsg();
          replies.send(reply(msg + " 1"));
          replies.send(reply(msg + " 2"));
        });
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** A filter that notes what it sees under its name, and changes messages like this. */
  private record Noting(
      List<String> seen, String name, UnaryOperator<String> request, UnaryOperator<String> reply)
      implements Filter, MessageFilter {
    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      seen.add(name + " opens");
      return next.call(request);
    }

    @Override
    public MessageFilter messages(Request<?, ?> request) {
      return this;
    }

    @Override
    public Object request(Object message) {
      String msg = ((EchoRequest) message).getMsg();
      seen.add(name + " sends " + msg);
      return Rig.request(request.apply(msg));
    }

    @Override
    public Object reply(Object message) {
      String msg = ((EchoReply) message).getMsg();
      seen.add(name + " gets " + msg);
      return Rig.reply(reply.apply(msg));
    }

    @Override
    public void ended(Status status) {
      seen.add(name + " ends " + status.code());
    }
  }

  private Noting noting(String name) {
    return new Noting(seen, name, UnaryOperator.identity(), UnaryOperator.identity());
  }

  private static String refuse(String msg) {
    throw Status.of(Code.PERMISSION_DENIED, "not " + msg).toException();
  }

  private Exchange<EchoRequest, EchoReply> chat(Client client) {
    return client.open(Request.opening(CHAT).at("ip://" + server.address()));
  }

  private Exchange<EchoRequest, EchoReply> many(Client client) {
    return client.open(Request.of(MANY, request("hi")).at("ip://" + server.address()));
  }

  private static List<String> rest(Exchange<?, EchoReply> from) {
    List<String> all = new ArrayList<>();
    for (@Nullable EchoReply each = from.next(); each != null; each = from.next()) {
      all.add(each.getMsg());
    }
    return all;
  }

  @Test
  void seeEachMessageInTheirOrderAndTheEnd() {
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter(noting("try"))
                .filter(noting("outer"))
                .filter(noting("inner")));
    try (var chat = chat(client)) {
      chat.send(request("a"));
      assertThat(chat.next()).isEqualTo(reply("a"));
      chat.finish();
      assertThat(chat.next()).isNull();
    }
    // The filter of the try runs on a thread of its own, meanwhile.
    assertThat(seen).contains("try opens");
    assertThat(seen.stream().filter(each -> !each.equals("try opens")))
        .containsExactly(
            "outer opens",
            "inner opens",
            "outer sends a",
            "inner sends a",
            "try sends a",
            "try gets a",
            "inner gets a",
            "outer gets a",
            "try ends OK",
            "inner ends OK",
            "outer ends OK");
  }

  @Test
  void changeMessagesEitherWayAlsoTheOneOfServerStreaming() {
    Client client =
        rig.client(
            Client.builder().filter(new Noting(seen, "f", msg -> msg + "?", msg -> msg + "!")));
    try (var many = many(client)) {
      assertThat(rest(many)).containsExactly("hi? 1!", "hi? 2!");
    }
    try (var chat = chat(client)) {
      chat.send(request("a"));
      assertThat(chat.next()).isEqualTo(reply("a?!"));
    }
    assertThat(seen).endsWith("f ends CANCELLED");
  }

  @Test
  void endTheCallByRefusingAMessage() {
    for (boolean perTry : new boolean[] {false, true}) {
      for (boolean ofRequest : new boolean[] {false, true}) {
        seen.clear();
        UnaryOperator<String> pass = UnaryOperator.identity();
        UnaryOperator<String> refuse = ClientStreamFiltersTest::refuse;
        Filter filter = new Noting(seen, "f", ofRequest ? refuse : pass, ofRequest ? pass : refuse);
        ClientBuilder builder = Client.builder();
        Client client = rig.client(perTry ? builder.attemptFilter(filter) : builder.filter(filter));
        try (var chat = chat(client)) {
          Status status =
              failure(() -> {
                chat.send(request("a"));
                chat.next();
              });
          assertThat(status.code()).isEqualTo(Code.PERMISSION_DENIED);
          assertThat(status.message()).isEqualTo("not a");
          assertThat(failure(() -> chat.send(request("b"))).code())
              .isEqualTo(Code.PERMISSION_DENIED);
          assertThat(failure(chat::next).code()).isEqualTo(Code.PERMISSION_DENIED);
        }
        if (!perTry) { // Else the opening has a thread of its own, and may come last.
          assertThat(seen).endsWith("f ends PERMISSION_DENIED");
        }
        assertThat(seen).contains("f ends PERMISSION_DENIED");
        assertThat(seen.stream().filter(each -> each.startsWith("f ends"))).hasSize(1);
      }
    }
  }

  @Test
  void thatThrowOrLoseAMessageEndTheCallWithInternal() {
    List<UnaryOperator<Object>> bad =
        List.of(
            message -> null,
            message -> "a string",
            message -> {
              throw new IllegalStateException("a test");
            });
    for (UnaryOperator<Object> each : bad) {
      MessageFilter breaking =
          new MessageFilter() {
            @Override
            public Object reply(Object message) {
              return each.apply(message);
            }
          };
      Filter filter =
          new Filter() {
            @Override
            public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
              return next.call(request);
            }

            @Override
            public MessageFilter messages(Request<?, ?> request) {
              return breaking;
            }
          };
      try (var many = many(rig.client(Client.builder().filter(filter)))) {
        assertThat(failure(many::next).code()).isEqualTo(Code.INTERNAL);
      }
    }
  }

  @Test
  void answerAStreamThemselves() {
    Filter answering =
        (request, next) -> {
          Object body =
              request.metadata().text("many") == null
                  ? reply("own")
                  : List.of(reply("one"), reply("two"));
          return new Reply<>(body, Metadata.of("h", "1"), Metadata.of("t", "2"), "");
        };
    for (ClientBuilder builder :
        List.of(
            Client.builder().filter(noting("outer")).filter(answering).filter(noting("inner")),
            Client.builder()
                .filter(noting("outer"))
                .attemptFilter(answering)
                .attemptFilter(noting("inner")))) {
      seen.clear();
      Client client = rig.client(builder);
      try (var chat = chat(client)) {
        assertThat(rest(chat)).containsExactly("own");
        assertThat(chat.headers().text("h")).isEqualTo("1");
        assertThat(chat.trailers().text("t")).isEqualTo("2");
        assertThat(chat.status()).isEqualTo(Status.OK);
      }
      assertThat(seen).contains("outer gets own", "outer ends OK").doesNotContain("inner gets own");
      var asking = Request.of(MANY, request("hi")).at("ip://" + server.address());
      try (var many = client.open(asking.withMetadata("many", "yes"))) {
        assertThat(rest(many)).containsExactly("one", "two");
      }
    }
  }

  @Test
  void answerOnceOrNotAtAll() {
    Filter twice =
        (request, next) -> {
          Reply<?> unused = next.call(request);
          return Reply.of(reply("once more"));
        };
    assertThat(failure(() -> many(rig.client(Client.builder().filter(twice)))).code())
        .isEqualTo(Code.INTERNAL);
    try (var many = many(rig.client(Client.builder().attemptFilter(twice)))) {
      assertThat(failure(() -> rest(many)).code()).isEqualTo(Code.INTERNAL);
    }
    Filter wrong = (request, next) -> Reply.of("a string");
    for (ClientBuilder builder :
        List.of(Client.builder().filter(wrong), Client.builder().attemptFilter(wrong))) {
      try (var many = many(rig.client(builder))) {
        assertThat(failure(many::next).code()).isEqualTo(Code.INTERNAL);
      }
    }
  }

  @Test
  void thatRefuseTheOpeningAreToldOfTheEnd() {
    Filter refusing =
        (request, next) -> {
          throw Status.of(Code.PERMISSION_DENIED, "no").toException();
        };
    Client client = rig.client(Client.builder().filter(noting("outer")).filter(refusing));
    assertThat(failure(() -> many(client)).code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(seen).containsExactly("outer opens", "outer ends PERMISSION_DENIED");
  }
}
