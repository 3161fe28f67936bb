package erpc.tools;

import erpc.call.Metadata;
import erpc.call.Printable;
import erpc.call.Target;
import erpc.client.Client;
import erpc.discovery.wire.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code erpc call}. */
@Command(
    name = "call",
    description =
        "Makes one call and prints its reply as JSON; the server says what its types are.",
    footer = {
      "%nExamples:",
      "  ./erpc call demo.echo '{\"msg\":\"hi\"}'",
      "  ./erpc call ip://127.0.0.1:8877/demo.echo '{\"msg\":\"hi\"}'",
      "%nExit codes: 0 the call was answered, 1 it failed (its status is on stderr), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what the user has to say, and the spec
final class CallCommand implements Callable<Integer> {
  /** The most that is read of a body, in bytes; a server takes less. */
  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

  /** How many instances are asked, one after the other, what the method takes. */
  private static final int MAX_ASKED = 10;

  private final InputStream in;

  @Parameters(
      index = "0",
      paramLabel = "METHOD",
      description =
          "demo.echo, found through the center; or with an address: ip://IP:PORT/demo.echo,"
              + " dns://HOST:PORT/…, list://HOST:PORT,HOST:PORT/…, unix:///PATH/…, file:///PATH/…")
  private String address;

  @Parameters(
      index = "1",
      paramLabel = "BODY",
      description = "the request as JSON; - reads it from stdin")
  private String body;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = Timeout.class,
      description =
          "how long the call may take, as 500ms, 1.5s, 2m; ${DEFAULT-VALUE} if not given. Asking for the"
              + " types is not counted")
  private Duration timeout;

  @Option(
      names = "--metadata",
      paramLabel = "KEY=VALUE",
      description = "sent beside the request; of a key that ends in -bin the value is base64")
  private List<String> metadata = new ArrayList<>();

  @Option(
      names = "--codec",
      paramLabel = "NAME",
      description = "pb or json; else pb where the method takes it")
  private @Nullable String codec;

  @Mixin private final CenterOption center = new CenterOption();

  @Spec private CommandSpec spec;

  CallCommand(InputStream in) {
    this.in = in;
  }

  @Override
  public Integer call() throws CallFailure, IOException {
    try {
      Target target = Target.parse(address);
      String json = json();
      Metadata beside = metadata();
      Description description;
      try (Client client = center.client().build()) {
        description = Description.ask(client, describer(client, target));
      }
      String reply =
          DynamicCall.of(description, codec, json).send(center.client(), target, timeout, beside);
      spec.commandLine().getOut().println(reply);
      return Main.DONE;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** Whom to ask for the types: the target itself, or those that the center names for it. */
  private Target describer(Client client, Target target) throws CallFailure {
    if (!target.scheme().equals(Target.CENTER)) {
      return target;
    }
    List<Instance> instances = center.instances(client, target.where());
    if (instances.isEmpty()) {
      throw new CallFailure(
          "the center at "
              + client.center()
              + " knows no service "
              + target.where()
              + "; ./erpc list shows what it knows");
    }
    List<String> able =
        instances.stream()
            .filter(each -> each.getMethodsList().contains(target.method()))
            .map(Instance::getAddress)
            .limit(MAX_ASKED)
            .toList();
    if (able.isEmpty()) {
      throw new CallFailure("no instance has a method " + target.method() + methods(instances));
    }
    return new Target("list", String.join(",", able), target.method());
  }

  private static String methods(List<Instance> instances) {
    return instances.stream()
        .flatMap(each -> each.getMethodsList().stream())
        .map(Printable::of)
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining(", ", "; the service has ", ""));
  }

  private String json() throws IOException {
    String text = body;
    if (body.equals("-")) {
      byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
      if (bytes.length > MAX_BODY_BYTES) {
        throw new IllegalArgumentException("stdin has more than " + MAX_BODY_BYTES + " bytes");
      }
      text = new String(bytes, StandardCharsets.UTF_8);
    }
    try {
      Json.check(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the body is no JSON: " + e.getMessage(), e);
    }
    return text;
  }

  private Metadata metadata() {
    Metadata all = Metadata.EMPTY;
    for (String each : metadata) {
      int equals = each.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "--metadata takes KEY=VALUE, not '" + Printable.of(each) + "'");
      }
      String key = each.substring(0, equals);
      String value = each.substring(equals + 1);
      all = key.endsWith("-bin") ? all.with(key, bytes(key, value)) : all.with(key, value);
    }
    return all;
  }

  private static byte[] bytes(String key, String value) {
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the value of metadata key '" + Printable.of(key) + "' is no base64", e);
    }
  }
}
