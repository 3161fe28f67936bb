package erpc.tools;

import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Printable;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.discovery.wire.Instance;
import erpc.transport.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
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
        "Makes one call and prints its reply as JSON, of a method that streams each reply as a line"
            + " when it comes; the server says what its types are.",
    footer = {
      "%nExamples:",
      "  ./erpc call demo.echo '{\"msg\":\"hi\"}'",
      "  ./erpc call ip://127.0.0.1:8877/demo.echo '{\"msg\":\"hi\"}'",
      "  ./erpc call demo.count '{\"n\":3}'",
      "  ./erpc call demo.chat < lines.json",
      "  ./erpc call demo.echo @request.json",
      "  ./erpc call demo.echo '{}' -H authorization='Bearer …' --tls-ca ca.pem --timeout 3s",
      "  jq -n '{msg: \"hi\"}' | ./erpc call demo.echo",
      "%nWithout a BODY the request is what comes on stdin, to its end, unless that is a terminal. Where",
      "nobody writes to stdin and nobody closes it, as in some schedulers, give a BODY or </dev/null.",
      "%nExit codes: 0 the call was answered, 1 it failed (its status is on stderr), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what the user has to say, and the spec
final class CallCommand implements Callable<Integer> {
  private static final Duration UNARY_TIMEOUT = Duration.ofSeconds(1);

  /** When whoever waits without knowing it is told what for. */
  private static final Duration HINT_AFTER = Duration.ofSeconds(2);

  /** How many instances are asked, one after the other, what the method takes. */
  private static final int MAX_ASKED = 10;

  private final JsonInput in;
  private final BooleanSupplier terminal;

  @Parameters(
      index = "0",
      paramLabel = "METHOD",
      description =
          "demo.echo, found through the center; or with an address: ip://IP:PORT/demo.echo,"
              + " dns://HOST:PORT/…, list://HOST:PORT,HOST:PORT/…, unix:///PATH/…, file:///PATH/…")
  private String address;

  @Parameters(
      index = "1",
      arity = "0..*",
      paramLabel = "BODY",
      description =
          "the request as JSON; @FILE is what is in a file, - what comes on stdin, as without any. A"
              + " method that streams requests takes several, or without any each line of stdin as"
              + " soon as it is there")
  private List<String> bodies = new ArrayList<>();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Timeout.class,
      description =
          "how long the call may take, as 500ms, 1.5s, 2m; if not given 1s, and as long as it likes"
              + " where it streams. Asking for the types is not counted")
  private @Nullable Duration timeout;

  @Option(
      names = "--codec",
      paramLabel = "NAME",
      description = "pb or json; else pb where the method takes it")
  private @Nullable String codec;

  @Option(
      names = "--json",
      description =
          "for programs: each reply is a line {\"reply\": …}, a call that failed one"
              + " {\"status\": {\"code\": …, \"message\": …, \"started\": …, \"endpoint\": …}}")
  private boolean forPrograms;

  @Mixin private final MetadataOption metadata = new MetadataOption();

  @Mixin private final TlsOption tls = new TlsOption();

  @Mixin private final CenterOption center = new CenterOption();

  @Spec private CommandSpec spec;

  /**
   * The command.
   *
   * @param terminal whether a person types what comes on stdin, for whom nobody waits
   */
  CallCommand(InputStream in, BooleanSupplier terminal) {
    this.in = new JsonInput(in);
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws CallFailure, IOException {
    try {
      Target target = Target.parse(address);
      boolean stdin = bodies.isEmpty() || bodies.equals(List.of("-"));
      List<String> given = stdin ? List.of() : bodies.stream().map(JsonInput::argument).toList();
      Metadata beside = metadata.said();
      TlsSettings by = tls.settings();
      UnaryOperator<ClientBuilder> secured = builder -> by == null ? builder : builder.tls(by);
      Description description;
      try (Client client = center.client(secured)) {
        description = Description.ask(client, describer(client, target), beside);
      }
      DynamicCall call = DynamicCall.of(description, codec);
      Request<Object, Object> request = opening(call, given, stdin).withTarget(target);
      try (Client client = center.client(each -> secured.apply(each).codecs(call.codecs()))) {
        perform(call, client, request.withMetadata(beside), given, stdin);
      }
      return Main.DONE;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), explained(e), e);
    } catch (RpcException e) {
      if (forPrograms) {
        spec.commandLine().getOut().println(Json.status(e.status()));
      }
      throw new CallFailure(e.status() + advice(e.code()));
    }
  }

  /** What is wrong with an argument, and what to write instead. */
  static String explained(IllegalArgumentException e) {
    String what = String.valueOf(e.getMessage());
    return what.startsWith("unknown scheme")
        ? what + "; write ip://IP:PORT/SERVICE.METHOD, or dns:// before the name of a host"
        : what;
  }

  /** What may be done about a status that this side made without the server's handler. */
  static String advice(Status.Code code) {
    return switch (code) {
      case DEADLINE_EXCEEDED -> ". --timeout gives it longer";
      case UNAUTHENTICATED ->
          ". The server wants a token: -H authorization='Bearer …', or a certificate:"
              + " --tls-cert";
      default -> "";
    };
  }

  /** Whom to ask for the types: the target itself, or those that the center names for it. */
  private Target describer(Client client, Target target) throws CallFailure {
    if (!target.scheme().equals(Target.CENTER)) {
      return target;
    }
    CenterOption.Listed found = center.instances(client, target.where());
    if (found.isEmpty()) {
      throw new CallFailure(
          "the center at "
              + client.center()
              + " knows no service "
              + target.where()
              + "; ./erpc list shows what it knows");
    }
    List<String> able =
        found.instances().stream()
            .filter(each -> each.getMethodsList().contains(target.method()))
            .map(found::address)
            .limit(MAX_ASKED)
            .toList();
    if (able.isEmpty()) {
      throw new CallFailure(
          "no instance has a method " + target.method() + methods(found.instances()));
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

  private Request<Object, Object> opening(DynamicCall call, List<String> given, boolean stdin)
      throws IOException {
    if (call.kind().streamsRequests()) {
      return Request.opening(call.method());
    }
    if (bodies.size() > 1 || (bodies.isEmpty() && terminal.getAsBoolean())) {
      throw not(call, bodies.size(), "");
    }
    String json = stdin ? piped(call) : given.get(0);
    return Request.of(call.method(), call.request(json));
  }

  private String piped(DynamicCall call) throws IOException {
    Thread hint = Thread.ofVirtual().start(this::hintLater);
    String json = in.whole();
    hint.interrupt();
    if (json == null) {
      throw not(call, 0, ": there was nothing on stdin");
    }
    return json;
  }

  private void hintLater() {
    try {
      TimeUnit.NANOSECONDS.sleep(HINT_AFTER.toNanos());
      spec.commandLine()
          .getErr()
          .println("erpc: waiting for the end of stdin, which is the request; an empty BODY is {}");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // It has come.
    }
  }

  private static IllegalArgumentException not(DynamicCall call, int count, String why) {
    return new IllegalArgumentException(
        call.method()
            + " takes one request, not "
            + count
            + why
            + "; write it as BODY, as @FILE or to stdin. An empty one is {}");
  }

  private void perform(
      DynamicCall call,
      Client client,
      Request<Object, Object> request,
      List<String> requests,
      boolean stdin)
      throws CallFailure, IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (call.kind() == Method.Kind.UNARY) {
      Duration limit = timeout == null ? UNARY_TIMEOUT : timeout;
      out.println(json(call, client.send(request.withTimeout(limit)).body(), form(Json::pretty)));
      return;
    }
    Iterator<String> given = requests.iterator();
    StreamedCall.Source source = stdin ? in::line : () -> given.hasNext() ? given.next() : null;
    try (var exchange = client.open(timeout == null ? request : request.withTimeout(timeout))) {
      new StreamedCall(call, exchange)
          .run(source, reply -> out.println(json(call, reply, form(Json::line))));
    }
  }

  private UnaryOperator<String> form(UnaryOperator<String> forPeople) {
    return forPrograms ? reply -> "{\"reply\":" + Json.line(reply) + "}" : forPeople;
  }

  private static String json(DynamicCall call, Object reply, UnaryOperator<String> form)
      throws CallFailure {
    String shown = call.shown(reply);
    try {
      return form.apply(shown);
    } catch (IllegalArgumentException e) {
      throw new CallFailure("the reply is no JSON: " + e.getMessage());
    }
  }
}
