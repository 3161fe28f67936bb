package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import erpc.call.Method;
import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code erpc explain}: what it prints, and its exit codes. */
class ExplainCommandTest {
  private static final String NOBODY = "127.0.0.1:1";

  private final List<Server> servers = new ArrayList<>();
  private Center center;

  @BeforeEach
  void start() throws Exception {
    center = Center.listen("127.0.0.1:0", null, CenterSettings.DEFAULT);
    serve(Server.builder());
    serve(Server.builder());
  }

  @AfterEach
  void stop() {
    servers.forEach(Server::close);
    center.close();
  }

  private void serve(ServerBuilder builder) throws Exception {
    servers.add(
        builder
            .build()
            .handle(
                Method.unary("demo.same", StringValue.class, StringValue.class),
                (context, request) -> request)
            .listen("127.0.0.1:0"));
  }

  private String all(String method) {
    return servers.stream()
        .map(Server::address)
        .collect(Collectors.joining(",", "list://", "," + NOBODY + "/" + method));
  }

  @Test
  void printsATableOfEndpointsWithTheirChances() {
    ErpcCommand run = ErpcCommand.run("explain", all("demo.same"), "--zone", "a");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("call        list://", "/demo.same, DEFAULT")
        .contains("tries       at most 3, not idempotent, 10 retry tokens left")
        .contains("3 endpoints, 2 in use")
        .contains("balancer    p2c, client in zone a; chances are exact")
        .contains("protection  all on")
        .contains("CHANCE", " 50.0 %  " + servers.get(0).address())
        .contains("connection: ", "cannot connect to " + NOBODY);
  }

  @Test
  void aKeyGoesToOneEndpoint() {
    ErpcCommand run =
        ErpcCommand.run(
            "explain",
            all("demo.same"),
            "--balancer",
            "ring_hash",
            "--key",
            "user-7",
            "--criticality",
            "sheddable_later");
    assertThat(run.out())
        .contains("SHEDDABLE_LATER, affinity key 'user-7'", "balancer    ring_hash", "100.0 %")
        .contains("balancer: prefers others now");
  }

  @Test
  void jsonHasTheSameForPrograms() {
    ErpcCommand run = ErpcCommand.run("explain", all("demo.same"), "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    JsonNode found = JsonMapper.shared().readTree(run.out());
    assertThat(found.propertyNames())
        .containsExactly(
            "address",
            "place",
            "method",
            "balancer",
            "clientZone",
            "criticality",
            "affinityKey",
            "codec",
            "timeoutMillis",
            "tryTimeoutMillis",
            "maxAttempts",
            "idempotent",
            "retryTokens",
            "tryTimeoutPercentile",
            "tryLimitMillis",
            "failureMode",
            "forks",
            "hedging",
            "hedgeDelayMillis",
            "retryOn",
            "madeForRetry",
            "medianMillis",
            "panic",
            "subset",
            "protection",
            "exact",
            "picks",
            "fails",
            "endpoints");
    JsonNode first = found.get("endpoints").get(0);
    assertThat(first.propertyNames())
        .containsExactly(
            "address",
            "zone",
            "chance",
            "leftOutBy",
            "why",
            "verdict",
            "weight",
            "effectiveWeight",
            "startingShare",
            "state",
            "inFlight",
            "load",
            "serverInFlight",
            "serverStartDelayMillis",
            "latency",
            "leftAloneMillis");
    assertThat(first.get("chance").asDouble()).isEqualTo(0.5);
    assertThat(first.get("state").asString()).isEqualTo("READY");
    assertThat(found.get("protection").get("panic").asString()).isEqualTo("ON");
  }

  @Test
  void anUnknownServiceEndsAsACallOfItWould() {
    ErpcCommand run =
        ErpcCommand.run("explain", "demo.none", "--center", center.address(), "--timeout", "100ms");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("erpc: ").contains("demo");
  }

  @Test
  void aPlaceWithoutEndpointsIsExplainedAndFails() throws Exception {
    ErpcCommand run =
        ErpcCommand.run("explain", "ip://127.0.0.1:1/demo.same", "--json", "--timeout", "1s");
    assertThat(run.code()).isZero(); // There is one endpoint, and a call would go there.
    assertThat(run.out()).contains("cannot connect to 127.0.0.1:1");
  }

  @Test
  void wrongUsageIsSaid() {
    assertThat(ErpcCommand.run("explain").code()).isEqualTo(2);
    ErpcCommand scheme = ErpcCommand.run("explain", "nope://x/demo.same");
    assertThat(scheme.code()).isEqualTo(2);
    assertThat(scheme.err()).contains("unknown scheme");
    ErpcCommand balancer = ErpcCommand.run("explain", all("demo.same"), "--balancer", "best");
    assertThat(balancer.code()).isEqualTo(2);
    assertThat(balancer.err()).contains("unknown balancer 'best'; known are round_robin");
    ErpcCommand criticality = ErpcCommand.run("explain", all("demo.same"), "--criticality", "very");
    assertThat(criticality.code()).isEqualTo(2);
    assertThat(criticality.err()).contains("SHEDDABLE");
  }
}
