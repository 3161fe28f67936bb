package erpc.testing;

import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts a server and a client for each test of JUnit Jupiter, and closes them after it:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final ErpcExtension ERPC = ErpcExtension.serving(server -> server.handle(Orders.GET, orders::get));
 *
 * @Test
 * void findsWhatWasPlaced(Client client, Faults faults) { … }
 * }</pre>
 *
 * <p>Test methods, {@code @BeforeEach} and {@code @AfterEach} methods get as parameters what they
 * declare: {@link Client}, {@link Server}, {@link Faults} of the server, with {@link #withCenter()}
 * the {@code Center}, with {@link #withFaultyNetwork()} the {@link FaultyProxy} and its {@link
 * Link}. Each test has its own of all of these, at free ports of this machine, so tests may run in
 * parallel.
 *
 * <p>Server and client have the default settings, whatever the environment says, but for a timeout
 * of 10 s per call.
 *
 * <p>Immutable. Needs {@code junit-jupiter-api}, which this artifact doesn't bring along.
 */
public final class ErpcExtension
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  /** What is to be started. */
  record Plan(
      Consumer<Server> handlers,
      UnaryOperator<ServerBuilder> server,
      UnaryOperator<ClientBuilder> client,
      boolean center,
      boolean memory,
      boolean faultyNetwork) {}

  private final Plan plan;

  private ErpcExtension(Plan plan) {
    if (plan.memory && (plan.center || plan.faultyNetwork)) {
      throw new IllegalArgumentException(
          "in memory there is neither a center nor a faulty network; leave inMemory() out, or use a"
              + " SimulatedCluster");
    }
    this.plan = plan;
  }

  /**
   * A server with these handlers and a client whose bare names go to it, over sockets of the
   * loopback address.
   *
   * @param handlers adds the handlers to a server; asked once per test
   */
  public static ErpcExtension serving(Consumer<Server> handlers) {
    return new ErpcExtension(
        new Plan(
            Objects.requireNonNull(handlers, "handlers"),
            UnaryOperator.identity(),
            UnaryOperator.identity(),
            false,
            false,
            false));
  }

  /** The same, with a server that is built with more than its handlers: settings, filters. */
  public ErpcExtension withServer(UnaryOperator<ServerBuilder> change) {
    return new ErpcExtension(
        new Plan(plan.handlers, change, plan.client, plan.center, plan.memory, plan.faultyNetwork));
  }

  /** The same, with a client that is built with more: settings, filters, options. */
  public ErpcExtension withClient(UnaryOperator<ClientBuilder> change) {
    return new ErpcExtension(
        new Plan(plan.handlers, plan.server, change, plan.center, plan.memory, plan.faultyNetwork));
  }

  /**
   * The same, with a center at which the server registers and which the client asks. Needs the
   * artifact {@code erpc-center}.
   */
  public ErpcExtension withCenter() {
    return new ErpcExtension(
        new Plan(plan.handlers, plan.server, plan.client, true, plan.memory, plan.faultyNetwork));
  }

  /** The same, with a {@link FaultyProxy} between client and server. */
  public ErpcExtension withFaultyNetwork() {
    return new ErpcExtension(
        new Plan(plan.handlers, plan.server, plan.client, plan.center, plan.memory, true));
  }

  /** The same, without sockets: within the process, on the machine's clock. */
  public ErpcExtension inMemory() {
    return new ErpcExtension(
        new Plan(plan.handlers, plan.server, plan.client, plan.center, true, plan.faultyNetwork));
  }

  private ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(Namespace.create(ErpcExtension.class, this));
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    store(context).put(Running.class, Running.start(plan));
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    Running running = store(context).remove(Running.class, Running.class);
    if (running != null) {
      running.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return Running.hasName(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    Running running = store(context).get(Running.class, Running.class);
    if (running == null) {
      throw new ParameterResolutionException(
          "a "
              + type.getSimpleName()
              + " is there for each test: it is a parameter of methods with @Test, @BeforeEach and @AfterEach,"
              + " not of constructors, @BeforeAll and @AfterAll");
    }
    Object found = running.get(type);
    if (found == null) {
      throw new ParameterResolutionException(
          "there is no "
              + type.getSimpleName()
              + " in this test: the extension is to be made withCenter() for a Center,"
              + " withFaultyNetwork() for a FaultyProxy or a Link");
    }
    return found;
  }
}
