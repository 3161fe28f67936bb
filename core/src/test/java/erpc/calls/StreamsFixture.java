package erpc.calls;

import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** Methods of every kind of stream and their handlers, on the transports and by the protocols. */
abstract class StreamsFixture {
  static final Method<EchoRequest, EchoReply> COUNT =
      Method.serverStreaming("demo.count", EchoRequest.class, EchoReply.class);
  static final Method<EchoRequest, EchoReply> JOIN =
      Method.clientStreaming("demo.join", EchoRequest.class, EchoReply.class);
  static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  @Parameter Way way;

  private @Nullable Rig made;
  final AtomicReference<@Nullable Status> seenByHandler = new AtomicReference<>();
  final CountDownLatch handlerEnded = new CountDownLatch(1);
  final CountDownLatch handlerMayEnd = new CountDownLatch(1);

  @BeforeEach
  void open() {
    made = new Rig(way);
  }

  @AfterEach
  void close() throws Exception {
    rig().close();
  }

  Rig rig() {
    return java.util.Objects.requireNonNull(made);
  }

  Server serve(Consumer<Server> handlers) throws Exception {
    return serve(Rig.servers(), handlers);
  }

  Server serve(ServerBuilder builder, Consumer<Server> handlers) throws Exception {
    Server server = rig().serve(builder, Rig::echo);
    handlers.accept(server);
    return server;
  }

  static void count(Context context, EchoRequest request, erpc.call.Outgoing<EchoReply> replies) {
    int most = Integer.parseInt(request.getMsg());
    for (int i = 0; i < most; i++) {
      replies.send(reply(Integer.toString(i)));
    }
  }

  static EchoReply join(Context context, erpc.call.Incoming<EchoRequest> requests) {
    StringBuilder all = new StringBuilder();
    for (EchoRequest each : requests) {
      all.append(each.getMsg());
    }
    return reply(all.toString());
  }

  static void chat(
      Context context,
      erpc.call.Incoming<EchoRequest> requests,
      erpc.call.Outgoing<EchoReply> replies) {
    for (EchoRequest each : requests) {
      replies.send(reply(each.getMsg()));
    }
  }

  static <Q, R> Request<Q, R> to(Server server, Request<Q, R> request) {
    return request.at("ip://" + server.address());
  }

  static Exchange<EchoRequest, EchoReply> counting(Client client, Server server, int most) {
    return client.open(to(server, Request.of(COUNT, request(Integer.toString(most)))));
  }

  static Exchange<EchoRequest, EchoReply> chatting(Client client, Server server) {
    return client.open(to(server, Request.opening(CHAT)));
  }
}
