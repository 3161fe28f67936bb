package erpc.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.LineLimit;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.DialledConnection;
import erpc.protocol.Protocol;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to an endpoint: dialled when it is first needed, and again, after a jittered
 * back-off, when it was lost and calls ask for it. Thread-safe.
 */
final class EndpointConnection {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");
  private static final LineLimit LINES = new LineLimit();
  private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** A connection that worked for so long and broke may be dialled again at once, by a call. */
  private static final long PROVEN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What each address of a name gets at least of the time to connect. */
  private static final int LEAST_MILLIS = 250;

  private final Reactor reactor;
  private final String address;

  /** The address with the name that its certificate must have. */
  private final String certified;

  private final ConnectionSettings settings;
  private final Ticker ticker;
  private final RandomGenerator random;
  private final int connectTimeoutMillis;
  private final Security security;
  private final Protocol protocol;

  /** Told when connecting has failed; without a lock. */
  private final Runnable refused;

  /** Told when the state has changed; with the lock held. */
  private final Runnable stateChanged;

  // Written by whoever has the lock; calls read them without it.
  private volatile @Nullable DialledConnection connection;
  private volatile EndpointState state = EndpointState.IDLE;

  /**
   * Which of a name's addresses is dialled first. Written by whoever has the lock, while nothing is
   * dialled; read by the event loop that dials.
   */
  private volatile int firstAddress;

  @GuardedBy("this")
  private boolean asked; // whether a call has asked for it since it was dialled last

  @GuardedBy("this")
  private int failures;

  @GuardedBy("this")
  private long connectedNanos;

  @GuardedBy("this")
  private boolean callsMayDial;

  @GuardedBy("this")
  private @Nullable Status lastFailure;

  @GuardedBy("this")
  private @Nullable DialledConnection lastLost;

  @GuardedBy("this")
  private @Nullable Future<?> nextAttempt;

  @GuardedBy("this")
  private @Nullable Status whyClosed;

  /** A connection that is not dialled yet. */
  public EndpointConnection(
      Reactor reactor,
      String address,
      ConnectionSettings settings,
      Duration connectTimeout,
      EndpointPool.Context context,
      Runnable stateChanged) {
    String serverName = context.serverName();
    this.reactor = reactor;
    this.address = address;
    this.certified =
        serverName == null ? address : serverName + ":" + SocketAddresses.port(address);
    this.settings = settings;
    this.ticker = context.ticker();
    this.random = context.random();
    this.security = context.security();
    this.protocol = context.protocol();
    this.refused = context.refused();
    this.stateChanged = stateChanged;
    this.connectTimeoutMillis =
        (int) Math.min(Integer.MAX_VALUE, Math.max(1, connectTimeout.toMillis()));
  }

  public EndpointState state() {
    DialledConnection now = connection;
    if (state == EndpointState.READY && (now == null || !now.isUsable())) {
      return EndpointState.IDLE;
    }
    return state;
  }

  /**
   * A connection that takes calls, dialling if there is none.
   *
   * @return null if none can be had now; {@link #whyNot()} says why
   */
  public @Nullable DialledConnection use() {
    DialledConnection now = connection;
    return now != null && now.isUsable() ? now : dialled();
  }

  /** How much of what it can take is taken, 0 if it isn't connected. */
  double load() {
    DialledConnection now = connection;
    return now == null ? 0 : now.load();
  }

  boolean isHalfFull() {
    DialledConnection now = connection;
    return now != null && now.isHalfFull();
  }

  /** Whether it has as much as it may, of calls or of bytes that wait. */
  boolean isFull() {
    DialledConnection now = connection;
    return now != null && now.isFull();
  }

  /** Calls that are open on it. */
  int openStreams() {
    DialledConnection now = connection;
    return now == null ? 0 : now.openStreams();
  }

  /** Why there is no connection: not started, so that the call may go elsewhere. */
  public synchronized Status whyNot() {
    Status why = whyClosed == null ? lastFailure : whyClosed;
    return why == null
        ? unavailable("no connection to " + address)
        : Status.of(why.code(), why.message()).withEndpoint(address);
  }

