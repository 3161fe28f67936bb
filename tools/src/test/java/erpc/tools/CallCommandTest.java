package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Status;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.transport.TlsSettings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code erpc call} at a server's address: types by description, exit codes, what is said. */
class CallCommandTest {
  /** What a method without protobuf takes and answers. */
  record Point(int x, int y) {}

  private final AtomicReference<Context> last = new AtomicReference<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private Server server;

  @BeforeEach
  void serve() throws Exception {
    server =
        Server.builder()
            .build()
            .handle(
                Method.unary("demo.upper", StringValue.class, StringValue.class),
                (context, request) -> {
                  last.set(context);
                  return StringValue.of(request.getValue().toUpperCase(java.util.Locale.ROOT));
                })
            .handle(
                Method.unary("demo.same", Struct.class, Struct.class).idempotent(),
                (context, request) -> request)
            .handle(
                Method.unary("demo.wrap", Timestamp.class, Any.class),
                (context, request) -> Any.pack(request))
            .handle(
                Method.unary("demo.turn", Point.class, Point.class),
                (context, request) -> new Point(request.y, request.x))
            .handle(
                Method.unary("demo.stuck", StringValue.class, StringValue.class),
                (context, request) -> {
                  never.await(10, TimeUnit.SECONDS);
                  return request;
                })
            .handle(
                Method.unary("demo.refuse", StringValue.class, StringValue.class),
                (context, request) -> {
                  throw Status.of(Status.Code.PERMISSION_DENIED, "not\nyou").toException();
                })
            .handleServerStream(
                Method.serverStreaming("demo.letters", StringValue.class, StringValue.class),
                (context, request, replies) -> {
                  for (char each : request.getValue().toCharArray()) {
                    replies.send(StringValue.of(String.valueOf(each)));
                  }
                })
            .handleClientStream(
                Method.clientStreaming("demo.join", StringValue.class, StringValue.class),
                (context, requests) -> {
                  StringBuilder all = new StringBuilder();
                  requests.forEach(each -> all.append(each.getValue()));
                  return StringValue.of(all.toString());
                })
            .handleStream(
                Method.bidirectional("demo.chat", Point.class, Point.class),
                (context, requests, replies) -> {
                  for (Point each : requests) {
                    if (each.x < 0) {
                      throw Status.of(Status.Code.OUT_OF_RANGE, "enough").toException();
                    }
                    replies.send(new Point(each.y, each.x));
                  }
                })
            .listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    never.countDown();
    server.close();
  }

  private String at(String method) {
    return "ip://" + server.address() + "/" + method;
  }

