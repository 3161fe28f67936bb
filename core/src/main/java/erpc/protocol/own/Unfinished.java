package erpc.protocol.own;

import erpc.call.Status;
import erpc.protocol.Incomplete;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What has begun to come on a connection and is not whole: a frame, messages, calls whose message
 * has not come. None of it lasts: a frame has the progress timeout, whatever comes of it meanwhile;
 * messages and calls are looked at by the wheel; and all of it is dropped when the process holds
 * too much that is not whole, and this is the oldest. One per connection; what isn't marked
 * otherwise belongs to its event loop.
 */
final class Unfinished<S extends Stream> implements Incomplete.Holder {
  /** A message must grow by so much in a progress timeout: by about a frame as it is sent here. */
  static final int LEAST_GROWTH_BYTES = 16 * 1024;

  /**
   * Before it gives something up, a process that was itself stopped must get to read what has come
   * meanwhile.
   */
  static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Less is not counted: a flood of connections with so little is bounded by their number. */
  private static final int STEP_BYTES = 512;

  /** What is told to be older than it is by so much is looked at again before it is dropped. */
  private static final long MUCH_YOUNGER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A call whose message has not come. */
  static final class Awaited {
    private final long bytes;
    private final long sinceNanos;

    /** Whether it was found late: it is looked at once more before it is given up. */
    private boolean overdue;

    private Awaited(long bytes, long sinceNanos) {
      this.bytes = bytes;
      this.sinceNanos = sinceNanos;
    }

    /** How long it may still take; 0 or less if it has taken too long. */
    long leftNanos(long nowNanos, long limitNanos) {
      long left = limitNanos - (nowNanos - sinceNanos);
      if (left > 0 || overdue) {
        return left;
      }
      overdue = true; // Once more, or a process that was stopped would not get to read it.
      return SECOND_LOOK_NANOS;
    }
  }

  private final Connection<S> connection;
  private final Incomplete all;
  private final long limitNanos;

  private boolean frameBegun;
  private boolean frameOverdue;
  private long frameSinceNanos;
  private @Nullable Future<?> frameCheck;

  /** What calls count as whose message has not begun to come. */
  private long waitingBytes;

  private boolean joined;

  // Written by the event loop; whoever needs the memory looks for the oldest of all connections.
  private volatile long counted;
  private volatile long sinceNanos;

  Unfinished(Connection<S> connection) {
    this.connection = connection;
    this.all = connection.memory.incomplete();
    this.limitNanos = connection.settings.progressTimeout().toNanos();
  }

  // ---- frames

  /** What was read ends inside a frame, or has ended the one that was begun. */
  void frame(boolean begun, boolean anew) {
    frameBegun = begun;
    if (begun && anew) {
      frameSinceNanos = connection.batch.nowNanos();
      frameOverdue = false;
      if (frameCheck == null) {
        checkFrameAfter(limitNanos);
      }
    }
  }

  private void checkFrameAfter(long nanos) {
    frameCheck = connection.loop.schedule(this::checkFrame, nanos, TimeUnit.NANOSECONDS);
  }

  private void checkFrame() {
    frameCheck = null;
    if (connection.whyClosed() != null || !frameBegun) {
      return;
    }
    long now = connection.ticker.nanos();
    if (connection.isReadingPaused()) {
      frameSinceNanos = now; // It is this end that doesn't take the rest.
    }
    long left = limitNanos - (now - frameSinceNanos);
    if (left > 0) {
      checkFrameAfter(left);
    } else if (!frameOverdue) {
      frameOverdue = true;
      checkFrameAfter(SECOND_LOOK_NANOS);
    } else {
      connection.refuse(
          new ProtocolViolation(
              Status.Code.DEADLINE_EXCEEDED,
              "a frame has not come whole within "
                  + TimeUnit.NANOSECONDS.toMillis(limitNanos)
                  + " ms (progressTimeout)"));
    }
  }

