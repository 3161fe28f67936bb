package erpc.protocol.own;

import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds peers that are gone without having said so: no preface, silence, or bytes that nobody
 * takes. One per connection, touched only by its event loop.
 */
final class Heartbeat {
  /**
   * Before it gives a silent peer up, a process that was itself stopped must get to read what has
   * come meanwhile.
   */
  private static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** So much unread is not worth a reset, by which a peer may lose what it has not read. */
  private static final int FEW_BYTES = 64 << 10;

  /** Who finds himself so late was stopped, or his machine slept. */
  static final long STOOD_STILL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Connection<?> connection;
  private final ConnectionSettings settings;

  private long dueNanos;
  private long openedNanos;
  private long lastHeardNanos;
  private boolean pinged;
  private boolean secondLook;
  private boolean inputClosed;
  private @Nullable Future<?> nextCheck;
  private long lastUnwritten;
  private long writeProgressNanos;

  Heartbeat(Connection<?> connection) {
    this.connection = connection;
    this.settings = connection.settings;
  }

  /** The connection is open: watches it from now on. */
  void start(long nowNanos) {
    openedNanos = nowNanos;
    lastHeardNanos = nowNanos;
    writeProgressNanos = nowNanos;
    checkHandshakeAfter(settings.handshakeTimeout().toNanos());
  }

  /** The connection has closed. A check that is due much later would hold on to it until then. */
  void stop() {
    if (nextCheck != null) {
      nextCheck.cancel(false);
    }
  }

  /** Something has come from the peer. */
  void heard(long nowNanos) {
    lastHeardNanos = nowNanos;
    pinged = false;
  }

  /** The peer has closed its direction: its silence means nothing any more. */
  void inputClosed() {
    inputClosed = true;
  }

  private void checkAfter(long nanos) {
    dueNanos = connection.ticker.nanos() + nanos;
    nextCheck = connection.loop.schedule(this::check, Math.max(nanos, 1), TimeUnit.NANOSECONDS);
  }

  /** The heartbeat may be quicker than the time for the preface. */
  private void checkHandshakeAfter(long nanos) {
    checkAfter(Math.min(nanos, settings.keepaliveInterval().toNanos()));
  }

  private void check() {
    if (connection.whyClosed() != null) {
      return;
    }
    long now = connection.ticker.nanos();
    if (now - dueNanos >= STOOD_STILL_NANOS) {
      shiftTimes(now - dueNanos);
    }
    if (!connection.isHandshaken()) {
      checkHandshake(now);
    } else if (isStuck(now)) {
      giveUp(
          "the peer has read nothing for "
              + settings.writeTimeout().toMillis()
              + " ms (writeTimeout)");
    } else {
      checkSilence(now);
    }
  }

  /** Nobody was judged while this process stood still: no time of it counts against a peer. */
  private void shiftTimes(long lateNanos) {
    openedNanos += lateNanos;
    lastHeardNanos += lateNanos;
    writeProgressNanos += lateNanos;
    pinged = false;
  }

  private void checkHandshake(long now) {
    long left = settings.handshakeTimeout().toNanos() - (now - openedNanos);
    if (left > 0) {
      checkHandshakeAfter(left);
      return;
    }
    String text =
        "no erpc preface within "
            + settings.handshakeTimeout().toMillis()
            + " ms (handshakeTimeout)";
    connection.warn(text);
    giveUp(text);
  }

  private void checkSilence(long now) {
    // Who doesn't read hears nothing; the write timeout watches this peer.
    long silence = connection.isReadingPaused() || inputClosed ? 0 : now - lastHeardNanos;
    long interval = settings.keepaliveInterval().toNanos();
    long timeout = settings.keepaliveTimeout().toNanos();
    if (silence < interval) {
      secondLook = false;
      checkAfter(interval - silence);
    } else if (!pinged) {
      pinged = true;
      secondLook = false;
      checkAfter(timeout - SECOND_LOOK_NANOS); // also if there is no memory for a ping
      connection.ping(now);
    } else if (!secondLook) {
      secondLook = true;
      checkAfter(Math.max(interval + timeout - silence, SECOND_LOOK_NANOS));
    } else {
      giveUp(
          "the peer has been silent for "
              + TimeUnit.NANOSECONDS.toMillis(silence)
              + " ms (keepalive)");
    }
  }

  /** True if bytes have waited for the whole write timeout and the peer took none of them. */
  private boolean isStuck(long now) {
    long unwritten = connection.unwrittenBytes();
    if (unwritten == 0 || unwritten != lastUnwritten) {
      lastUnwritten = unwritten;
      writeProgressNanos = now;
      return false;
    }
    return now - writeProgressNanos >= settings.writeTimeout().toNanos();
  }

  private void giveUp(String why) {
    Status status = Status.of(Status.Code.UNAVAILABLE, why);
    // A peer that says nothing may read nothing either, whatever the system took for it.
    if (connection.isGreeted() && connection.writer().writtenBytes() > FEW_BYTES) {
      connection.reset(status);
    } else {
      connection.close(status);
    }
  }
}
