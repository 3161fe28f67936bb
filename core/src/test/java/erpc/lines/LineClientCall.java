package erpc.lines;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.OutboundCall;
import erpc.protocol.OutboundStream;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One call at a client of lines. Its event loop's once it was started. */
final class LineClientCall implements OutboundStream, LineSink.Target {
  private static final Object SENT = new Object();
  private static final Object WITHDRAWN = new Object();

  private final LineClient connection;
  private final OutboundCall call;

  /** Whose it is while it may be withdrawn, then a word of the above, null at the end. */
  private final AtomicReference<@Nullable Object> stage = new AtomicReference<>();

  private volatile boolean started;
  private volatile int id;
  private byte @Nullable [] body;
  private int encoding;
  private @Nullable LineSource source;
  private @Nullable LineSink sink;
  private long progressNanos;
  private boolean endless;
  private @Nullable Future<?> atDeadline;
  private Metadata headers = Metadata.EMPTY;
  private byte @Nullable [] reply;
  private int replyEncoding;
  private boolean firstByteDue;

  LineClientCall(LineClient connection, OutboundCall call) {
    this.connection = connection;
    this.call = call;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public OutboundCall call() {
    return call;
  }

  @Override
  public LineClient connection() {
    return connection;
  }

  long heldBytes() {
    return source == null ? 0 : source.heldBytes();
  }

  // ---- who makes the call

  @Override
  public void begin() {
    firstByteDue = call.wantsFirstByte();
    stage.set(call.owner());
  }

  @Override
  public void message(int encoding, byte[] bytes, int length, Ownership ownership) {
    this.encoding = encoding;
    this.body = Arrays.copyOf(bytes, length);
  }

  @Override
  public void messages(
      MessageSource in,
      @Nullable MessageSink out,
      long nowNanos,
      long limitNanos,
      boolean endless) {
    source = (LineSource) in;
    sink = (LineSink) out;
    progressNanos = limitNanos;
    this.endless = endless;
    source.filledBy(bytes -> connection.write(Words.line("TOOK", id, bytes)));
  }

  @Override
  public boolean start() {
    if (connection.isBackedUp()) {
      return false;
    }
    started = true;
    if (connection.why() != null) {
      endUnanswered(connection.whyNotOpened());
    } else if (connection.loop.inEventLoop()) {
      connection.open(this);
    } else {
      int bytes = body == null ? 0 : body.length;
      connection.queued(bytes);
      connection.onLoop(() -> {
        connection.queued(-bytes);
        connection.open(this);
      });
      if (connection.why() != null) {
        endUnanswered(connection.whyNotOpened());
      }
    }
    return true;
  }

  @Override
  public void awaitRoomNanos(long mostNanos) {
    connection.parkUntilRoom(mostNanos);
  }

  @Override
  public void roomUnused() {}

  @Override
  public boolean withdraw(Object owner) {
    return stage.compareAndSet(owner, WITHDRAWN);
  }

  @Override
  public boolean abandon() {
    return stage.getAndSet(null) != null;
  }

  @Override
  public void cancel(Object owner, Status why) {
    if (started) {
      connection.onLoop(() -> stop(why));
    }
  }

  // ---- the event loop

  /** Claims the right to send its first line. */
  boolean take() {
    Object now = stage.get();
    boolean taken = now != null && now != WITHDRAWN && stage.compareAndSet(now, SENT);
    if (!taken) {
      endUnanswered(Status.of(Status.Code.CANCELLED, "cancelled before it was sent"));
    }
    return taken;
  }

  void watch() {
    long left = call.deadlineNanos() - connection.ticker.nanos();
    if (atDeadline == null && left < TimeUnit.DAYS.toNanos(1_000)) {
      Status late = Status.of(Status.Code.DEADLINE_EXCEEDED, "no answer within the deadline");
      atDeadline =
          connection.loop.schedule(() -> stop(late), Math.max(1, left), TimeUnit.NANOSECONDS);
    }
  }

  void send(int number) {
    id = number;
    watch();
    long left = call.deadlineNanos() - connection.ticker.nanos();
    long millis = Math.min(Integer.MAX_VALUE, 1 + TimeUnit.NANOSECONDS.toMillis(left));
    connection.write(
        Words.line(
            "CALL",
            id,
            Words.text(call.route().toString()),
            endless ? "-" : Math.max(0, millis),
            call.isOneway() ? "oneway" : "-",
            Words.text(call.trace() == null ? null : String.valueOf(call.trace())),
            Words.entries(call.metadata())));
    byte[] message = body;
    if (message != null) {
      connection.write(Words.message(id, encoding, message, message.length));
      body = null;
    }
  }

  /** Its first lines have been handed to the socket. */
  void sent() {
    if (call.wantsSent()) {
      call.sent();
    }
    if (call.isOneway()) {
      end(Status.OK.withStarted(Status.Started.MAYBE), Metadata.EMPTY);
    } else if (sink != null) {
      sink.open(this);
    } else if (source != null) {
      connection.write(Words.line("END", id));
    }
  }

  void heard(Words line) {
    if (firstByteDue) {
      firstByteDue = false;
      call.firstByte();
    }
    switch (line.kind()) {
      case "HEAD" -> {
        headers = line.entries(2);
        if (source != null) {
          source.headers(headers);
        }
      }
      case "SAY" -> said(line.number(2) & 0xff, line.bytes(3));
      case "TOOK" -> {
        // Of a request that went with the call nobody waits to hear.
        if (sink != null && !sink.taken(line.number(2))) {
          throw new Words.Broken("more taken than was sent");
        }
      }
      case "DONE" -> done(line);
      default -> throw new Words.Broken("a server says no such word");
    }
  }

  private void said(int as, byte[] bytes) {
    if (bytes.length > call.maxReplyBytes()) {
      stop(
          Status.of(
              Status.Code.RESOURCE_EXHAUSTED, "reply of " + bytes.length + " bytes is too long"));
    } else if (source != null) {
      if (!source.add(as, bytes)) {
        throw new Words.Broken("more messages than the window of call " + id);
      }
    } else if (reply != null) {
      stop(Status.of(Status.Code.INTERNAL, "the server streams replies to a unary call"));
    } else {
      reply = bytes;
      replyEncoding = as;
    }
  }

  private void done(Words line) {
    Status.Code code = Status.Code.of(line.number(2));
    Metadata trailers = line.entries(6);
    if (code != Status.Code.OK) {
      Status status =
          Status.of(code, line.text(4))
              .withStarted(Status.Started.valueOf(line.text(3)))
              .withDetails(line.isNone(5) ? new byte[0] : line.bytes(5))
              .asRemote();
      end(status, trailers);
    } else if (source == null && reply == null) {
      end(
          Status.of(Status.Code.INTERNAL, "the server answered OK without a message")
              .withStarted(Status.Started.YES),
          Metadata.EMPTY);
    } else {
      end(Status.OK, trailers);
    }
  }

  void check(long nowNanos) {
    if (source != null) {
      long sending = sink == null ? 0 : sink.waitingSinceNanos();
      long since = Math.max(source.waitingSinceNanos(), sending);
      if (since != 0 && nowNanos - since >= progressNanos) {
        stop(
            Status.of(
                Status.Code.DEADLINE_EXCEEDED,
                "nothing has come from the other side within "
                    + TimeUnit.NANOSECONDS.toMillis(progressNanos)
                    + " ms (progressTimeout)"));
      }
    }
  }

  /** Ends it from this side, and tells the server. */
  private void stop(Status why) {
    if (stage.get() != null) {
      if (id != 0) {
        connection.write(Words.line("STOP", id, why.code().number()));
      }
      endUnanswered(why);
    }
  }

  /** Ends it with what this side says and knows. */
  void endUnanswered(Status why) {
    Object before = stage.getAndSet(null);
    if (before != null) {
      tell(
          why.withStarted(before == SENT ? Status.Started.MAYBE : Status.Started.NO),
          Metadata.EMPTY);
    }
  }

  /** Ends it with what the server has said. */
  void end(Status status, Metadata trailers) {
    if (stage.getAndSet(null) != null) {
      tell(status, trailers);
    }
  }

  private void tell(Status status, Metadata trailers) {
    if (atDeadline != null) {
      atDeadline.cancel(false);
    }
    if (connection.loop.inEventLoop()) {
      connection.forget(this);
    }
    byte[] bytes = status.isOk() ? reply : null;
    call.ended(
        status,
        headers,
        trailers,
        replyEncoding,
        bytes == null ? null : Unpooled.wrappedBuffer(bytes),
        bytes == null ? 0 : bytes.length);
  }
}
