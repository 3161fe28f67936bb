package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What calls say that don't say it themselves, and where they go without a center. */
@Timeout(60)
class CallerOptionsTest {
  private static final Method<EchoRequest, EchoReply> COUNT =
      Method.serverStreaming("demo.count", EchoRequest.class, EchoReply.class);

  /** Seconds, so that a busy machine's delays don't show. */
  private static final long HUNDRED = 100;

  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** How much time a call has, in hundreds of seconds, and what metadata it came with. */
  private static EchoReply seen(Context context, EchoRequest request) {
    long left = (context.deadline().remaining().toSeconds() + HUNDRED - 1) / HUNDRED;
    return reply(left + " " + context.metadata().text("who") + " " + context.metadata().text("b"));
  }

  private Server serve() throws Exception {
    return rig.serve(CallerOptionsTest::seen)
        .handleServerStream(
            COUNT, (context, request, replies) -> replies.send(seen(context, request)));
  }

  private static Duration time(int hundreds) {
    return Duration.ofSeconds(hundreds * HUNDRED);
  }

  private static CallOptions timeout(int hundreds) {
    return CallOptions.NONE.withTimeout(time(hundreds));
  }

  private static ClientBuilder client(Server server) {
    return Client.builder()
        .settings(ClientSettings.DEFAULTS.withTimeout(time(1)))
        .target("ip://" + server.address());
  }

  private static String echo(Client client) {
    return client.call(Rig.ECHO, Rig.request("")).getMsg();
  }

  @Test
  void theMoreSpecialOnesCountFirst() throws Exception {
    Server server = serve();
    assertThat(echo(rig.client(client(server)))).isEqualTo("1 null null");
    ClientBuilder builder =
        client(server).options(timeout(2).withMetadata("who", "all").withMetadata("b", "too"));
    assertThat(echo(rig.client(builder))).isEqualTo("2 all too");
    builder.options("demo", timeout(3).withMetadata("who", "service"));
    assertThat(echo(rig.client(builder))).isEqualTo("3 service too");
    builder.options("demo.echo", timeout(4)).options("demo.other", timeout(99));
    Client client = rig.client(builder);
    assertThat(echo(client)).isEqualTo("4 service too");
    Method<EchoRequest, EchoReply> own = Rig.ECHO.timeout(time(5));
    assertThat(client.call(own, Rig.request("")).getMsg()).isEqualTo("5 service too");
    Request<EchoRequest, EchoReply> request =
        Request.of(own, Rig.request("")).withOptions(timeout(6).withMetadata("who", "me"));
    assertThat(client.send(request).body().getMsg()).isEqualTo("6 me too");
    assertThat(client.sendAsync(request).get().body().getMsg()).isEqualTo("6 me too");
    assertThat(client.call("demo.echo", Rig.request(""), EchoReply.class).getMsg())
        .isEqualTo("4 service too");
  }

  @Test
  void aTimeoutOfAllCallsLetsStreamsLast() throws Exception {
    Server server = serve();
    ClientBuilder builder = client(server).options(timeout(2)).options("demo", timeout(3));
    Client client = rig.client(builder);
    try (var replies = client.open(COUNT, Rig.request(""))) {
      String said = replies.one().getMsg();
      assertThat(Long.parseLong(said.substring(0, said.indexOf(' ')))).isGreaterThan(1_000_000);
    }
    try (var replies = client.open(COUNT.timeout(time(7)), Rig.request(""))) {
      assertThat(replies.one().getMsg()).startsWith("7 ");
    }
    Client limited = rig.client(builder.options("demo.count", timeout(8)));
    try (var replies = limited.open(COUNT, Rig.request(""))) {
      assertThat(replies.one().getMsg()).startsWith("8 ");
    }
  }

  @Test
  void filtersAroundTriesSeeThem() throws Exception {
    Server server = serve();
    Client client =
        rig.client(
            client(server)
                .options(CallOptions.NONE.withTag("team", "red").withAffinityKey("7"))
                .attemptFilter((request, next) -> {
                  String tag = request.options().tags().get("team");
                  return next.call(request.withMetadata("who", String.valueOf(tag)));
                }));
    assertThat(echo(client)).isEqualTo("1 red null");
  }

  @Test
  void aServiceMayHaveATargetOfItsOwn() throws Exception {
    Server one = rig.serve((context, request) -> reply("one"));
    Server other = rig.serve((context, request) -> reply("other"));
    Client client = rig.client(client(one).target("shop.Orders", "list://" + other.address()));
    assertThat(echo(client)).isEqualTo("one");
    Method<EchoRequest, EchoReply> orders =
        Method.unary("shop.Orders.get", EchoRequest.class, EchoReply.class);
    other.handle(orders, (context, request) -> reply("order"));
    assertThat(client.call(orders, Rig.request("")).getMsg()).isEqualTo("order");
    assertThat(client.call("shop.Orders.get", Rig.request(""), EchoReply.class).getMsg())
        .isEqualTo("order");
    // An address that says where it goes, goes there.
    assertThat(client.send(Rig.to(other)).body().getMsg()).isEqualTo("other");
    assertThat(
            failure(() ->
                    client.send(Request.of(orders, Rig.request("")).at("ip://" + one.address())))
                .code())
        .isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void aTargetThatIsNoPlaceIsRefused() {
    for (String bad : new String[] {"orders:9443", "://x", "dns://", ""}) {
      assertThatThrownBy(() -> Client.builder().target(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be scheme://where");
    }
    assertThatThrownBy(() -> Client.builder().target("no service", "ip://a:1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Client.builder().options("a..b", CallOptions.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