  private synchronized @Nullable DialledConnection dialled() {
    DialledConnection now = connection;
    if (now != null && now.isUsable()) {
      return now;
    }
    boolean waits = state == EndpointState.BACKING_OFF && !callsMayDial;
    asked = true;
    return state == EndpointState.CLOSED || waits ? null : dial();
  }

  /** Netty's connect only starts here, it doesn't wait. */
  @GuardedBy("this")
  private DialledConnection dial() {
    EventLoop loop = reactor.next();
    DialledConnection dialling = protocol.dial(loop, settings, ticker, reactor.memory());
    connection = dialling;
    callsMayDial = false;
    asked = false;
    nextAttempt = cancelled(nextAttempt);
    enter(EndpointState.CONNECTING);
    dialling.onClose(() -> lost(dialling));
    try {
      if (reactor.looksUp() || security.asksUser()) {
        // Looking a host name up may block, which an event loop must not, and so may the user.
        Thread.ofVirtual().name("erpc-dial").start(() -> resolve(loop, dialling));
      } else {
        loop.execute(() -> resolve(loop, dialling));
      }
    } catch (Throwable e) { // As when there is no memory for a thread: it is dialled again later.
      cannotDial(dialling, e);
    }
    return dialling;
  }

  @GuardedBy("this")
  private void enter(EndpointState next) {
    state = next;
    stateChanged.run();
  }

  private static @Nullable Future<?> cancelled(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
    return null;
  }

  private void resolve(EventLoop loop, DialledConnection dialling) {
    try {
      List<SocketAddress> remotes = reactor.resolveAll(address);
      security.prepare(dialling, remotes, certified);
      loop.execute(() -> {
        try {
          connect(loop, remotes, 0, dialling);
        } catch (Throwable e) { // The same.
          cannotDial(dialling, e);
        }
      });
    } catch (IllegalArgumentException e) {
      dialling.closeNow(unavailable(String.valueOf(e.getMessage())));
    } catch (RejectedExecutionException e) {
      dialling.closeNow(unavailable("no connection to " + address + ": the reactor is closed"));
    } catch (Throwable e) { // Else nobody would ever dial again.
      cannotDial(dialling, e);
    }
  }

  private void cannotDial(DialledConnection dialling, Throwable e) {
    Thrown.warn(LOG, LINES, "dialling " + address + " failed; it is dialled again", e);
    String text = ": dialling failed: " + Thrown.describe(e);
    dialling.closeNow(unavailable("no connection to " + address + text));
  }

