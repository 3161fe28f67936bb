package erpc.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.DialledConnection;
import erpc.protocol.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The connections to one endpoint. Thread-safe. */
public final class EndpointPool {
  /** A connection that is this full is backed up, as {@link DialledConnection#isHalfFull} says. */
  private static final double BACKED_UP = 0.5;

  /** As long as it must be, without a break, before another one is dialled. */
  private static final long GROW_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final String address;
  private final PoolSettings settings;
  private final Ticker ticker;
  private final Reactor reactor;
  private final Supplier<EndpointConnection> maker;

  /** The first one is there for good, in modes other than SINGLE for its back-off. */
  private final EndpointConnection first;

  /** Written by whoever has the lock, a new array each time. */
  private volatile Entry[] entries;

  /**
   * Set by a call that has the lock, with since when; cleared by any call without it. A break that
   * comes while another call looks may be missed: then one connection is dialled early.
   */
  private volatile boolean backedUp;

  /** Written by whoever listens; those that change the state run it. */
  private volatile Runnable stateChanged = () -> {};

  @GuardedBy("this")
  private long backedUpSinceNanos;

  @GuardedBy("this")
  private boolean closed;

  @GuardedBy("this")
  private @Nullable Future<?> nextSweep;

  /** A connection of the pool, how many calls have it, and when one had it last. */
  private static final class Entry {
    final EndpointConnection link;
    final AtomicInteger users = new AtomicInteger();

    /** Written by each call that has had it; of two at the same time either will do. */
    volatile long lastUsedNanos;

    Entry(EndpointConnection link) {
      this.link = link;
    }
  }

  /**
   * A pool that has not dialled yet.
   *
   * @param connection limits of each connection
   * @param context what the pools of one client have in common
   */
  public EndpointPool(
      Reactor reactor,
      String address,
      PoolSettings settings,
      ConnectionSettings connection,
      Duration connectTimeout,
      Context context) {
    this.reactor = reactor;
    this.address = address;
    this.settings = settings;
    this.ticker = context.ticker;
    this.maker =
        () ->
            new EndpointConnection(
                reactor, address, connection, connectTimeout, context, () -> stateChanged.run());
    this.first = maker.get();
    this.entries = new Entry[] {new Entry(first)};
  }

  /**
   * What pools of one client, and of one of its places, have in common.
   *
   * @param ticker the clock
   * @param random where jitter comes from
   * @param protocol what is spoken
   * @param security TLS and credentials
   * @param serverName what the place's certificates must be for, or null for the endpoint's host
   * @param refused told when an endpoint could not be connected to; any thread, must not block
   */
  public record Context(
      Ticker ticker,
      RandomGenerator random,
      Protocol protocol,
      Security security,
      @Nullable String serverName,
      Runnable refused) {
    /** For a place whose endpoints name themselves, and that nobody finds others for. */
    public Context(Ticker ticker, RandomGenerator random, Protocol protocol, Security security) {
      this(ticker, random, protocol, security, null, () -> {});
    }
  }

  /** A connection for one call, to be given back when the call has ended. */
  public interface Lease {
    /** The connection. */
    DialledConnection connection();

    /** The call has ended. Any thread. */
    void release();
  }

  public String address() {
    return address;
  }

  /**
   * Has a listener told when {@link #state} may have changed: on any thread, and with a lock held,
   * so it must take none that is held while this pool is used. A connection that goes to its end in
   * good order is not told of before the end. Replaces the one before.
   */
  public void onStateChange(Runnable listener) {
    stateChanged = listener;
  }

  /** What a call can expect: the best of its connections. */
  public EndpointState state() {
    EndpointState best = first.state();
    if (best != EndpointState.READY) {
      for (Entry each : entries) {
        if (each.link.state() == EndpointState.READY) {
          return EndpointState.READY;
        }
      }
    }
    return best;
  }

  /** Dials, if nobody has yet. */
  public void connect() {
    var unused = first.use();
  }

  /** Whether calls share connections, so that {@link #use} will do. */
  public boolean isShared() {
    return settings.mode() == PoolMode.SINGLE;
  }