  // ---- calls and messages

  /** A call has begun whose message has not; counts as so many bytes. */
  void awaitMessage(S stream, long bytes) {
    stream.parts().setAwaited(new Awaited(bytes, connection.batch.nowNanos()));
    waitingBytes += bytes;
    checkLater(stream);
  }

  /** Its message has come, or it has ended. */
  void messageCame(S stream) {
    Awaited was = stream.awaited();
    if (was != null) {
      waitingBytes -= was.bytes;
      stream.parts().setAwaited(null);
    }
  }

  /** Has the wheel look at a stream once its message might have taken too long. */
  void checkLater(S stream) {
    connection.wheel().hurry(stream, connection.batch.nowNanos() + limitNanos);
  }

  // ---- how much there is

  /** The end of a batch: tells others how much there is now. */
  void publish(long frameBytes) {
    long now = frameBytes + connection.inflow.assemblyBytes() + waitingBytes;
    long before = counted;
    if (now == before || (now != 0 && Math.abs(now - before) < STEP_BYTES)) {
      return;
    }
    if (!joined) {
      joined = true;
      all.join(this);
    }
    if (before == 0) {
      sinceNanos = connection.batch.nowNanos();
    }
    counted = now;
    all.add(now - before);
  }

  @Override
  public long incompleteBytes() {
    return counted;
  }

  @Override
  public long incompleteSinceNanos() {
    return sinceNanos;
  }

  @Override
  public void dropIncomplete(Runnable done) {
    connection.loop.execute(() -> {
      try {
        dropUnlessYounger();
      } finally {
        done.run();
      }
    });
  }

  private void dropUnlessYounger() {
    if (connection.whyClosed() != null) {
      return;
    }
    connection.batch.readClock();
    long now = connection.batch.nowNanos();
    long frameAge = frameBegun ? now - frameSinceNanos : 0;
    long age = Math.max(frameAge, oldestMessageAgeNanos(now));
    if (age < now - sinceNanos - MUCH_YOUNGER_NANOS) {
      sinceNanos = now - age;
      return;
    }
    String text =
        "frames and messages that are not whole hold as much memory as they may, half of "
            + connection.memory.limitBytes()
            + " bytes (maxBufferedBytes), and those of this connection are the oldest";
    Status why = Status.of(Status.Code.RESOURCE_EXHAUSTED, text);
    if (!dropMessages(why) && frameBegun) {
      if (frameAge < MUCH_YOUNGER_NANOS) {
        sinceNanos = frameSinceNanos; // The rest of it may be here already.
      } else {
        connection.refuse(new ProtocolViolation(why.code(), text));
      }
    }
  }

  /** Ends calls that are not whole; false if there are none. */
  private boolean dropMessages(Status why) {
    boolean began = connection.batch.beginIfNone();
    boolean any = false;
    for (S stream : connection.streams.values()) {
      if (stream.awaited() != null || stream.assembly() != null) {
        any = true;
        connection.abort(stream, why);
      }
    }
    if (began) {
      connection.batch.leave();
    }
    if (any) {
      sinceNanos = connection.batch.nowNanos();
      connection.flushUnlessInBatch();
    }
    return any;
  }

  private long oldestMessageAgeNanos(long now) {
    long age = 0;
    for (S stream : connection.streams.values()) {
      Assembly assembly = stream.assembly();
      if (assembly != null) {
        age = Math.max(age, now - assembly.begunNanos);
      }
      Awaited awaited = stream.awaited();
      if (awaited != null) {
        age = Math.max(age, now - awaited.sinceNanos);
      }
    }
    return age;
  }

  /** The connection is closed. */
  void stop() {
    if (frameCheck != null) {
      frameCheck.cancel(false);
      frameCheck = null;
    }
    all.add(-counted);
    counted = 0;
    if (joined) {
      all.leave(this);
    }
  }
}