  /**
   * Tries the addresses of a name one after the other. The first one moves on with each failure:
   * one may take connections and fail later.
   */
  private void connect(
      EventLoop loop, List<SocketAddress> remotes, int tried, DialledConnection dialling) {
    if (dialling.whyClosed() != null) {
      return; // Closed while the name was looked up.
    }
    boolean last = tried + 1 == remotes.size();
    SocketAddress remote = remotes.get((firstAddress + tried) % remotes.size());
    int timeoutMillis =
        Math.max(
            connectTimeoutMillis / remotes.size(), Math.min(LEAST_MILLIS, connectTimeoutMillis));
    reactor
        .connecting(loop, remote, timeoutMillis)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                if (security.isTls()) {
                  secure(channel, dialling);
                } else if (last) {
                  // Closing the connection then ends the attempt. Before others it stays out of
                  // the channel, because it can only be in one.
                  channel.pipeline().addLast(dialling.handler());
                }
              }
            })
        .connect(remote)
        .addListener(done -> {
          if (done.isSuccess() && !security.isTls()) {
            if (!last) {
              ((ChannelFuture) done).channel().pipeline().addLast(dialling.handler());
            }
            connected(dialling);
          } else if (!done.isSuccess() && !last) {
            connect(loop, remotes, tried + 1, dialling);
          } else if (!done.isSuccess()) {
            dialling.closeNow(
                unavailable(
                    "cannot connect to " + address + ": " + SocketAddresses.reason(done.cause())));
          }
        });
  }

  private void secure(Channel channel, DialledConnection dialling) {
    security.protect(
        channel,
        certified,
        settings.handshakeTimeout(),
        () -> {
          channel.pipeline().addLast(dialling.handler());
          connected(dialling);
        },
        why -> dialling.closeNow(unavailable("no connection to " + address + ": " + why)));
  }

  private Status unavailable(String text) {
    return Status.of(Status.Code.UNAVAILABLE, text).withEndpoint(address);
  }

  private synchronized void connected(DialledConnection dialled) {
    if (connection == dialled && state == EndpointState.CONNECTING) {
      enter(EndpointState.READY);
      connectedNanos = ticker.nanos();
    }
  }

  private void lost(DialledConnection ended) {
    Status why = ended.whyClosed();
    long waitNanos;
    synchronized (this) {
      if (connection != ended || state == EndpointState.CLOSED) {
        return;
      }
      connection = null;
      boolean lasted =
          state == EndpointState.READY
              && ended.wasGreeted()
              && ticker.nanos() - connectedNanos >= PROVEN_NANOS;
      boolean worked = lasted || ended.hasAnswered();
      failures = worked ? 0 : Math.min(failures + 1, 16);
      if (ended.endsInGoodOrder() && (worked || !ended.wasDismissed())) {
        // For its age, because nobody called, or because the server restarts: whoever calls next
        // dials, and only if that fails there is something to back off from.
        enter(EndpointState.IDLE);
        return;
      }
      lastFailure = why;
      lastLost = ended;
      firstAddress = failures;
      // A call that has nowhere else to go finds out whether it works: its own tries might all come
      // before the next attempt.
      callsMayDial = lasted;
      // Once by itself, if it was of use; after that only for those who call.
      asked = worked;
      enter(EndpointState.BACKING_OFF);
      waitNanos = backoffNanos(failures, random);
    }
    LOG.debug(
        "connection to {} ended ({}); next attempt in {} ms", address, why, waitNanos / 1_000_000);
    if (!ended.wasGreeted()) {
      refused.run();
    }
    redialAfter(ended, waitNanos);
  }

  private synchronized void redialAfter(DialledConnection ended, long nanos) {
    if (state != EndpointState.BACKING_OFF || lastLost != ended) {
      return;
    }
    nextAttempt = reactor.schedule(() -> redial(ended), nanos);
    if (nextAttempt == null) {
      LOG.debug("no further attempt to connect to {}: the reactor is closed", address);
    }
  }

  private synchronized void redial(DialledConnection after) {
    if (state != EndpointState.BACKING_OFF || lastLost != after) {
      return;
    }
    if (asked) {
      var unused = dial();
    } else {
      // Nobody has called meanwhile: whoever does next dials, instead of a timer for ever.
      nextAttempt = null;
      enter(EndpointState.IDLE);
    }
  }

  /** Nothing is dialled any more. */
  @GuardedBy("this")
  private @Nullable DialledConnection closed(Status why) {
    if (state != EndpointState.CLOSED) {
      enter(EndpointState.CLOSED);
      whyClosed = why;
    }
    nextAttempt = cancelled(nextAttempt);
    lastLost = null;
    return connection;
  }

  /** How many connections in a row have failed, or ended before they were of any use. */
  synchronized int failures() {
    return failures;
  }

  /** Full jitter: anything up to 50 ms doubled with each failure, at most 2 s. */
  static long backoffNanos(int failed, RandomGenerator random) {
    long most = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(failed, 10));
    return 1 + random.nextLong(most);
  }

  /** Closes the connection once its calls have ended; whoever calls next dials. */
  void hangUp() {
    DialledConnection now = connection;
    if (now != null) {
      now.retire();
    }
  }

  /** Dials no more; calls that are under way finish. */
  public void retire() {
    DialledConnection now;
    synchronized (this) {
      now = closed(unavailable(address + " is listed no more"));
    }
    if (now != null) {
      now.retire();
    }
  }

  /** Ends the connection and everything on it. */
  public void close(Status why) {
    DialledConnection now;
    synchronized (this) {
      now = closed(why);
    }
    if (now != null) {
      now.closeNow(why);
    }
  }
}
