package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import erpc.call.Method;
import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.client.Client;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.server.Server;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask a center. */
class ByNameTest {
  private Center center;
  private Server server;
  private Client registering;

  @BeforeEach
  void start() throws Exception {
    center = Center.listen("127.0.0.1:0", null, CenterSettings.DEFAULT);
    server =
        Server.builder()
            .build()
            .handle(
                Method.unary("demo.same", StringValue.class, StringValue.class),
                (context, request) -> request)
            .listen("127.0.0.1:0");
    registering = Client.builder().center(center.address()).build();
  }

  @AfterEach
  void stop() {
    registering.close();
    server.close();
    center.close();
  }

  private void register(String id, String address, String... methods) {
    register(id, "demo", address, List.of(methods));
  }

  private void register(String id, String service, String address, List<String> methods) {
    Instance instance =
        Instance.newBuilder()
            .setId(id)
            .setService(service)
            .setAddress(address)
            .addAllMethods(methods)
            .build();
    RegisterRequest request =
        RegisterRequest.newBuilder().addInstances(instance).setOwner(id).setEpoch(1).build();
    registering
        .centerCalls()
        .call(CenterMethods.REGISTER.name(), request, RegisterReply.class, Duration.ofSeconds(5));
  }

  private ErpcCommand run(String... arguments) {
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--center";
    all[arguments.length + 1] = center.address();
    return ErpcCommand.run(all);
  }

  @Test
  void callsByName() {
    register("one", server.address(), "demo.same");
    assertThat(run("call", "demo.same", "\"hi\"")).isEqualTo(new ErpcCommand(0, "\"hi\"\n", ""));
  }

  @Test
  void asksTheNextInstanceWhenOneIsDead() {
    register("dead", "127.0.0.1:1", "demo.same");
    register("alive", server.address(), "demo.same");
    assertThat(run("call", "demo.same", "\"hi\"")).isEqualTo(new ErpcCommand(0, "\"hi\"\n", ""));
  }

  @Test
  void namesWhatThereIsWhenAServiceOrMethodIsNot() {
    register("one", server.address(), "demo.same");
    ErpcCommand service = run("call", "dmeo.same", "{}");
    assertThat(service.code()).isEqualTo(1);
    assertThat(service.err())
        .isEqualTo(
            "erpc: the center at "
                + center.address()
                + " knows no service dmeo; ./erpc list shows what it knows\n");
    ErpcCommand method = run("call", "demo.smae", "{}");
    assertThat(method.code()).isEqualTo(1);
    assertThat(method.err())
        .isEqualTo("erpc: no instance has a method demo.smae; the service has demo.same\n");
  }

  @Test
  void describesByName() {
    register("dead", "127.0.0.1:1", "demo.same", "demo.more"); // Asked first, as it has more.
    register("one", server.address(), "demo.same");
    ErpcCommand shown =
        new ErpcCommand(
            0,
            """
            service demo

              rpc same(google.protobuf.StringValue) returns (google.protobuf.StringValue)   // codecs pb, json
            """,
            "");
    assertThat(run("describe", "demo")).isEqualTo(shown);
    assertThat(run("describe", "demo.same")).isEqualTo(shown);
  }

  @Test
  void namesWhatThereIsToDescribe() {
    register("one", server.address(), "demo.same");
    ErpcCommand method = run("describe", "demo.smae");
    assertThat(method.code()).isEqualTo(1);
    assertThat(method.err())
        .isEqualTo(
            "erpc: there is no service demo.smae, and no instance has a method demo.smae; the"
                + " service has demo.same\n");
    ErpcCommand service = run("describe", "dmeo");
    assertThat(service.code()).isEqualTo(1);
    assertThat(service.err())
        .isEqualTo(
            "erpc: the center at "
                + center.address()
                + " knows no service dmeo and no method; ./erpc list shows what it knows\n");
    register("two", "demo.same", server.address(), List.of("demo.same.too"));
    ErpcCommand both = run("describe", "demo.same");
    assertThat(both.code()).isEqualTo(1);
    assertThat(both.err())
        .contains("demo.same is a method, and a service too, which has demo.same.too; ask for");
  }

  @Test
  void namesForAShellAreNamesAndNothingElse() {
    assertThat(run("list", "--names")).isEqualTo(new ErpcCommand(0, "", ""));
    register("one", "127.0.0.1:1", "demo.same", "demo.echo");
    register("two", "127.0.0.1:2", "demo.same");
    assertThat(run("list", "--names"))
        .isEqualTo(new ErpcCommand(0, "demo.\ndemo.echo\ndemo.same\n", ""));
    Instance evil =
        Instance.newBuilder()
            .setService("$(id)")
            .addMethods("demo.$(id)")
            .addMethods("-rf.x")
            .addMethods("a b")
            .addMethods("demo.a\nb")
            .addMethods("demo.good")
            .build();
    assertThat(ListCommand.names(List.of(evil))).containsExactly("demo.good");
  }

