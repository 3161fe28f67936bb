package erpc.tools;

import erpc.call.Metadata;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.client.Client;
import erpc.discovery.wire.Instance;
import erpc.server.wire.MethodDescription;
import erpc.transport.TlsSettings;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code erpc describe}. */
@Command(
    name = "describe",
    description =
        "Shows methods as a .proto file would declare them: what they take and answer, with the"
            + " messages and enums that they need, and what is said of them. The server tells it.",
    footer = {
      "%nExamples:",
      "  ./erpc describe demo",
      "  ./erpc describe demo.echo",
      "  ./erpc describe ip://127.0.0.1:8877",
      "  ./erpc describe ip://127.0.0.1:8877/demo.echo --json",
      "%nProtobuf's own types, as google.protobuf.Timestamp, are only named. Comments of messages and",
      "fields are shown if the server knows them; a server in Java doesn't.",
      "%nExit codes: 0 done, 1 nobody describes this (stderr says why), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what the user has to say, and the spec
final class DescribeCommand implements Callable<Integer> {
  /** How many instances of a service are asked, one after the other. */
  private static final int MAX_ASKED = 5;

  @Parameters(
      index = "0",
      paramLabel = "WHAT",
      description =
          "a service or a method, demo or demo.echo, found through the center; or with an address:"
              + " ip://IP:PORT/demo, dns://HOST:PORT/…, list://HOST:PORT,HOST:PORT/…,"
              + " unix:///PATH/…, file:///PATH/…; or an address alone: all methods of the server")
  private String what;

  @Option(
      names = "--all",
      description = "of an address alone: shows erpc's own methods too, as erpc.health.check")
  private boolean all;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Timeout.class,
      description = "how long a server may take to answer, as 500ms, 1.5s, 2m; else 5s")
  private Duration timeout = Descriptions.TIMEOUT;

  @Option(
      names = "--json",
      description =
          "for programs: each method is a line of JSON; of a call that failed"
              + " {\"status\": {\"code\": …, \"message\": …, \"started\": …, \"endpoint\": …}}")
  private boolean forPrograms;

  @Mixin private final MetadataOption metadata = new MetadataOption();

  @Mixin private final TlsOption tls = new TlsOption();

  @Mixin private final CenterOption center = new CenterOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws CallFailure {
    PrintWriter out = spec.commandLine().getOut();
    try {
      Subject subject = Subject.parse(what);
      Metadata beside = metadata.said();
      TlsSettings by = tls.settings();
      Descriptions found;
      try (Client client = center.client(builder -> by == null ? builder : builder.tls(by))) {
        found = ask(client, subject, beside);
      }
      List<MethodDescription> methods = subject.chosen(found.methods(), all);
      Signatures signatures = new Signatures(found);
      if (forPrograms) {
        signatures.json(methods).forEach(out::println);
      } else {
        out.print(signatures.text(methods));
        out.flush();
      }
      return Main.DONE;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), CallCommand.explained(e), e);
    } catch (RpcException e) {
      if (forPrograms) {
        out.println(Json.status(e.status()));
      }
      throw failure(e.status());
    }
  }

  private static CallFailure failure(Status status) {
    return new CallFailure(
        status.code() == Status.Code.UNIMPLEMENTED
            ? "the server does not describe its methods: " + status
            : status + CallCommand.advice(status.code()));
  }

  private Descriptions ask(Client client, Subject subject, Metadata beside) throws CallFailure {
    Target server = subject.server();
    if (server != null) {
      return Descriptions.ask(client, server, "", beside, timeout);
    }
    RpcException first = null;
    for (String address : addresses(client, subject.name())) {
      Target at = new Target("list", address, Descriptions.DESCRIBE.name());
      try {
        return Descriptions.ask(client, at, "", beside, timeout);
      } catch (RpcException e) {
        if (!isElsewhereToo(e.code())) {
          throw e;
        }
        first = first == null ? e : first;
      }
    }
    throw Objects.requireNonNull(first, "nobody was asked");
  }

  /** Whether another instance of the same service may well answer. */
  private static boolean isElsewhereToo(Status.Code code) {
    return code == Status.Code.UNAVAILABLE
        || code == Status.Code.DEADLINE_EXCEEDED
        || code == Status.Code.UNIMPLEMENTED;
  }

  /** Who has it, as the center says: those first that have most methods, then by address. */
  private List<String> addresses(Client client, String name) throws CallFailure {
    CenterOption.Listed services = center.instances(client, name);
    int dot = name.lastIndexOf('.');
    List<Instance> siblings = new ArrayList<>();
    List<Instance> having = new ArrayList<>();
    CenterOption.Listed answer = services;
    if (dot > 0) {
      CenterOption.Listed others = center.instances(client, name.substring(0, dot));
      siblings.addAll(others.instances());
      siblings.stream().filter(each -> each.getMethodsList().contains(name)).forEach(having::add);
      answer = services.isEmpty() ? others : services;
    }
    if (!services.isEmpty() && !having.isEmpty()) {
      throw Subject.both(name, Subject.methods(services.instances()));
    }
    if (services.isEmpty() && having.isEmpty()) {
      throw unknown(client, name, siblings);
    }
    List<Instance> asked = new ArrayList<>(services.isEmpty() ? having : services.instances());
    asked.sort(Comparator.comparingInt(each -> -each.getMethodsCount())); // A stable sort.
    return asked.stream().map(answer::address).distinct().limit(MAX_ASKED).toList();
  }

  private static CallFailure unknown(Client client, String name, List<Instance> siblings) {
    if (!siblings.isEmpty()) {
      return new CallFailure(
          "there is no service "
              + name
              + ", and no instance has a method "
              + name
              + "; the service has "
              + Subject.methods(siblings));
    }
    return new CallFailure(
        "the center at "
            + client.center()
            + " knows no service "
            + name
            + " and no method; ./erpc list shows what it knows");
  }
}