  @Test
  void callsAMethodWhoseTypeIsDeclaredInAnother() throws Exception {
    try (Server nested =
        Server.builder()
            .build()
            .handle(
                Method.unary("demo.nested", ReservedRange.class, ReservedRange.class),
                (context, request) -> request)
            .listen("127.0.0.1:0")) {
      String method = "ip://" + nested.address() + "/demo.nested";
      ErpcCommand run = ErpcCommand.run("call", method, "{\"start\":5}", "--codec", "pb");
      assertThat(run).isEqualTo(new ErpcCommand(0, "{\n  \"start\": 5\n}\n", ""));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pb", "json"})
  void printsTheReplyAsJsonWhateverTheCodec(String codec) {
    ErpcCommand run =
        ErpcCommand.run("call", at("demo.same"), "{\"a\": [1, \"ü\"]}", "--codec", codec);
    assertThat(run).isEqualTo(new ErpcCommand(0, "{\n  \"a\": [ 1.0, \"ü\" ]\n}\n", ""));
  }

  @Test
  void showsWhatIsWrappedByItsDescribedType() {
    ErpcCommand run = ErpcCommand.run("call", at("demo.wrap"), "\"1970-01-01T00:00:01Z\"");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("type.googleapis.com/google.protobuf.Timestamp", "1970-01-01T00:00:01Z");
  }

  @Test
  void passesJsonThroughWhereThereIsNoProtobuf() {
    ErpcCommand run = ErpcCommand.run("call", at("demo.turn"), "{\"x\":1,\"y\":2}");
    assertThat(run).isEqualTo(new ErpcCommand(0, "{\n  \"x\": 2,\n  \"y\": 1\n}\n", ""));
    ErpcCommand pb = ErpcCommand.run("call", at("demo.turn"), "{}", "--codec", "pb");
    assertThat(pb.code()).isEqualTo(2);
    assertThat(pb.err()).contains("demo.turn cannot be called with the codec 'pb'; it takes json");
  }

  @Test
  void printsEachReplyOfAStreamAsALine() {
    assertThat(ErpcCommand.run("call", at("demo.letters"), "\"abc\""))
        .isEqualTo(new ErpcCommand(0, "\"a\"\n\"b\"\n\"c\"\n", ""));
  }

  @Test
  void streamsRequestsFromArgumentsOrLinesOfStdin() {
    ErpcCommand joined = new ErpcCommand(0, "\"ab\"\n", "");
    assertThat(ErpcCommand.run("call", at("demo.join"), "\"a\"", "\"b\"")).isEqualTo(joined);
    assertThat(ErpcCommand.runWithInput("\"a\"\n\n\"b\"", "call", at("demo.join")))
        .isEqualTo(joined);
    String lines = "{\"x\":1,\"y\":2}\n{\"x\":3}\n";
    assertThat(ErpcCommand.runWithInput(lines, "call", at("demo.chat"), "-"))
        .isEqualTo(new ErpcCommand(0, "{\"x\":2,\"y\":1}\n{\"x\":0,\"y\":3}\n", ""));
  }

  @Test
  void showsRepliesBeforeTheStatusThatEndsAStream() {
    ErpcCommand run = ErpcCommand.run("call", at("demo.chat"), "{\"y\":1}", "{\"x\":-1}");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("{\"x\":1,\"y\":0}\n");
    assertThat(run.err()).contains("OUT_OF_RANGE", "enough");
  }

  @Test
  void aLineThatIsNoRequestEndsTheCall() {
    ErpcCommand run = ErpcCommand.runWithInput("\"a\"\n{\n", "call", at("demo.join"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("the body is no JSON");
  }

  @Test
  void aMethodThatTakesOneRequestTakesNoOther() {
    for (String method : List.of("demo.upper", "demo.letters")) {
      ErpcCommand run = ErpcCommand.run("call", at(method), "\"a\"", "\"b\"");
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("takes one request, not 2");
      assertThat(ErpcCommand.run("call", at(method)).err()).contains("takes one request, not 0");
    }
  }

  @Test
  void readsTheBodyFromStdin() {
    ErpcCommand run = ErpcCommand.runWithInput("\"from stdin\"\n", "call", at("demo.upper"), "-");
    assertThat(run).isEqualTo(new ErpcCommand(0, "\"FROM STDIN\"\n", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"piped\"\n", "\uFEFF\"piped\"", "\n \"piped\""})
  void takesWhatIsPipedForTheBodyWhereNoneIsGiven(String input) {
    assertThat(ErpcCommand.runWithInput(input, "call", at("demo.upper")))
        .isEqualTo(new ErpcCommand(0, "\"PIPED\"\n", ""));
    assertThat(ErpcCommand.runWithInput("\"ab\"", "call", at("demo.letters")))
        .isEqualTo(new ErpcCommand(0, "\"a\"\n\"b\"\n", ""));
  }

  @Test
  void readsNothingFromATerminal() {
    StringWriter err = new StringWriter();
    InputStream typed =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("nobody types here");
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            return read();
          }
        };
    PrintWriter out = new PrintWriter(err, true);
    assertThat(Main.run(typed, () -> true, out, out, "call", at("demo.upper"))).isEqualTo(2);
    assertThat(err.toString())
        .contains("demo.upper takes one request, not 0; write it as BODY, as @FILE or to stdin");
  }

  @Test
  void readsTheBodyFromAFile(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("request.json"), "\uFEFF\"from a file\"\n");
    assertThat(ErpcCommand.run("call", at("demo.upper"), "@" + file))
        .isEqualTo(new ErpcCommand(0, "\"FROM A FILE\"\n", ""));
    assertThat(ErpcCommand.run("call", at("demo.join"), "@" + file, "\"b\""))
        .isEqualTo(new ErpcCommand(0, "\"from a fileb\"\n", ""));
    Path other = Files.write(folder.resolve("latin1.json"), new byte[] {'"', (byte) 0xe4, '"'});
    for (String[] each :
        new String[][] {
          {"@", "@ names no file; write @FILE, or - for stdin"},
          {"@" + folder.resolve("gone"), "there is no file "},
          {"@" + folder, "cannot be read"},
          {"@" + other, "is not UTF-8"},
        }) {
      ErpcCommand run = ErpcCommand.run("call", at("demo.upper"), each[0]);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).startsWith("erpc: ").contains(each[1]).doesNotContain("Exception");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8877/demo.echo, ip://127.0.0.1:8877/demo.echo",
    "localhost:8877/demo.echo, dns://localhost:8877/demo.echo",
    "demo/echo, demo.echo",
  })
  void saysWhichAddressWasMeant(String typed, String meant) {
    ErpcCommand run = ErpcCommand.run("call", typed, "{}");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("erpc: '" + typed + "' is no address of a method: write " + meant + "\n");
  }

  @Test
  void showsATokenToTheOneItAsksForTheTypesToo() throws Exception {
    try (Server guarded =
        Server.builder()
            .authenticator(Authenticator.bearer(Map.of("0123456789abcdef0123456789abcdef", "me")))
            .build()
            .handle(
                Method.unary("demo.upper", StringValue.class, StringValue.class),
                (context, request) -> request)
            .listen("127.0.0.1:0")) {
      String method = "ip://" + guarded.address() + "/demo.upper";
      ErpcCommand without = ErpcCommand.run("call", method, "\"a\"");
      assertThat(without.code()).isEqualTo(1);
      assertThat(without.err()).contains("UNAUTHENTICATED", "-H authorization='Bearer …'");
      String token = "authorization=Bearer 0123456789abcdef0123456789abcdef";
      assertThat(ErpcCommand.run("call", method, "\"a\"", "--metadata", token))
          .isEqualTo(new ErpcCommand(0, "\"a\"\n", ""));
    }
  }

  @Test
  void escapesWhatATerminalWouldObey() {
    ErpcCommand run =
        ErpcCommand.run("call", at("demo.upper"), "\"\\u001b[31m\\u009b\\u202e\\u007f\"");
    assertThat(run).isEqualTo(new ErpcCommand(0, "\"\\u001B[31M\\u009b\\u202e\\u007f\"\n", ""));
  }

  @Test
  void sendsMetadata() {
    ErpcCommand run =
        ErpcCommand.run(
            "call", at("demo.upper"), "\"\"", "-H", "who=a=b", "--metadata", "key-bin=AQI=");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(last.get().metadata().text("who")).isEqualTo("a=b");
    assertThat(last.get().metadata().bytes("key-bin")).containsExactly(1, 2);
  }

  @Test
  void saysAllInLinesOfJsonToPrograms() {
    assertThat(ErpcCommand.run("call", "--json", at("demo.upper"), "\"a\""))
        .isEqualTo(new ErpcCommand(0, "{\"reply\":\"A\"}\n", ""));
    ErpcCommand refused = ErpcCommand.run("call", "--json", at("demo.refuse"), "\"\"");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.out())
        .isEqualTo(
            "{\"status\":{\"code\":\"PERMISSION_DENIED\",\"message\":\"not\\\\u000ayou\","
                + "\"started\":\"YES\",\"remote\":true,\"endpoint\":\""
                + server.address()
                + "\"}}\n");
    assertThat(refused.err()).startsWith("erpc: PERMISSION_DENIED");
  }

