package erpc.center;

import erpc.CenterProvider;
import erpc.call.LastingLoop;
import erpc.call.Ticker;
import erpc.discovery.CenterMethods;
import erpc.server.ExitHook;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.StreamHandler;
import erpc.transport.TlsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A center that listens: the service over an engine, on a server. Thread-safe; keeps the process
 * alive until it is closed.
 */
public final class Center implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(Center.class);

  private final Engine engine;
  private final CenterService service;
  private final Server server;
  private final Ticker ticker = Ticker.system();
  private final Pauses pauses = new Pauses(TICK, ticker);
  private final ScheduledExecutorService clock;
  private final ExitHook onExit = ExitHook.last(this::close, "erpc-center-shutdown");
  private final LastingLoop loop = new LastingLoop(LOG, "looking through the leases");

  private Center(Engine engine, CenterService service, Server server) {
    this.engine = engine;
    this.service = service;
    this.server = server;
    this.clock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("erpc-center-clock").daemon(true).factory());
  }

  /**
   * Starts a center that keeps its state in memory, and in a file if one is given.
   *
   * @param address where it listens, {@code 127.0.0.1:8081}
   * @param journal where every change is appended, so that a restarted center knows what it knew;
   *     or null
   * @throws IOException if it cannot listen there, or the file cannot be used; the message says why
   */
  public static Center listen(String address, @Nullable Path journal, CenterSettings settings)
      throws IOException {
    Engine engine =
        journal == null ? MemoryEngine.open() : MemoryEngine.open(journal, Durability.DISK);
    return over(engine, address, settings);
  }

  /** Starts a center over an engine, which it closes. */
  static Center over(Engine engine, String address, CenterSettings settings) throws IOException {
    CenterService service = new CenterService(engine, settings);
    ServerBuilder builder = Server.builder();
    TlsSettings tls = settings.tls();
    if (tls != null) {
      builder.tls(tls);
    }
    Server server = builder.build();
    server
        .handle(CenterMethods.REGISTER, noting(service, service::register))
        .handle(CenterMethods.DEREGISTER, noting(service, service::deregister))
        .handle(CenterMethods.HEARTBEAT, noting(service, service::heartbeat))
        .handle(CenterMethods.HEATEAT, noting(service, service::heartbeat))
        .handleStream(CenterMethods.HOLD, noting(service, service::hold))
        .handle(CenterMethods.DISCOVERY, noting(service, service::discovery))
        .handle(CenterMethods.LIST, noting(service, service::list))
        .handleStream(
            CenterMethods.WATCH,
            noting(
                service,
                (context, requests, replies) -> service.watch(context, requests.one(), replies)));
    Center center = new Center(engine, service, server);
    try {
      server.listen(address);
    } catch (IOException | RuntimeException e) {
      center.close();
      throw e;
    }
    center.startClock();
    return center;
  }

  private void startClock() {
    var unused =
        clock.scheduleWithFixedDelay(
            this::tick, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static <Q, R> Handler<Q, R> noting(CenterService service, Handler<Q, R> handler) {
    return (context, request) -> {
      try {
        return handler.handle(context, request);
      } catch (OutOfMemoryError e) {
        service.met(e);
        throw e;
      }
    };
  }

  private static <Q, R> StreamHandler<Q, R> noting(
      CenterService service, StreamHandler<Q, R> handler) {
    return (context, requests, replies) -> {
      try {
        handler.handle(context, requests, replies);
      } catch (OutOfMemoryError e) {
        service.met(e);
        throw e;
      }
    };
  }

  /** A scheduled task that throws is never run again, so nothing gets out of here. */
  private void tick() {
    try {
      long now = ticker.nanos();
      service.tick(now, pauses.lateNanos(now));
    } catch (Throwable e) { // An Error too, for the same reason.
      loop.met(e);
      service.met(e);
    }
    if (service.isOutOfMemory()) {
      end();
    }
  }

  /** A center that has lost anything to a lack of memory is worse than none, which servers find. */
  private void end() {
    try {
      LOG.error(
          "the center has run out of memory and closes itself; servers register again wherever one is started. Give its"
              + " process more memory (-Xmx), or lower erpc.center.maxBytes, maxWatchBytes, maxWatchers");
    } catch (OutOfMemoryError e) {
      // Then it is not said; it closes all the same.
    }
    try {
      close();
    } catch (Throwable e) { // What was not closed yet is by the next tick.
      loop.met(e);
    }
  }

  /** Where it listens, with the port that was picked. */
  public String address() {
    return server.address();
  }

  /** How many instances are registered now. */
  public int instances() {
    return service.instances();
  }

  /** Has the process's end, SIGTERM included, close this center first. */
  public Center closeOnExit() {
    onExit.set();
    return this;
  }

  /** Waits until it has been closed. */
  public void awaitClosed() throws InterruptedException {
    server.awaitClosed();
  }

  /** Ends the watches, and stops. What a journal holds stays there. */
  @Override
  public void close() {
    service.close();
    server.close();
    engine.close();
    clock.shutdownNow(); // Last: it may be the clock that closes, and it tries again.
    onExit.forget();
  }

  /** The center that {@link erpc.Erpc#listenCenter()} starts. */
  public static final class Provider implements CenterProvider {
    /** For {@link java.util.ServiceLoader}. */
    public Provider() {}

    @Override
    public AutoCloseable listen(String address) throws IOException {
      return Center.listen(address, null, CenterSettings.ofProcess()).closeOnExit();
    }
  }
}