  @Test
  void listsWhatTheCenterKnows() {
    assertThat(run("list"))
        .isEqualTo(
            new ErpcCommand(
                0, "nothing is registered at the center at " + center.address() + "\n", ""));
    register("one", "127.0.0.1:1", "demo.same", "demo.echo");
    register("two", "127.0.0.1:22222", "demo.same");
    String table =
        """
        SERVICE  ADDRESS          STATE    AGE  WEIGHT  ZONE  METHODS              INSTANCE
        demo     127.0.0.1:1      beating  0s   100     -     demo.echo demo.same  one
        demo     127.0.0.1:22222  beating  0s   100     -     demo.same            two
        """;
    assertThat(aged(run("list"))).isEqualTo(new ErpcCommand(0, table, ""));
    assertThat(aged(run("list", "demo"))).isEqualTo(new ErpcCommand(0, table, ""));
    ErpcCommand json = run("list", "--json");
    assertThat(json.out().lines().map(line -> line.replaceAll("Millis\":[0-9]+", "Millis\":0")))
        .containsExactly(
            "{\"service\":\"demo\",\"address\":\"127.0.0.1:1\",\"state\":\"beating\","
                + "\"ageMillis\":0,\"weight\":100,\"zone\":\"\","
                + "\"methods\":[\"demo.echo\",\"demo.same\"],\"instance\":\"one\"}",
            "{\"service\":\"demo\",\"address\":\"127.0.0.1:22222\",\"state\":\"beating\","
                + "\"ageMillis\":0,\"weight\":100,\"zone\":\"\","
                + "\"methods\":[\"demo.same\"],\"instance\":\"two\"}");
    ErpcCommand unknown = run("list", "nope");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).endsWith("knows no service nope\n");
  }

  /** What it printed, however long the test has taken. */
  private static ErpcCommand aged(ErpcCommand run) {
    return new ErpcCommand(
        run.code(), run.out().replaceAll("(?m)(beating +)[0-9]s", "$10s"), run.err());
  }

  @Test
  void showsAgesByTheirTwoLargestUnits() {
    assertThat(ListCommand.age(0)).isEqualTo("-");
    assertThat(ListCommand.age(59_999)).isEqualTo("59s");
    assertThat(ListCommand.age(61_000)).isEqualTo("1m1s");
    assertThat(ListCommand.age(3_600_000 * 5L + 60_000)).isEqualTo("5h1m");
    assertThat(ListCommand.age(3_600_000 * 50L)).isEqualTo("2d2h");
  }

  @Test
  void listsByTheCenterThatHasAnswered() throws Exception {
    register("one", ":7", "demo.same"); // Beside its center, whose host it has.
    String answering = center.address().replace("127.0.0.1", "localhost");
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String silent = "127.0.0.2:" + gone.getLocalPort();
      gone.close();
      assertThat(ErpcCommand.run("list", "--center", silent + ", " + answering).out())
          .contains("demo     localhost:7  ", "  demo.same  one");
    }
  }

  @Test
  void asksAServerBesideItsCenterForItsMethods() {
    register("one", server.address().replace("127.0.0.1", ""), "demo.same");
    ErpcCommand called = run("call", "demo.same", "\"x\"");
    assertThat(called.err()).isEmpty();
    assertThat(called.out()).contains("x");
  }

  @Test
  void saysWhereItLookedForACenterAndHowToLookElsewhere() {
    for (String[] arguments : new String[][] {{"list"}, {"call", "demo.same", "{}"}}) {
      String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
      all[arguments.length] = "--center";
      all[arguments.length + 1] = "127.0.0.1:1";
      ErpcCommand run = ErpcCommand.run(all);
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("erpc: no answer from a center at 127.0.0.1:1: UNAVAILABLE")
          .contains("./erpc center starts one", "--center or ERPC_CENTER point elsewhere")
          .hasLineCount(1);
    }
  }

  @Test
  void centerSaysWhyItCannotListenOrKeepAJournal(@TempDir Path folder) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      ErpcCommand run = ErpcCommand.run("center", "--listen", address);
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("erpc: cannot listen on " + address + ": Address already in use; --listen");
    }
    Path journal = folder.resolve("no such folder").resolve("journal");
    ErpcCommand run =
        ErpcCommand.run("center", "--listen", "127.0.0.1:0", "--journal", journal.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("erpc: cannot use the journal " + journal).hasLineCount(1);
  }

  @Test
  void centerAnswersAndKeepsAJournal(@TempDir Path folder) throws Exception {
    Path journal = folder.resolve("journal");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String address = "127.0.0.1:" + port;
    Thread running =
        Thread.startVirtualThread(
            () -> ErpcCommand.run("center", "--listen", address, "--journal", journal.toString()));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ErpcCommand.run("list", "--center", address).code() == 0);
    assertThat(Files.exists(journal)).isTrue();
    running.interrupt();
    assertThat(running.join(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void aMethodInThePlaceOfAServiceIsToldWhatToWrite() {
    register("one", server.address(), "demo.same");
    ErpcCommand run = run("list", "demo.same");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("knows no service demo.same; write ./erpc list demo");
  }
}
