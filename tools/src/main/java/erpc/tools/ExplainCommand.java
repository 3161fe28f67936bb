package erpc.tools;

import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.Explanation;
import erpc.transport.TlsSettings;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code erpc explain}. */
@Command(
    name = "explain",
    description =
        "Says where a call would go, and why, without making it: which endpoints there are, which are"
            + " left out by what, and with which chance each of the others is picked.",
    footer = {
      "%nExamples:",
      "  ./erpc explain demo.echo",
      "  ./erpc explain demo.echo --balancer ring_hash --key user-7",
      "  ./erpc explain list://10.0.0.1:8877,10.0.0.2:8877/demo.echo --zone a",
      "%nIt explains for a client of its own, with the settings of this environment: it connects to the",
      "endpoints first, and knows nothing of what running processes think of them.",
      "%nLOAD is calls under way, of all callers if the server has said so. LATENCY is relative to the",
      "average endpoint's. The chance of round_robin is that of a call at any time.",
      "%nExit codes: 0 the call would go somewhere, 1 it would fail, or its endpoints cannot be had (the",
      "status is on stderr), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what the user has to say, and the spec
final class ExplainCommand implements Callable<Integer> {
  private static final byte[] NOTHING = new byte[0];

  @Parameters(
      index = "0",
      paramLabel = "METHOD",
      description =
          "demo.echo, found through the center; or with an address: ip://IP:PORT/demo.echo,"
              + " dns://HOST:PORT/…, list://HOST:PORT,HOST:PORT/…, unix:///PATH/…, file:///PATH/…")
  private String address;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "the call's affinity key, which ring_hash and maglev go by")
  private @Nullable String key;

  @Option(
      names = "--criticality",
      paramLabel = "C",
      description = "critical, default, sheddable or sheddable_later; else default")
  private @Nullable Criticality criticality;

  @Option(
      names = "--balancer",
      paramLabel = "NAME",
      description =
          "p2c, least_request, round_robin, random, locality_aware, ring_hash or maglev; else what"
              + " erpc.client.balancer says")
  private @Nullable String balancer;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "where the client is to run; else what erpc.zone says")
  private @Nullable String zone;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Timeout.class,
      description = "how long to wait for the list of endpoints, as 500ms, 1.5s, 2m; else 1s")
  private @Nullable Duration timeout;

  @Option(names = "--all", description = "shows all endpoints, else the first 50")
  private boolean all;

  @Option(
      names = "--json",
      description =
          "for programs: one line of JSON; of a call that cannot be explained"
              + " {\"status\": {\"code\": …, \"message\": …, \"started\": …, \"endpoint\": …}}")
  private boolean forPrograms;

  @Mixin private final TlsOption tls = new TlsOption();

  @Mixin private final CenterOption center = new CenterOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws CallFailure {
    PrintWriter out = spec.commandLine().getOut();
    try {
      Request<byte[], byte[]> request =
          Request.of(address, NOTHING, byte[].class).withOptions(options());
      TlsSettings by = tls.settings();
      if (balancer != null) {
        Balancer unused = Balancer.named(balancer); // Or nobody would say what is wrong with it.
      }
      Explanation found;
      try (Client client = center.client(builder -> with(builder, by))) {
        found = client.explain(request);
      }
      out.print(forPrograms ? Json.explanation(found) + System.lineSeparator() : shown(found));
      out.flush();
      if (found.none() >= 1) {
        throw new CallFailure(found.whyNone().toString());
      }
      return Main.DONE;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), CallCommand.explained(e), e);
    } catch (RpcException e) {
      if (forPrograms) {
        out.println(Json.status(e.status()));
      }
      throw e;
    }
  }

  private CallOptions options() {
    CallOptions said = CallOptions.NONE;
    said = key == null ? said : said.withAffinityKey(key);
    said = criticality == null ? said : said.withCriticality(criticality);
    return timeout == null ? said : said.withTimeout(timeout);
  }

  private ClientBuilder with(ClientBuilder builder, @Nullable TlsSettings by) {
    ClientBuilder made = by == null ? builder : builder.tls(by);
    made = zone == null ? made : made.zone(zone);
    String name = balancer;
    return name == null ? made : made.balancer(() -> Balancer.named(name));
  }

  private String shown(Explanation found) {
    return all ? found.toString(Integer.MAX_VALUE) : found.toString();
  }
}
