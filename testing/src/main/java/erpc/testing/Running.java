package erpc.testing;

import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.discovery.DiscoverySettings;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What runs for one test, and is closed in the opposite order. Of one thread at a time. */
final class Running implements AutoCloseable {
  /** By name: whoever has no center has no such class. */
  private static final Set<String> NAMES =
      Set.of(
          "erpc.client.Client",
          "erpc.server.Server",
          "erpc.center.Center",
          "erpc.testing.Faults",
          "erpc.testing.FaultyProxy",
          "erpc.testing.Link");

  /** A test that leaves calls behind does not want to wait for them. */
  private static final Duration GRACE = Duration.ofMillis(200);

  /** What a test's first call may take while classes are loaded on a busy machine. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Map<String, Object> byName = new LinkedHashMap<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private Running() {}

  static boolean hasName(Class<?> type) {
    return NAMES.contains(type.getName());
  }

  @Nullable Object get(Class<?> type) {
    return byName.get(type.getName());
  }

  static Running start(ErpcExtension.Plan plan) throws Exception {
    Running running = new Running();
    try {
      running.startAll(plan);
      return running;
    } catch (Throwable e) {
      running.close();
      throw e;
    }
  }

  private void startAll(ErpcExtension.Plan plan) throws IOException {
    CompletableFuture<String> serverAddress = new CompletableFuture<>();
    ServerBuilder servers =
        Server.builder().settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, GRACE));
    ClientBuilder clients = Client.builder().settings(ClientSettings.DEFAULTS.withTimeout(TIMEOUT));
    if (plan.memory()) {
      Reactor reactor = opened("", Reactor.open(TransportKind.MEMORY, 1));
      servers.reactor(reactor);
      clients.reactor(reactor);
    }
    FaultyProxy proxy = null;
    if (plan.faultyNetwork()) {
      proxy = opened("erpc.testing.FaultyProxy", FaultyProxy.before(serverAddress::join));
      byName.put("erpc.testing.Link", proxy.link());
    }
    if (plan.center()) {
      startCenter(clients);
    }
    Faults faults = new Faults();
    byName.put("erpc.testing.Faults", faults);
    servers.filter(faults);
    if (plan.center()) {
      // The server says goodbye to the center through the client, so it is closed first.
      Client client = opened("erpc.client.Client", plan.client().apply(clients).build());
      servers.register(
          client.centerCalls(),
          DiscoverySettings.DEFAULTS.withAdvertise(proxy == null ? null : proxy.address()));
    }
    Server server = opened("erpc.server.Server", plan.server().apply(servers).build());
    open.push(faults::none);
    plan.handlers().accept(server);
    server.listen("127.0.0.1:0");
    serverAddress.complete(server.address());
    if (!plan.center()) {
      String there = proxy == null ? server.address() : proxy.address();
      clients.target("list://" + there);
      var unused = opened("erpc.client.Client", plan.client().apply(clients).build());
    }
  }

  private <T extends AutoCloseable> T opened(String name, T made) {
    open.push(made);
    byName.put(name, made);
    return made;
  }

  private void startCenter(ClientBuilder clients) throws IOException {
    try {
      clients.center(OfCenter.start(this));
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "withCenter() needs the artifact io.github.edte.erpc:erpc-center on the class path of the tests",
          e);
    }
  }

  /** Apart, so that its class is needed only where there is one. */
  private static final class OfCenter {
    static String start(Running running) throws IOException {
      Center center = Center.listen("127.0.0.1:0", null, CenterSettings.DEFAULT);
      return running.opened("erpc.center.Center", center).address();
    }
  }

  @Override
  public void close() throws Exception {
    Exception first = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        if (first != null) {
          e.addSuppressed(first);
        }
        first = e;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
