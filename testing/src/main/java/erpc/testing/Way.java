package erpc.testing;

import erpc.call.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection through a {@link Link}: takes what one side sends and gives it to
 * the other when its time has come. Its event loop's own.
 */
final class Way {
  /** Stands behind the last bytes. */
  private enum End {
    OF_INPUT,
    OF_CONNECTION
  }

  /** What is on its way. */
  private record Held(Object what, int bytes, long dueNanos) {}

  private final Link link;
  private final Ticker ticker;
  private final Channel from;
  private final Channel to;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private int heldBytes;

  /** When the line has carried all that it was given. */
  private long freeNanos;

  private long lastDueNanos;
  private boolean lost;
  private boolean scheduled;

  Way(Link link, Ticker ticker, Channel from, Channel to) {
    this.link = link;
    this.ticker = ticker;
    this.from = from;
    this.to = to;
    this.freeNanos = ticker.nanos();
    this.lastDueNanos = freeNanos;
  }

  void begin() {
    readIfThereIsRoom();
  }

  void take(Object message) {
    int bytes = message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
    if (lost) {
      ReferenceCountUtil.release(message);
      return;
    }
    keep(message, bytes);
    readIfThereIsRoom();
    deliver();
  }

  /** Nothing more comes: of this side, or of the connection. */
  void end(boolean ofConnection) {
    if (lost) {
      return; // The other side never hears of it.
    }
    keep(ofConnection ? End.OF_CONNECTION : End.OF_INPUT, 0);
    deliver();
  }

  private void keep(Object what, int bytes) {
    long now = ticker.nanos();
    freeNanos = Math.max(now, freeNanos) + link.lineNanos(bytes);
    lastDueNanos = Math.max(lastDueNanos, freeNanos + link.delayNanos());
    held.add(new Held(what, bytes, lastDueNanos));
    heldBytes += bytes;
  }

  private void readIfThereIsRoom() {
    from.config().setAutoRead(lost || (heldBytes < Link.MOST_HELD && !link.isStopped()));
  }

  /** Gives on what is due, and comes back for the rest. */
  private void deliver() {
    boolean any = false;
    for (Held next = due(); next != null; next = due()) {
      held.remove();
      heldBytes -= next.bytes;
      any = true;
      give(next.what);
    }
    if (any) {
      to.flush();
      readIfThereIsRoom();
    }
    Held first = held.peek();
    if (first != null && !scheduled && !link.isStopped()) {
      scheduled = true;
      var unused =
          to.eventLoop()
              .schedule(
                  this::deliverLater,
                  Math.max(1, first.dueNanos - ticker.nanos()),
                  TimeUnit.NANOSECONDS);
    }
  }

  private void deliverLater() {
    scheduled = false;
    deliver();
  }

  private @Nullable Held due() {
    Held first = link.isStopped() ? null : held.peek();
    return first == null || first.dueNanos - ticker.nanos() > 0 ? null : first;
  }

  private void give(Object what) {
    if (what == End.OF_CONNECTION) {
      to.close();
    } else if (what != End.OF_INPUT) {
      to.write(what);
    } else if (to instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }

  /** All that is on its way, and all that will be, is lost. */
  void lose() {
    lost = true;
    held.forEach(each -> ReferenceCountUtil.release(each.what));
    held.clear();
    heldBytes = 0;
    readIfThereIsRoom(); // Whoever sends into a broken network does not notice.
  }

  /** The link moves again. */
  void resume() {
    readIfThereIsRoom();
    deliver();
  }
}