  @Test
  void callsByTlsAsItsOptionsSay(@TempDir Path folder) throws Exception {
    CertificateBuilder certificates = new CertificateBuilder().algorithm(Algorithm.ecp256);
    X509Bundle own =
        certificates
            .subject("CN=shop")
            .addSanDnsName("shop.test")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path cert = Files.writeString(folder.resolve("cert.pem"), own.getCertificatePEM());
    Path key = Files.writeString(folder.resolve("key.pem"), own.getPrivateKeyPEM());
    try (Server secure =
        Server.builder()
            .tls(TlsSettings.server(cert, key))
            .build()
            .handle(
                Method.unary("demo.upper", StringValue.class, StringValue.class),
                (context, request) -> request)
            .listen("127.0.0.1:0")) {
      String method = "ip://" + secure.address() + "/demo.upper";
      String[] words = {"call", method, "\"a\"", "--tls-ca", cert.toString(), "--tls-name"};
      String[] right = Arrays.copyOf(words, words.length + 1);
      right[words.length] = "shop.test";
      assertThat(ErpcCommand.run(right)).isEqualTo(new ErpcCommand(0, "\"a\"\n", ""));
      String[] wrong = Arrays.copyOf(words, words.length + 1);
      wrong[words.length] = "other.test";
      ErpcCommand refused = ErpcCommand.run(wrong);
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("UNAVAILABLE", "other.test");
      ErpcCommand half = ErpcCommand.run("call", method, "\"a\"", "--tls-cert", cert.toString());
      assertThat(half.code()).isEqualTo(2);
      assertThat(half.err()).contains("--tls-cert and --tls-key go together");
    }
  }

