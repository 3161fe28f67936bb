package erpc.lines;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.protocol.Credential;
import erpc.protocol.InboundCall;
import erpc.protocol.LoneCalls;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MemoryShare;
import erpc.protocol.Responder;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call at a server of lines. What isn't marked otherwise belongs to the event loop. */
final class LineServerCall implements Responder, LoneCalls.Lone, LineSink.Target {
  private final LineServer connection;
  private final int id;
  private final boolean oneway;
  private final Credential credential;
  private final long begunNanos;

  private @Nullable InboundCall call;
  private @Nullable LineSource source;
  private @Nullable LineSink sink;
  private @Nullable Future<?> atDeadline;
  private volatile long deadlineNanos;
  private boolean handed;
  private boolean requestsEnded;
  private boolean ended;
  private boolean counted;
  private boolean underWay;
  private int inHandler;

  LineServerCall(LineServer connection, int id, boolean oneway) {
    this.connection = connection;
    this.id = id;
    this.oneway = oneway;
    this.credential = connection.credential();
    this.begunNanos = connection.ticker.nanos();
    this.deadlineNanos = begunNanos + TimeUnit.SECONDS.toNanos(1);
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public LineServer connection() {
    return connection;
  }

  /** Whether its message has still to come. */
  boolean waits() {
    return source == null && !handed && !ended;
  }

  long heldBytes() {
    return source == null ? 0 : source.heldBytes();
  }

  // ---- from the connection

  /** It was let in. */
  void begun(InboundCall taken) {
    call = taken;
    counted = true;
    underWay = true;
    connection.callsInFlight++;
    deadlineNanos = taken.deadlineNanos();
    long left = deadlineNanos - connection.ticker.nanos();
    if (left < TimeUnit.DAYS.toNanos(1_000)) {
      atDeadline = connection.loop.schedule(this::expired, Math.max(1, left), TimeUnit.NANOSECONDS);
    }
    if (!taken.isStreaming()) {
      return;
    }
    if (oneway) {
      fail(Status.of(Status.Code.INVALID_ARGUMENT, "a method that streams is not oneway"));
      return;
    }
    LineSource in = new LineSource(connection.ticker, taken::interrupted);
    LineSink out = new LineSink(connection.ticker, connection.memory, taken::interrupted);
    in.filledBy(bytes -> connection.write(Words.line("TOOK", id, bytes)));
    out.open(this);
    source = in;
    sink = out;
    taken.open(in, out);
  }

  void heard(Words line) {
    InboundCall to = call;
    if (to == null) {
      return;
    }
    switch (line.kind()) {
      case "SAY" -> {
        byte[] bytes = line.bytes(3);
        if (bytes.length > to.maxMessageBytes()) {
          fail(
              Status.of(
                  Status.Code.RESOURCE_EXHAUSTED,
                  "message of " + bytes.length + " bytes passes the limit"));
        } else if (requestsEnded || (source == null && handed)) {
          fail(Status.of(Status.Code.INVALID_ARGUMENT, "a message behind the last one"));
          connection.costsNothing();
        } else if (source != null) {
          said(source, line.number(2), bytes);
        } else {
          handsOver(to, line.number(2), bytes);
        }
      }
      case "END" -> {
        requestsEnded = true;
        if (source != null) {
          source.end(Status.OK, Metadata.EMPTY);
        } else if (!handed) {
          fail(Status.of(Status.Code.INVALID_ARGUMENT, "the request ends without a message"));
        }
      }
      default -> {
        connection.costsNothing();
        if (sink == null || !sink.taken(line.number(2))) {
          throw new Words.Broken("more taken than was sent");
        }
      }
    }
  }

  private void said(LineSource to, int encoding, byte[] bytes) {
    if (!to.add(encoding, bytes)) {
      throw new Words.Broken("more messages than the window of call " + id);
    }
  }

  private void handsOver(InboundCall to, int encoding, byte[] bytes) {
    handed = true;
    if (bytes.length >= MemoryBudget.CALL_BYTES) {
      inHandler = bytes.length;
      connection.share.handlersHold(inHandler);
    }
    to.message(encoding & 0xff, Unpooled.wrappedBuffer(bytes), bytes.length);
  }

  void refuse(Status why) {
    done(why.withStarted(Status.Started.NO), Metadata.EMPTY);
  }

  void stopped(Status.Code code) {
    boolean late = code == Status.Code.DEADLINE_EXCEEDED;
    leaves();
    cancelled(
        late
            ? Status.of(Status.Code.DEADLINE_EXCEEDED, "the caller's deadline has passed")
            : Status.of(Status.Code.CANCELLED, "the caller cancelled"));
  }

  /** Its caller sends no more, and may have died. */
  void cut() {
    if (oneway && handed) {
      lost(LineConnection.GONE);
      connection.ended(this);
    } else if (source == null ? !handed : !requestsEnded) {
      fail(Status.of(Status.Code.CANCELLED, "the caller closed its direction too early"));
    }
  }

  /** The connection has ended. */
  void lost(Status why) {
    if (oneway && handed && underWay && call != null && !connection.loop.isShuttingDown()) {
      ended = true;
      connection.calls().loneCalls().add(this);
      return;
    }
    leaves();
    cancelled(
        Status.of(Status.Code.CANCELLED, "the connection to the caller is gone: " + why.message()));
  }

  void check(long nowNanos) {
    InboundCall of = call;
    long limit =
        of == null || source == null
            ? connection.settings.progressTimeout().toNanos()
            : of.progressNanos();
    String text = " within " + TimeUnit.NANOSECONDS.toMillis(limit) + " ms (progressTimeout)";
    if (waits() && nowNanos - begunNanos >= limit) {
      fail(Status.of(Status.Code.DEADLINE_EXCEEDED, "no message has come" + text));
    } else if (source != null && sink != null && !ended) {
      long since = Math.max(source.waitingSinceNanos(), sink.waitingSinceNanos());
      if (since != 0 && nowNanos - since >= limit) {
        fail(
            Status.of(
                Status.Code.DEADLINE_EXCEEDED, "nothing has come from the other side" + text));
      }
    }
  }

  private void expired() {
    InboundCall of = call;
    String text = of == null ? "the deadline passed" : of.lateText();
    Status late = Status.of(Status.Code.DEADLINE_EXCEEDED, text);
    if (!ended) {
      fail(late);
    } else if (connection.calls().loneCalls().remove(this)) {
      cancelled(late);
    }
  }

  /** Ends it from here, whatever its handler does. */
  void fail(Status why) {
    if (ended) {
      return;
    }
    InboundCall of = call;
    boolean withdrawn = of == null || of.withdraw();
    boolean started = (handed || source != null) && !withdrawn;
    done(why.withStarted(started ? Status.Started.MAYBE : Status.Started.NO), Metadata.EMPTY);
    cancelled(why);
  }

  private void cancelled(Status why) {
    InboundCall of = call;
    if (of != null) {
      call = null;
      of.cancelled(why);
      if (!of.isUnderWay()) {
        left();
      }
    }
  }

  // ---- the end

  /** Says how it has ended, unless nobody listens. */
  private void done(Status status, Metadata trailers) {
    if (!oneway) {
      connection.write(
          Words.line(
              "DONE",
              id,
              status.code().number(),
              status.started(),
              Words.text(status.message()),
              Words.bytes(status.details().length == 0 ? null : status.details()),
              Words.entries(trailers)));
    }
    leaves();
  }

  private void leaves() {
    ended = true;
    if (atDeadline != null) {
      atDeadline.cancel(false);
    }
    uncount();
    connection.ended(this);
  }

  /** Nobody works at it any more. */
  private void left() {
    underWay = false;
    uncount();
    if (oneway && connection.calls().loneCalls().remove(this)) {
      call = null;
      if (atDeadline != null) {
        atDeadline.cancel(false);
      }
    }
  }

  private void uncount() {
    if (counted && ended && !underWay) {
      counted = false;
      connection.callsInFlight--;
      connection.share.handlersHold(-inHandler);
      inHandler = 0;
    }
  }

  // ---- one-way calls without their connection

  @Override
  public void show(Consumer<InboundCall> action) {
    connection.onLoop(() -> {
      InboundCall of = call;
      if (of != null) {
        action.accept(of);
      }
    });
  }

  @Override
  public void end(Status why) {
    connection.onLoop(() -> {
      if (connection.calls().loneCalls().remove(this)) {
        cancelled(why);
      }
    });
  }

  // ---- from the server's stack

  @Override
  public Peer peer() {
    return connection;
  }

  @Override
  public Credential credential() {
    return credential;
  }

  @Override
  public void onLoop(Runnable task) {
    connection.loop.execute(task);
  }

  @Override
  public boolean isOnLoop() {
    return connection.loop.inEventLoop();
  }

  @Override
  public int callsInFlight() {
    return connection.callsInFlight;
  }

  @Override
  public MemoryShare share() {
    return connection.share;
  }

  @Override
  public void respond(Status status, Metadata headers, Metadata trailers) {
    answer(() -> answered(status, headers, trailers, null));
  }

  @Override
  public void reply(
      Metadata headers,
      Metadata trailers,
      int encoding,
      byte[] body,
      int length,
      Ownership ownership) {
    byte[] line = Words.message(id, encoding, Arrays.copyOf(body, length), length);
    answer(() -> answered(Status.OK, headers, trailers, line));
  }

  private void answer(Runnable told) {
    if (isOnLoop()) {
      told.run();
      return;
    }
    boolean interrupted = false;
    while (connection.isBackedUp() && connection.why() == null) {
      long left = deadlineNanos - connection.ticker.nanos();
      if (left <= 0) {
        break; // The event loop has said so, or is about to.
      }
      interrupted |= Thread.interrupted();
      connection.parkUntilRoom(left);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    connection.onLoop(told);
  }

  private void answered(
      Status status, Metadata headers, Metadata trailers, byte @Nullable [] message) {
    if (!ended) {
      if (status.started() != Status.Started.NO) {
        InboundCall of = call;
        if (of == null || of.provesConnection()) {
          connection.answers();
        }
      }
      if (!oneway && !headers.isEmpty()) {
        connection.write(Words.line("HEAD", id, Words.entries(headers)));
      }
      if (!oneway && message != null) {
        connection.write(message);
      }
      done(status, trailers);
    }
    left();
  }
}
