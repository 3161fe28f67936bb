package erpc.testing;

import erpc.call.RpcException;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.discovery.Resolvers;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Servers and clients in one process, over a network in memory, on a clock that the test moves: an
 * hour passes in a moment, and the same way each time. Every timer follows the clock, all chance
 * comes from the seed.
 *
 * <pre>{@code
 * try (SimulatedCluster cluster = SimulatedCluster.open(7)) {
 *   SimulatedServer a = cluster.server("a", server -> server.handle(Orders.GET, orders::get));
 *   SimulatedServer b = cluster.server("b", server -> server.handle(Orders.GET, orders::get));
 *   Client client = cluster.client("shop");
 *   a.faults().fail(Status.Code.UNAVAILABLE);
 *   Order order = cluster.await(client.callAsync(Orders.GET, key));
 * }
 * }</pre>
 *
 * <p>Nothing happens by itself: calls, handlers and connections go on only while {@link #advance},
 * {@link #await}, {@link #run} or {@link #runUntilIdle} is under way. Then one thing happens after
 * the other. So the same seed and the same test give the same {@link #trace()}, with these limits:
 * handlers that wait for each other, or for threads of the test, and are woken at the same moment,
 * run side by side; so does what runs on executors of the test's own and on user's balancers.
 *
 * <p>The test's own thread makes asynchronous calls, or blocking ones within {@link #run}. Handlers
 * use time by {@link #sleep}, never by {@code Thread.sleep}.
 *
 * <p>To be used by one thread, the test's, but for {@link #sleep}, {@link #note} and {@link #now}.
 * Clusters don't see each other: tests may run in parallel.
 */
public final class SimulatedCluster implements AutoCloseable {
  /** How much time of the simulation {@link #await}, {@link #run} and others let pass at most. */
  public static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");
  private static final Duration CLOSING_STEP = Duration.ofMillis(50);

  private final long seed;
  private final ManualClock clock = new ManualClock();
  private final Reactor reactor = Reactor.inMemory(clock);
  private final Turns turns = new Turns();
  private final Trace trace = new Trace(clock);
  private final Members members = new Members();
  private final Map<String, SimulatedServer> servers = new LinkedHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Waking waking = new InTurn();
  private boolean closed;

  private SimulatedCluster(long seed) {
    this.seed = seed;
    clock.hold();
  }

  /**
   * A cluster without servers; to be closed.
   *
   * @param seed where all chance comes from: of balancers, back-offs, delays and faults
   */
  public static SimulatedCluster open(long seed) {
    return new SimulatedCluster(seed);
  }

  // ---- who takes part

  /**
   * Starts a server with the default settings.
   *
   * @param name what it is called in addresses and traces: lower case letters, digits and hyphens
   * @param handlers adds its handlers
   * @throws IllegalArgumentException if the name is none, or taken
   */
  public SimulatedServer server(String name, Consumer<Server> handlers) {
    return server(
        name,
        Server.builder()
            .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ofMillis(100))),
        handlers);
  }

  /**
   * Starts a server.
   *
   * @param name what it is called in addresses and traces: lower case letters, digits and hyphens
   * @param builder its settings, filters and so on; where it listens, its event loops, its clock
   *     and where its handlers run are the simulation's
   * @param handlers adds its handlers
   * @throws IllegalArgumentException if the name is none, or taken
   */
  public SimulatedServer server(String name, ServerBuilder builder, Consumer<Server> handlers) {
    requireFree(name);
    RandomGenerator chance = random("faults of " + name);
    var processor = new OneProcessor();
    Faults faults = new Faults(clock, chance, waking, processor);
    Server server =
        builder
            .reactor(reactor)
            .execution(Execution.on(turns))
            .observer(trace.ofServer(name))
            .filter(faults)
            .build();
    handlers.accept(server);
    String address = name + ":1";
    Link link =
        new Link(
            reactor.next(),
            random("link of " + name),
            what -> trace.note("link of " + name + ": " + what));
    String inside = name + ".inside:1";
    Proxy proxy =
        new Proxy(
            reactor.next(),
            clock,
            LocalServerChannel.class,
            LocalChannel.class,
            reactor.resolve(address),
            () -> reactor.resolve(inside),
            link);
    clock.release();
    try {
      server.listen(inside);
      var unused = proxy.listen();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // In memory, with a name that is free.
    } finally {
      clock.hold();
    }
    open.add(server);
    open.add(() -> reactor.next().execute(proxy::close));
    SimulatedServer made = new SimulatedServer(name, address, server, faults, link);
    servers.put(name, made);
    members.add(name, address);
    return made;
  }

  /** One processor, whose time is the simulation's: who comes while it is taken waits. */
  private final class OneProcessor implements Faults.Processor {
    private long freeNanos; // guarded by this

    @Override
    public void use(Faults faults, long nanos) {
      faults.await(reserve(nanos));
    }

    private synchronized long reserve(long nanos) {
      long now = clock.nanos();
      freeNanos = Math.max(now, freeNanos) + nanos;
      return freeNanos - now;
    }
  }

  /** By the simulation's clock, one after the other. */
  private final class InTurn implements Waking {
    @Override
    public void after(long nanos, Runnable wake) {
      Object unused = reactor.schedule(() -> turns.resume(wake), nanos);
    }

    @Override
    public void now(Runnable wake) {
      turns.resume(wake);
    }
  }

  private void requireFree(String name) {
    if (!NAME.matcher(name).matches() || name.equals(Members.ALL)) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is no name for a server of a simulation: it is 1 to 31 characters of a-z 0-9 -, begins"
              + " with a letter, and is not 'all'");
    }
    if (servers.containsKey(name)) {
      throw new IllegalArgumentException("this simulation has a server '" + name + "' already");
    }
  }

  /**
   * Takes a server out of what clients are told of {@code cluster://all}, as a center does when the
   * server's lease ends; it goes on. Watching clients hear of it at once.
   */
  public void unlist(SimulatedServer server) {
    members.remove(server.name());
  }

  /** Lists a server again that was {@linkplain #unlist taken out}. */
  public void list(SimulatedServer server) {
    members.add(server.name(), server.address());
  }

  /**
   * A client with the default settings. Bare names go to all servers, {@code cluster://a/demo.echo}
   * to one, {@code cluster://a,b/demo.echo} to some.
   */
  public Client client(String name) {
    return client(name, Client.builder().settings(ClientSettings.DEFAULTS));
  }

  /**
   * A client.
   *
   * @param name what it is called in traces
   * @param builder its settings, filters and so on; its event loops, clock, chance, resolvers,
   *     usual target and threads are the simulation's, and futures complete where they need no
   *     thread, so that what depends on them must not block
   */
  public Client client(String name, ClientBuilder builder) {
    Client client =
        builder
            .reactor(reactor)
            .ticker(this::nanosForClients)
            .random(random("client " + name))
            .resolvers(Resolvers.standard().with(members))
            .target(Members.SCHEME + "://" + Members.ALL)
            .threads(turns::take)
            .inlineCallbacks()
            .observer(trace.ofClient(name))
            .build();
    open.add(client);
    return client;
  }

  /** The clock, unless a call would wait for ever: its caller is who has to move the clock. */
  private long nanosForClients() {
    if (!closed && !Reactor.isEventLoop() && !turns.isOne(Thread.currentThread()) && blocks()) {
      throw new IllegalStateException(
          "a blocking call on a thread that is not the simulation's would wait for ever, since the clock"
              + " stands still meanwhile: make it as cluster.run(() -> client.call(…)), or make an"
              + " asynchronous one and cluster.await(…) its future");
    }
    return clock.nanos();
  }

  private static boolean blocks() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames.anyMatch(frame -> frame.getClassName().equals("erpc.client.BlockingCall")));
  }

  /**
   * Chance of the test's own, from the seed; each name has its own, which no other part draws from.
   */
  public RandomGenerator random(String name) {
    return Seeded.of(seed, name);
  }

  // ---- time

  /** Time of the simulation since it began. Any thread. */
  public Duration now() {
    return Duration.ofNanos(trace.elapsedNanos());
  }

  /**
   * Lets so much time pass, with all that happens then.
   *
   * @param by zero lets happen what needs no time
   * @throws IllegalArgumentException if it is negative
   * @throws AssertionError if a handler neither ends nor waits, naming where it is
   */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("time never runs backwards, as by " + by);
    }
    requireTestsThread("advance");
    long end = Math.addExact(clock.nanos(), by.toNanos());
    drive(() -> false, end);
    clock.advance(Duration.ofNanos(end - clock.nanos()));
    Duration unused = settle();
  }

  /**
   * Lets time pass until no call of its clients is under way.
   *
   * @throws AssertionError if that takes longer than {@link #LONGEST_WAIT}, naming what is pending
   */
  public void runUntilIdle() {
    requireTestsThread("runUntilIdle");
    drive(trace::isIdle, clock.nanos() + LONGEST_WAIT.toNanos());
    if (!trace.isIdle()) {
      throw stillWaiting("until no call is under way", LONGEST_WAIT);
    }
  }

  /**
   * Lets time pass until the future is done; what it holds.
   *
   * @throws RpcException if it failed with that; anything else that it failed with is thrown as it
   *     is, or as the cause of an {@link AssertionError} if it is a checked exception
   * @throws AssertionError if it takes longer than {@link #LONGEST_WAIT}, naming what is pending
   */
  public <T extends @Nullable Object> T await(Future<T> future) {
    return await(future, LONGEST_WAIT);
  }

  /** {@link #await(Future)} for at most so much time of the simulation. */
  public <T extends @Nullable Object> T await(Future<T> future, Duration atMost) {
    requireTestsThread("await");
    drive(future::isDone, Math.addExact(clock.nanos(), atMost.toNanos()));
    if (!future.isDone()) {
      throw stillWaiting("for a future", atMost);
    }
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw new AssertionError("the future failed: " + e.getCause(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the test's thread was interrupted", e);
    }
  }

  /**
   * Runs code that may block, such as a blocking call, on a thread of the simulation and lets time
   * pass until it is done; what it returns.
   *
   * @throws RpcException if it threw that; anything else that it threw is thrown as {@link #await}
   *     does
   * @throws AssertionError if it takes longer than {@link #LONGEST_WAIT}, naming what is pending
   */
  public <T extends @Nullable Object> T run(Callable<T> code) {
    return await(start(code));
  }

  /** Begins to run code that may block, such as a blocking call; time passes when the test says. */
  public <T extends @Nullable Object> CompletableFuture<T> start(Callable<T> code) {
    CompletableFuture<T> done = new CompletableFuture<>();
    turns.execute(() -> {
      try {
        done.complete(code.call());
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  /**
   * Waits within a handler, or within what {@link #run} runs, until so much time has passed.
   *
   * @throws IllegalStateException on any other thread, which is to {@link #advance}
   */
  public void sleep(Duration time) throws InterruptedException {
    if (!turns.isOne(Thread.currentThread())) {
      throw new IllegalStateException(
          "only handlers and what run(…) runs sleep in a simulation; a test moves the clock by advance(…)");
    }
    CompletableFuture<Void> over = new CompletableFuture<>();
    waking.after(time.toNanos(), () -> over.complete(null));
    try {
      over.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e); // It is only ever completed.
    }
  }

  private void requireTestsThread(String what) {
    if (closed) {
      throw new IllegalStateException("the simulation was closed");
    }
    if (turns.isOne(Thread.currentThread()) || Reactor.isEventLoop()) {
      throw new IllegalStateException(
          what + " is for the test's own thread: a handler that uses time calls sleep(…)");
    }
  }

  /** Lets happen what happens, from timer to timer, until that is so or no timer is due by then. */
  private void drive(BooleanSupplier done, long endNanos) {
    Duration next = settle();
    while (!done.getAsBoolean() && next != null && next.toNanos() <= endNanos - clock.nanos()) {
      clock.advance(next);
      next = settle();
    }
  }

  /** Lets happen what needs no time; how far the next timer is, null if there is none. */
  private @Nullable Duration settle() {
    while (true) {
      turns.awaitQuiet();
      long before = clock.tasksRun();
      Duration next = clock.settle();
      turns.awaitQuiet();
      // Threads that waited all the while have left the event loop nothing to do, nor been woken.
      if (clock.tasksRun() == before && !turns.next()) {
        return next;
      }
    }
  }

  // ---- what happened

  /**
   * What has happened so far, a line each, in order: calls, tries, answers, changes of links. The
   * same test with the same seed gives the same lines.
   */
  public List<String> trace() {
    return trace.lines();
  }

  /** Adds a line of the test's own to the trace. Any thread. */
  public void note(String what) {
    trace.note(what);
  }

  private AssertionError stillWaiting(String what, Duration atMost) {
    StringBuilder text = new StringBuilder();
    text.append("the simulation (seed ").append(seed).append(") waited ").append(what).append(' ');
    text.append(atMost.toMillis()).append(" ms of its time, and nothing more is to come before.");
    append(text, "Calls that have not ended", trace.underWay());
    append(text, "Threads of handlers and of run(…)", turns.waiting());
    List<String> lines = trace.lines();
    append(text, "What happened last", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    text.append("\nWait longer by await(future, …), or end what stands in the way, as by")
        .append(" server.faults().none(), server.link().restore(), server.resume().");
    return new AssertionError(text.toString());
  }

  private static void append(StringBuilder text, String title, List<String> lines) {
    text.append('\n').append(title).append(lines.isEmpty() ? ": none" : ":");
    lines.forEach(line -> text.append("\n  ").append(line));
  }

  /** Ends everything: calls that are under way, handlers too, which are interrupted. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    clock.release();
    servers.values().forEach(each -> each.faults().none());
    turns.free();
    turns.interruptAll();
    Thread mover = Thread.ofVirtual().name("simulated-clock").start(this::moveToTheEnd);
    try {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
    } catch (Exception e) {
      throw new AssertionError("closing the simulation failed", e);
    } finally {
      mover.interrupt();
      reactor.close();
    }
  }

  /** Closing waits by the clock, too. */
  private void moveToTheEnd() {
    while (!Thread.currentThread().isInterrupted()) {
      clock.advance(CLOSING_STEP);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }
}