  @Test
  void printsTheStatusOfACallThatFailedInOneLine() {
    ErpcCommand run = ErpcCommand.run("call", at("demo.refuse"), "\"\"");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "erpc: PERMISSION_DENIED: not\\u000ayou (remote, " + server.address() + ", started)\n");
  }

  @Test
  void endsAtTheTimeoutItWasGiven() {
    ErpcCommand run = ErpcCommand.run("call", at("demo.stuck"), "\"\"", "--timeout", "100ms");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("erpc: DEADLINE_EXCEEDED").hasLineCount(1);
  }

  @Test
  void namesTheMethodsThereAreWhenOneIsNot() {
    ErpcCommand run = ErpcCommand.run("call", at("demo.uper"), "\"\"");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("erpc: NOT_FOUND: no method demo.uper")
        .contains(
            "it has demo.chat, demo.join, demo.letters, demo.refuse, demo.same, demo.stuck, demo.turn, demo.upper, demo.wrap")
        .hasLineCount(1);
  }

  @Test
  void saysThatNobodyListens() {
    ErpcCommand run = ErpcCommand.run("call", "ip://127.0.0.1:1/demo.upper", "\"\"");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("erpc: UNAVAILABLE: cannot connect to 127.0.0.1:1: Connection refused")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1            | the body is no JSON: Unexpected end-of-input",
        "{} {}               | the body is no JSON: Trailing token",
        "{\"a\":1,\"a\":2}   | the body is no JSON: Duplicate",
        "hi                  | the body is no JSON: Unrecognized token 'hi'",
        "``                  | the body is no JSON: there is nothing; an empty message is {}",
        "[]                  | the body is no google.protobuf.Struct",
      })
  void refusesBodiesThatDoNotFit(String body, String why) {
    ErpcCommand run = ErpcCommand.run("call", at("demo.same"), body);
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("erpc: " + why)
        .endsWith("\n./erpc call --help shows what can be said.\n")
        .doesNotContain("Exception", "REDACTED");
  }

  @Test
  void namesTheFieldsThereAreWhenOneIsNot() {
    ErpcCommand run = ErpcCommand.run("call", at("erpc.describe"), "{\"mehtod\":\"\"}");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("Cannot find field: mehtod", "(it has method)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "call                                             | Missing required parameter: 'METHOD'",
        "call demo {}                                     | must be service.method, as in demo.hello",
        "call http://127.0.0.1:1/demo.echo {}             | unknown scheme 'http'; known are",
        "call ip://127.0.0.1/demo.echo {}                 | has no port",
        "call ip://127.0.0.1:1/demo.echo {} --timeout 5   | '5' is no time; write 500ms, 1.5s or 2m",
        "call ip://127.0.0.1:1/demo.echo {} --metadata x  | --metadata takes KEY=VALUE, not 'x'",
        "call ip://127.0.0.1:1/demo.echo {} --metadata X=1 | metadata key 'X'",
        "call ip://127.0.0.1:1/demo.echo {} --metadata x-bin=! | metadata key 'x-bin' is no base64",
        "call demo.echo {} --center nonsense              | the center: address 'nonsense' has no port; write nonsense:8081",
        "call http://a:1/demo.echo {}                     | write ip://IP:PORT/SERVICE.METHOD",
        "list demo/echo                                   | write demo for the service of demo.hello",
        "list --center http://a:1                         | the center: address 'http://a:1' is a URL; write a:1",
        "call demo.echo {} --tiemout 1s                   | Unknown option",
        "nonsense                                         | Unmatched argument",
        "list a b                                         | Unmatched argument",
        "center --listen nonsense                         | must be host:port",
      })
  void answersWrongUsageWithTwoAndTheWayToHelp(String typed, String why) {
    ErpcCommand run = ErpcCommand.run(typed.split(" "));
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("erpc: ")
        .contains(why)
        .contains("--help shows what can be said");
    assertThat(run.err()).doesNotContain("Exception", "\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "call --help", "call -h", "list --help", "center --help"})
  void helpsEverywhere(String typed) {
    ErpcCommand run = ErpcCommand.run(typed.split(" "));
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: ./erpc");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void readsTimesAsPeopleWriteThem() {
    Timeout timeout = new Timeout();
    assertThat(List.of("500ms", "1s", "1.5s", "2m", "0s").stream().map(timeout::convert))
        .map(java.time.Duration::toMillis)
        .containsExactly(500L, 1_000L, 1_500L, 120_000L, 0L);
  }
}