  /**
   * Whether there is no room for another call now: every connection is taken by another call, or
   * has as much waiting or open as it may. A moment old.
   */
  public boolean isFull() {
    Entry[] all = entries;
    boolean shared = isShared();
    if (!shared && all.length < settings.maxConnections()) {
      return false;
    }
    for (Entry each : all) {
      if (shared ? !each.link.isFull() : each.users.get() == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * A connection that takes calls and that others use too, dialling if there is none.
   *
   * @return null if none can be had now; {@link #whyNot()} says why
   */
  public @Nullable DialledConnection use() {
    Entry[] all = entries;
    if (all.length == 1 && !backedUp && !all[0].link.isHalfFull()) {
      return all[0].link.use();
    }
    return leastLoaded(all);
  }

  private @Nullable DialledConnection leastLoaded(Entry[] all) {
    EndpointConnection best = first;
    double least = Double.MAX_VALUE;
    for (Entry each : all) {
      double load = each.link.load();
      // One that is still connecting is no help while another one is ready.
      if (each.link.state() == EndpointState.READY
          && (load < least || (load == least && each.link.openStreams() < best.openStreams()))) {
        best = each.link;
        least = load;
      }
    }
    if (least < Double.MAX_VALUE) {
      considerGrowing(least >= BACKED_UP);
      touch(all, best);
    }
    DialledConnection found = best.use();
    // It may just have been closed as of no use.
    return found == null && best != first ? first.use() : found;
  }

  private void touch(Entry[] all, EndpointConnection used) {
    for (int i = 1; i < all.length; i++) {
      if (all[i].link == used) {
        all[i].lastUsedNanos = ticker.nanos();
      }
    }
  }

  private void considerGrowing(boolean full) {
    if (!full) {
      if (backedUp) {
        backedUp = false;
      }
      return;
    }
    synchronized (this) {
      long now = ticker.nanos();
      if (!backedUp) {
        backedUp = true;
        backedUpSinceNanos = now;
      } else if (now - backedUpSinceNanos >= GROW_AFTER_NANOS
          && entries.length < settings.maxConnections()
          && !closed) {
        backedUpSinceNanos = now;
        var unused = add().link.use();
      }
    }
  }

  @GuardedBy("this")
  private Entry add() {
    Entry added = new Entry(maker.get());
    added.lastUsedNanos = ticker.nanos();
    Entry[] more = Arrays.copyOf(entries, entries.length + 1);
    more[more.length - 1] = added;
    entries = more;
    if (nextSweep == null) {
      sweepLater();
    }
    return added;
  }

  @GuardedBy("this")
  private void sweepLater() {
    long nanos = Math.max(1, settings.idleTimeout().toNanos() / 2);
    // Without event loops there is nothing to sweep.
    nextSweep = reactor.schedule(this::sweep, nanos);
  }

  private void sweep() {
    try {
      swept().forEach(each -> each.link.retire());
    } catch (Throwable e) { // Else nobody would ever sweep again.
      synchronized (this) {
        nextSweep = null; // Until the next connection is added.
      }
      throw e;
    }
  }

  /** Takes out what has been of no use for long, but not the first one. */
  private synchronized List<Entry> swept() {
    // Of that size at once: nothing may fail between marking one as taken and taking it out.
    List<Entry> idle = new ArrayList<>(entries.length);
    List<Entry> kept = new ArrayList<>(entries.length);
    long now = ticker.nanos();
    for (Entry each : entries) {
      // Taken for good, or a call might take it just before it is closed.
      boolean unused =
          each.link != first
              && each.link.openStreams() == 0
              && now - each.lastUsedNanos >= settings.idleTimeout().toNanos()
              && each.users.compareAndSet(0, 1);
      (unused ? idle : kept).add(each);
    }
    entries = kept.toArray(Entry[]::new);
    nextSweep = null;
    if (kept.size() > 1 && !closed) {
      sweepLater();
    }
    return idle;
  }

  // ---- a connection for each call

  /**
   * A connection that no other call has, dialling if all are taken.
   *
   * @return null if none can be had now; {@link #whyNot()} says why
   */
  public @Nullable Lease lease() {
    Entry entry = taken();
    if (entry == null) {
      return null;
    }
    @Nullable Lease lease = null;
    try {
      DialledConnection connection = entry.link.use();
      lease = connection == null ? null : new Taken(entry, connection);
    } finally {
      if (lease == null) { // Also if that threw: it would be taken for good.
        release(entry);
      }
    }
    return lease;
  }

  private final class Taken implements Lease {
    private final Entry entry;
    private final DialledConnection connection;

    Taken(Entry entry, DialledConnection connection) {
      this.entry = entry;
      this.connection = connection;
    }

    @Override
    public DialledConnection connection() {
      return connection;
    }

    @Override
    public void release() {
      EndpointPool.this.release(entry);
    }
  }

  private @Nullable Entry taken() {
    Entry[] all = entries;
    // From the front, so that those behind become idle and are closed.
    for (Entry each : all) {
      // Nor does one that backs off from a fault hide those that work.
      if (each.link.state() != EndpointState.BACKING_OFF && each.users.compareAndSet(0, 1)) {
        return each;
      }
    }
    synchronized (this) {
      if (closed || entries.length >= settings.maxConnections()) {
        return null;
      }
      Entry added = add();
      added.users.set(1);
      return added;
    }
  }

  private void release(Entry entry) {
    try {
      entry.lastUsedNanos = ticker.nanos();
      if (settings.mode() == PoolMode.SHORT) {
        entry.link.hangUp();
      }
    } finally {
      entry.users.set(0);
    }
  }

  /** Why there is no connection: not started, so that the call may go elsewhere. */
  public Status whyNot() {
    for (Entry each : entries) {
      if (each.link.state() == EndpointState.BACKING_OFF) {
        return each.link.whyNot();
      }
    }
    if (settings.mode() != PoolMode.SINGLE) {
      return Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "all "
                  + settings.maxConnections()
                  + " connections are taken by other calls (maxConnections)")
          .withEndpoint(address);
    }
    return first.whyNot();
  }

  // ---- the end

  /** Dials no more; calls that are under way finish. */
  public void retire() {
    close(EndpointConnection::retire);
  }

  /** Ends all connections and everything on them. */
  public void close(Status why) {
    close(link -> link.close(why));
  }

  private void close(Consumer<EndpointConnection> how) {
    Entry[] all;
    synchronized (this) {
      closed = true;
      all = entries;
      if (nextSweep != null) {
        nextSweep.cancel(false);
      }
    }
    for (Entry each : all) {
      how.accept(each.link);
    }
  }
}
