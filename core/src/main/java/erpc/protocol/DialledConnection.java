package erpc.protocol;

import erpc.call.Peer;
import erpc.call.Status;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of a connection, whatever it speaks. Calls may be started as soon as it exists:
 * until the socket is connected they wait in it, and if it never is, they end as not started.
 * Thread-safe but where it is said otherwise; no method blocks.
 */
public interface DialledConnection extends Peer {
  /** How long one-way calls that were sent may take to be read once the connection is closed. */
  Duration ONEWAY_GRACE = Duration.ofSeconds(10);

  /** What reads and writes its bytes: the last handler of its channel. */
  ChannelHandler handler();

  // ---- calls

  /**
   * A place for a call on this connection, to be {@linkplain OutboundStream#begin begun} and then
   * started.
   */
  OutboundStream stream(OutboundCall call);

  /**
   * A place that is free again, with the {@linkplain OutboundStream#call call} that had it: both
   * may begin once more, as another call. Null if there is none; only who makes a call on the
   * connection's event loop gets one.
   */
  @Nullable OutboundStream recycled();

  /** Whether new calls may be started here: it has neither ended nor been told that it will. */
  boolean isUsable();

  /**
   * How much of what it can take is taken, by calls or by bytes that wait: 0 to 1, or more. A
   * moment old.
   */
  double load();

  /**
   * How loaded the server has said that it is, once for each time it has said it; null if it has
   * not since this was asked last. On its event loop.
   */
  default @Nullable ServerLoad takeServerLoad() {
    return null;
  }

  /** Whether {@link #load} is 0.5 or more; asked for each call. */
  default boolean isHalfFull() {
    return load() >= 0.5;
  }

  /** Whether it has all that it can take, as {@link #load} says. */
  default boolean isFull() {
    return load() >= 1;
  }

  /**
   * The time by its clock: on its event loop, while it handles what has come, the reading that all
   * of that share; else a new one.
   */
  long nowNanos();

  /** Calls that are open here, a moment ago. */
  int openStreams();

  /**
   * Shows a bearer token, for the calls that follow it; at once if the connection is open, else
   * when it opens.
   *
   * @throws IllegalArgumentException if it is longer than a credential may be
   */
  void bearer(String token);

  // ---- the end

  /** Opens no new calls here and closes once those that are open have ended. */
  void retire();

  /** Ends the connection at once. */
  void closeNow(Status why);

  /** Why it has ended, or null while it lives. */
  @Nullable Status whyClosed();

  /** Runs the action once its socket has been closed, or if there never will be one. */
  void onGone(Runnable action);

  /**
   * Whether the server has ever said that it speaks the protocol: then a loss is a loss, not an
   * address that never worked. A server that says nothing but why it serves nobody here doesn't
   * count.
   */
  boolean wasGreeted();

  /** Whether anything has ever come back of a call on it. Known once it has ended. */
  boolean hasAnswered();

  /** Whether it ends because either side wanted it to, and not for a fault. */
  boolean endsInGoodOrder();

  /** Whether the server has said that it will end. */
  boolean wasDismissed();
}
