package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.InboundCall;
import erpc.protocol.Protocol;
import erpc.transport.ConnectionLimit;
import erpc.transport.Listening;
import erpc.transport.Reactor;
import erpc.transport.StartLine;
import erpc.transport.Tls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server listens on, and the connections that came in there: opened one by one, drained
 * together. Thread-safe.
 */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final long DRAIN_POLL_MILLIS = 10;

  /** How long the answers to calls that were given up may take to be read. */
  static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final Reactor reactor;
  private final ServerSettings settings;
  private final Ticker ticker;
  private final ServerStack stack;
  private final Listening.Spoken spoken;
  private final ConnectionLimit connections;

  @GuardedBy("this")
  private final List<Listening> open = new ArrayList<>();

  /**
   * None yet.
   *
   * @param protocols what is spoken
   * @param tls what TLS is spoken with, or null for plain text
   */
  Listeners(Reactor reactor, ServerStack stack, List<Protocol> protocols, @Nullable Tls tls) {
    this.reactor = reactor;
    this.settings = stack.settings;
    this.ticker = stack.ticker;
    this.stack = stack;
    this.spoken = new Listening.Spoken(protocols, tls);
    this.connections = new ConnectionLimit(settings.maxConnections());
  }

  /**
   * Listens on these addresses too, on all or on none.
   *
   * @return what is listened on, with the ports that were picked
   * @throws IOException if one cannot be listened on, naming it
   */
  List<String> open(List<String> addresses) throws IOException {
    List<Listening> made = new ArrayList<>();
    boolean all = false;
    try {
      for (String each : addresses) {
        made.add(
            Listening.open(
                reactor, each, settings.connection(), ticker, stack, spoken, connections));
      }
      all = true;
    } finally {
      if (!all) {
        made.forEach(Listening::stopAccepting);
        Status why = Status.of(Status.Code.UNAVAILABLE, "the server cannot listen on all it is to");
        made.forEach(each -> each.closeConnections(why));
      }
    }
    synchronized (this) {
      open.addAll(made);
    }
    List<String> bound = made.stream().map(Listening::address).toList();
    String how = StartLine.of(reactor, spoken.tls());
    bound.forEach(address -> LOG.info("listening on {} ({})", address, how));
    return bound;
  }

  private synchronized List<Listening> all() {
    return List.copyOf(open);
  }

  boolean isEmpty() {
    return all().isEmpty();
  }

  /** What they listen on, the first one first. */
  List<String> addresses() {
    return all().stream().map(Listening::address).toList();
  }

  int connectionCount() {
    return all().stream().mapToInt(Listening::connectionCount).sum();
  }

  /** Shows every call that is open, on its event loop, or among those that go on alone. */
  void forEachCall(Consumer<InboundCall> action) {
    all().forEach(each -> each.forEachCall(action));
    stack.loneCalls().forEach(action);
  }

  /** Accepts nothing more, lets calls finish for as long as the settings say, and closes. */
  void drain(Patience patience) {
    List<Listening> closing = all();
    closing.forEach(Listening::stopAccepting);
    long begun = ticker.nanos();
    long deadline = begun + settings.drainGrace().toNanos();
    while (!patience.isInterrupted() && ticker.nanos() - deadline < 0 && hasWork()) {
      // Again and again: a connection may just have said what it speaks.
      closing.forEach(each -> each.drain("the server is shutting down"));
      patience.pause(DRAIN_POLL_MILLIS);
    }
    int left = stack.admission.inFlight();
    if (left > 0 && hasWork()) { // Else they are handlers that go on though nobody waits.
      LOG.warn(
          "{} calls have not finished within {} ms and are cancelled",
          left,
          TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - begun));
    }
    Status why =
        Status.of(
            Status.Code.UNAVAILABLE,
            "the server is draining and has not waited longer for this call (drainGrace)");
    closing.forEach(each -> each.endCalls(why));
    stack.loneCalls().end(why);
    long end = ticker.nanos() + LAST_WORDS.toNanos();
    while (!patience.isInterrupted() && ticker.nanos() - end < 0 && connectionCount() > 0) {
      patience.pause(DRAIN_POLL_MILLIS);
    }
    closing.forEach(each -> each.closeConnections(why));
  }

  private boolean hasWork() {
    return stack.loneCalls().count() > 0 || connectionCount() > 0;
  }
}
