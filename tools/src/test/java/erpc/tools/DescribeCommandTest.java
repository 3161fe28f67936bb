package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import erpc.call.Method;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.server.Authenticator;
import erpc.server.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code erpc describe} at a server's address; for the center's names see {@link ByNameTest}. */
class DescribeCommandTest {
  /** What a method without protobuf takes and answers. */
  record Point(int x, int y) {}

  private static final Method<StringValue, StringValue> UPPER =
      Method.unary("demo.upper", StringValue.class, StringValue.class);

  private Server server;

  @BeforeEach
  void serve() throws Exception {
    server =
        Server.builder()
            .build()
            .handle(
                Method.unary("shop.Leases.Take", RegisterRequest.class, RegisterReply.class)
                    .describedAs("Takes a lease.\n\nAgain takes the same one.")
                    .idempotent(),
                (context, request) -> RegisterReply.getDefaultInstance())
            .handleStream(
                Method.bidirectional(
                    "shop.Leases.Hold", HeartbeatRequest.class, HeartbeatReply.class),
                (context, requests, replies) -> {})
            .handle(UPPER.describedAs("\033]0;mine\007 \u202eevil"), (context, request) -> request)
            .handle(
                Method.unary("demo.turn", Point.class, Point.class), (context, request) -> request)
            .handle(
                Method.unary("demo.turn.left", StringValue.class, StringValue.class),
                (context, request) -> request)
            .listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String at(String name) {
    return "ip://" + server.address() + "/" + name;
  }

  private static final String SERVICE =
      """
      service shop.Leases

        rpc Hold(stream erpc.center.v1.HeartbeatRequest) returns (stream erpc.center.v1.HeartbeatReply)   // codecs pb, json

        // Takes a lease.
        //
        // Again takes the same one.
        rpc Take(erpc.center.v1.RegisterRequest) returns (erpc.center.v1.RegisterReply)   // idempotent; codecs pb, json

      message erpc.center.v1.HeartbeatRequest {
        uint64 lease = 1;
      }

      message erpc.center.v1.HeartbeatReply {
        uint32 ttl_millis = 1;
        fixed64 holds = 2;
      }

      message erpc.center.v1.RegisterRequest {
        repeated Instance instances = 1;
        uint64 epoch = 2;
        string owner = 3;
      }

      message erpc.center.v1.Instance {
        string id = 1;
        string service = 2;
        string address = 3;
        repeated string methods = 4;
        uint32 weight = 5;
        string zone = 6;
        map<string, string> tags = 7;
      }

      message erpc.center.v1.RegisterReply {
        uint64 lease = 1;
        uint32 ttl_millis = 2;
        uint64 revision = 3;
        string observed_host = 4;
        fixed64 holds = 5;
      }
      """;

  @Test
  void showsAServiceWithItsCommentsAndTheTypesItNeeds() {
    assertThat(ErpcCommand.run("describe", at("shop.Leases")))
        .isEqualTo(new ErpcCommand(0, SERVICE, ""));
  }

  @Test
  void showsOneMethodWithItsTypesAlone() {
    ErpcCommand run = ErpcCommand.run("describe", at("shop.Leases.Hold"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("service shop.Leases\n\n  rpc Hold(stream ")
        .contains("message erpc.center.v1.HeartbeatReply {")
        .doesNotContain("Take", "Register");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void showsAllMethodsOfAServerByService(String end) {
    ErpcCommand run = ErpcCommand.run("describe", "ip://" + server.address() + end);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines().filter(line -> line.startsWith("service")))
        .containsExactly("service demo", "service demo.turn", "service shop.Leases");
    assertThat(run.out())
        .contains("  rpc upper(google.protobuf.StringValue) returns (google.protobuf.StringValue)")
        .contains("\nmessage erpc.center.v1.RegisterRequest {")
        .doesNotContain("message google.protobuf", "erpc.describe", "service erpc");
    ErpcCommand all = ErpcCommand.run("describe", "--all", "ip://" + server.address() + end);
    assertThat(all.out()).contains("service erpc\n", "  rpc describe(", "service erpc.health");
  }

  @Test
  void asksByASocketsPathAloneToo(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("my.socket");
    try (Server other =
        Server.builder().build().handle(UPPER, (c, it) -> it).listen("unix:" + socket)) {
      assertThat(Files.exists(socket)).isTrue();
      for (String end : new String[] {"", "/", "/demo", "/demo.upper"}) {
        ErpcCommand run = ErpcCommand.run("describe", "unix://" + socket + end);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("service demo\n\n  rpc upper(");
      }
    }
  }

  @Test
  void saysThatAMethodIsNotProtobufAndWhatItTakes() {
    assertThat(ErpcCommand.run("describe", at("demo.turn.left")).code()).isZero();
    assertThat(ErpcCommand.run("describe", "ip://" + server.address()).out())
        .contains("  rpc turn(not protobuf) returns (not protobuf)   // codecs json\n");
  }

  @Test
  void escapesWhatATerminalWouldObey() {
    ErpcCommand run = ErpcCommand.run("describe", at("demo.upper"));
    assertThat(run.out()).contains("  // \\u001b]0;mine\\u0007 \\u202eevil\n");
    ErpcCommand json = ErpcCommand.run("describe", "--json", at("demo.upper"));
    assertThat(json.out())
        .contains("\"comment\":\"\\u001B]0;mine\\u0007 \\u202eevil\"")
        .hasLineCount(1);
  }

  @Test
  void saysEachMethodInALineOfJsonToPrograms() {
    ErpcCommand run = ErpcCommand.run("describe", "--json", at("shop.Leases"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .first()
        .isEqualTo(
            "{\"method\":\"shop.Leases.Hold\",\"service\":\"shop.Leases\","
                + "\"kind\":\"BIDIRECTIONAL\",\"request\":\"erpc.center.v1.HeartbeatRequest\","
                + "\"reply\":\"erpc.center.v1.HeartbeatReply\",\"idempotent\":false,"
                + "\"deprecated\":false,\"codecs\":[\"pb\",\"json\"],\"comment\":\"\",\"types\":{"
                + "\"erpc.center.v1.HeartbeatRequest\":"
                + "\"message erpc.center.v1.HeartbeatRequest {\\n  uint64 lease = 1;\\n}\\n\","
                + "\"erpc.center.v1.HeartbeatReply\":"
                + "\"message erpc.center.v1.HeartbeatReply {\\n  uint32 ttl_millis = 1;\\n"
                + "  fixed64 holds = 2;\\n}\\n\"}}");
    assertThat(run.out()).hasLineCount(2);
  }

  @Test
  void namesWhatThereIsWhenANameIsNotOrSaysTwoThings() {
    ErpcCommand unknown = ErpcCommand.run("describe", at("shop.Leasse"));
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err())
        .isEqualTo(
            "erpc: the server has no service and no method shop.Leasse; it has demo.turn,"
                + " demo.turn.left, demo.upper, shop.Leases.Hold, shop.Leases.Take\n");
    ErpcCommand both = ErpcCommand.run("describe", at("demo.turn"));
    assertThat(both.code()).isEqualTo(1);
    assertThat(both.err())
        .isEqualTo(
            "erpc: demo.turn is a method, and a service too, which has demo.turn.left; ask for one"
                + " of these, or for the method's service demo\n");
  }

  @Test
  void saysThatAServerHasNothingButErpcsOwn() throws Exception {
    try (Server bare = Server.builder().build().listen("127.0.0.1:0")) {
      ErpcCommand run = ErpcCommand.run("describe", "ip://" + bare.address());
      assertThat(run)
          .isEqualTo(
              new ErpcCommand(
                  1, "", "erpc: the server has no methods but erpc's own; --all shows those\n"));
    }
  }

  @Test
  void saysThatNobodyListensAndToProgramsInJson() {
    ErpcCommand run = ErpcCommand.run("describe", "ip://127.0.0.1:1", "--json");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).startsWith("{\"status\":{\"code\":\"UNAVAILABLE\"").hasLineCount(1);
    assertThat(run.err()).startsWith("erpc: UNAVAILABLE: cannot connect").hasLineCount(1);
  }

  @Test
  void showsAToken() throws Exception {
    try (Server guarded =
        Server.builder()
            .authenticator(Authenticator.bearer(Map.of("0123456789abcdef0123456789abcdef", "me")))
            .build()
            .handle(UPPER, (context, request) -> request)
            .listen("127.0.0.1:0")) {
      String address = "ip://" + guarded.address();
      ErpcCommand without = ErpcCommand.run("describe", address);
      assertThat(without.code()).isEqualTo(1);
      assertThat(without.err()).contains("UNAUTHENTICATED", "-H authorization='Bearer …'");
      String token = "authorization=Bearer 0123456789abcdef0123456789abcdef";
      assertThat(ErpcCommand.run("describe", address, "-H", token).out()).contains("  rpc upper(");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "describe                            | Missing required parameter: 'WHAT'",
        "describe 127.0.0.1:8877             | write ip://IP:PORT for all methods of a server",
        "describe demo/echo                  | 'demo/echo' is neither a name",
        "describe ip:///demo                 | is neither a name, as demo or demo.echo, nor an address",
        "describe ip://127.0.0.1/demo.echo   | has no port",
        "describe http://127.0.0.1:1         | unknown scheme 'http'; known are",
        "describe ip://127.0.0.1:1/a..b      | 'a..b' has a dot without a word on each side",
        "describe demo. --center a:1         | 'demo.' has a dot without a word on each side",
        "describe demo --timeout 5           | '5' is no time; write 500ms, 1.5s or 2m",
      })
  void answersWrongUsageWithTwoAndTheWayToHelp(String typed, String why) {
    ErpcCommand run = ErpcCommand.run(typed.split(" "));
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("erpc: ")
        .contains(why)
        .contains("--help shows what can be said")
        .doesNotContain("Exception", "\tat ");
  }
}
