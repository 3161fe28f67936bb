package erpc.calls;

import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.BodyCode;
import erpc.call.BodyType;
import erpc.call.Empty;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Sink;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Methods whose messages are of generic types, empty, or bring code of their own. */
@Timeout(60)
class BodyTypesTest {
  record Order(String item, int count) {}

  record Page<T>(List<T> items, int next) {}

  static class Plain {
    public int a;
  }

  static class More extends Plain {
    public int b;
  }

  private static final BodyType<List<Order>> ORDERS = new BodyType<>() {};
  private static final BodyType<Map<String, Page<Order>>> PAGES = new BodyType<>() {};

  private static final Method<List<Order>, Map<String, Page<Order>>> SORT =
      Method.unary("shop.sort", ORDERS, PAGES);

  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private <Q, R> Client serving(Method<Q, R> method, erpc.server.Handler<Q, R> handler)
      throws Exception {
    Server server = rig.serve(Rig::echo).handle(method, handler);
    return rig.client(Client.builder().target("ip://" + server.address()));
  }

  @Test
  void listsAndMapsKeepTheTypesOfWhatTheyHold() throws Exception {
    Client client =
        serving(
            SORT,
            (context, orders) -> {
              Order first = orders.get(0); // It would be a map.
              return Map.of(first.item(), new Page<>(orders, first.count()));
            });
    List<Order> orders = new ArrayList<>(List.of(new Order("tea", 2), new Order("milk", 1)));
    Map<String, Page<Order>> pages = client.call(SORT, orders);
    assertThat(pages).isEqualTo(Map.of("tea", new Page<>(orders, 2)));
  }

  @Test
  void streamsCarryThemToo() throws Exception {
    Method<List<Order>, List<Order>> chat = Method.bidirectional("shop.chat", ORDERS, ORDERS);
    Server server =
        rig.serve(Rig::echo)
            .handleStream(
                chat,
                (context, requests, replies) -> {
                  for (List<Order> each : requests) {
                    replies.send(List.of(each.get(0)));
                  }
                });
    Client client = rig.client(Client.builder().target("ip://" + server.address()));
    try (var exchange = client.open(chat)) {
      exchange.send(List.of(new Order("tea", 2)));
      assertThat(exchange.reply().get(0).count()).isEqualTo(2);
    }
  }

  @Test
  void anEmptyMessageGoesWithEveryOther() throws Exception {
    Client pings =
        serving(
            Method.unary("shop.ping", BodyType.EMPTY, BodyType.EMPTY),
            (context, request) -> request);
    for (String codec : new String[] {"pb", "json", "binary"}) {
      Request<Empty, Empty> request =
          Request.of(Method.unary("shop.ping", BodyType.EMPTY, BodyType.EMPTY), Empty.MESSAGE);
      assertThat(pings.send(request).body()).isSameAs(Empty.MESSAGE);
      assertThat(pings.send(request.withCodec(codec)).body()).isSameAs(Empty.MESSAGE);
    }
    Method<Empty, List<Order>> all = Method.unary("shop.all", BodyType.EMPTY, ORDERS);
    Client lists = serving(all, (context, request) -> List.of(new Order("tea", 1)));
    assertThat(lists.call(all, Empty.MESSAGE)).containsExactly(new Order("tea", 1));
    Method<byte[], Empty> put = Method.unary("shop.put", BodyType.of(byte[].class), BodyType.EMPTY);
    assertThat(serving(put, (context, request) -> Empty.MESSAGE).call(put, new byte[9]))
        .isSameAs(Empty.MESSAGE);
    Method<Empty, EchoReply> pb =
        Method.unary("shop.pb", BodyType.EMPTY, BodyType.of(EchoReply.class));
    assertThat(serving(pb, (context, request) -> Rig.reply("x")).call(pb, Empty.MESSAGE).getMsg())
        .isEqualTo("x");
  }

  /** Nothing that reflection could find. */
  private static final class Closed {
    private final String text;

    private Closed(String text) {
      this.text = text;
    }
  }

  private static final BodyCode<Closed> CODE =
      new BodyCode<>() {
        @Override
        public void write(Closed message, Sink sink) {
          byte[] bytes = message.text.getBytes(StandardCharsets.UTF_8);
          sink.reserve(bytes.length).put(bytes);
        }

        @Override
        public Closed read(ByteBuffer source) {
          if (source.remaining() > 3) {
            throw new IllegalArgumentException("too long for me: secret");
          }
          return new Closed(StandardCharsets.UTF_8.decode(source).toString());
        }
      };

  @Test
  void aTypeMayBringCodeOfItsOwn() throws Exception {
    BodyType<Closed> type = BodyType.of(Closed.class).with("binary", CODE);
    Method<Closed, Closed> method = Method.unary("shop.closed", type, type);
    Client client = serving(method, (context, request) -> new Closed(request.text + request.text));
    assertThat(client.call(method, new Closed("a")).text).isEqualTo("aa");
    var late = failure(() -> client.call(method, new Closed("ab")));
    assertThat(late.code()).isEqualTo(Code.INTERNAL);
    assertThat(late.message())
        .contains("binary: not a", "its own code threw java.lang.IllegalArgumentException")
        .doesNotContain("secret");
    var bad = failure(() -> client.call(method, new Closed("abcd")));
    assertThat(bad.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(bad.isRemote()).isTrue();
    assertThat(
            failure(() -> client.send(Request.of(method, new Closed("a")).withCodec("pb"))).code())
        .isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void aMessageOfASubclassLosesNothingInSilence() throws Exception {
    Method<Plain, Plain> method = Method.unary("shop.plain", Plain.class, Plain.class);
    Client client = serving(method, (context, request) -> request.a == 0 ? request : new More());
    assertThat(client.call(method, new Plain()).a).isZero();
    var request = failure(() -> client.call(method, new More()));
    assertThat(request.code()).isEqualTo(Code.INTERNAL);
    assertThat(request.isRemote()).isFalse();
    assertThat(request.message()).contains("$More stands where", "$Plain is declared");
    Plain one = new Plain();
    one.a = 1;
    var reply = failure(() -> client.call(method, one));
    assertThat(reply.code()).isEqualTo(Code.INTERNAL);
    assertThat(reply.message()).contains("reply of shop.plain", "$More stands where");
  }

  @Test
  void aReplyOfAnotherTypeIsSaidToBeOne() throws Exception {
    Server server =
        rig.serve(Rig.servers().filter((request, next) -> erpc.call.Reply.of("a text")), Rig::echo);
    var status = failure(() -> rig.client().send(Rig.to(server)));
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.message()).contains("a java.lang.String is no erpc.fixture.EchoReply");
  }

  @Test
  void aTypeThatNoCodecTakesIsRefusedWithItsPart() {
    Method<List<Object[]>, List<Thread>> bad =
        Method.unary("shop.bad", new BodyType<>() {}, new BodyType<>() {});
    assertThatThrownBy(() -> rig.serve(Rig::echo).handle(bad, (context, request) -> List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("method shop.bad has a reply that no codec takes")
        .hasMessageContaining("java.util.List<java.lang.Thread>: its []");
  }

  @Test
  void theMessageOfAMethodMayBeAMessageOfProtobuf() {
    Method<EchoRequest, List<EchoReply>> mixed =
        Method.unary("shop.mixed", BodyType.of(EchoRequest.class), new BodyType<>() {});
    assertThatThrownBy(() -> rig.serve(Rig::echo).handle(mixed, (context, request) -> List.of()))
        .hasMessageContaining("make the whole message protobuf");
  }
}
