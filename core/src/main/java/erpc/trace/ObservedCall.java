package erpc.trace;

import erpc.call.Method;
import erpc.call.Status;
import erpc.call.TraceContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a call keeps for its observers, and the view of it that they get. Not an object of its own,
 * since there is one per call: the calls of both stacks extend it, and observing takes no memory.
 * For erpc's own stacks.
 *
 * <p>Whoever ends a call may do so on any thread while another one is being told of it. A
 * compare-and-set orders them, and nobody waits: who is telling tells the end, too.
 */
public abstract class ObservedCall implements CallView {
  /** Nobody observes it: nobody wanted to, or it has ended. */
  private static final byte UNSEEN = 0;

  /** It is observed, and nobody is told anything just now. */
  private static final byte QUIET = 1;

  /** Observers are told that it begins. */
  private static final byte BEGINNING = 2;

  /** Observers are told of something else. */
  private static final byte TELLING = 3;

  /** As TELLING; who ends the call is about to leave its end to whoever tells. */
  private static final byte ENDING = 4;

  /** As TELLING; the end is there, to be told right after. */
  private static final byte END_LEFT = 5;

  /** Telling was over before the end was there: who ends the call tells it. */
  private static final byte END_TAKEN_BACK = 6;

  /** Observers are told that it has ended. */
  private static final byte LAST = 7;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(ObservedCall.class, "state", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The end of a call that whoever tells observers is to tell, too. */
  private record End(Object kept, Status status) {}

  /**
   * Written by whoever tells observers: by compare-and-set, which publishes {@link #kept}, where
   * two threads may meet, else in the order of the call.
   */
  private byte state;

  /** What observers keep of it, in END_LEFT an {@link End}; null if nobody observes it. */
  private @Nullable Object kept;

  private int requestBytes;
  private int replyBytes;

  // ---- what a call says of itself

  /** Who watches the calls of its client or server. */
  protected abstract Observers observers();

  /** Its method, or null if the server has no such method. */
  protected abstract @Nullable Method<?, ?> seenMethod();

  protected abstract Side seenSide();

  /** The time of what observers are told of now. */
  protected abstract long seenNanos();

  protected abstract long seenStartNanos();

  protected abstract String seenEndpoint();

  protected abstract int seenAttempts();

  protected abstract @Nullable TraceContext seenTrace();

  protected abstract void setTrace(TraceContext value);

  /** What its caller says to observers of this side; overridden by clients' calls. */
  protected Map<String, String> seenTags() {
    return Map.of();
  }

  /** Bytes of its requests so far; overridden by streams. */
  protected long seenRequestBytes() {
    return requestBytes;
  }

  /** Bytes of its replies so far; overridden by streams. */
  protected long seenReplyBytes() {
    return replyBytes;
  }

  /** It is to carry a request of so many bytes. */
  protected final void requestHas(int bytes) {
    requestBytes = bytes;
  }

  /** It has been answered with so many bytes. */
  protected final void replyHas(int bytes) {
    replyBytes = bytes;
  }

  // ---- telling observers

  /** Tells that it begins, before any other thread knows of it. */
  protected final void tellBegin() {
    state = BEGINNING;
    requestBytes = 0;
    replyBytes = 0;
    kept = observers().begin(this);
    state = kept == null ? UNSEEN : QUIET; // Others get it with the call.
  }

  protected final boolean wantsSent() {
    return kept != null && observers().wantSent();
  }

  protected final boolean wantsFirstByte() {
    return kept != null && observers().wantFirstByte();
  }

  protected final void tellTryBegun() {
    if (kept != null && observers().wantTries() && beginsTelling()) {
      observers().tryBegun(requireKept(), this);
      endTelling();
    }
  }

  protected final void tellSent() {
    if (beginsTelling()) {
      observers().sent(requireKept(), this);
      endTelling();
    }
  }

  protected final void tellFirstByte() {
    if (beginsTelling()) {
      observers().firstByte(requireKept(), this);
      endTelling();
    }
  }

  protected final void tellRetried(Status why) {
    if (beginsTelling()) {
      observers().retried(requireKept(), this, why);
      endTelling();
    }
  }

  /** Tells its end, once; on any thread. */
  protected final void tellEnded(Status status) {
    Object own = kept;
    while (own != null) {
      if (moves(QUIET, LAST)) {
        tellLast(own, status);
        return;
      }
      if (moves(TELLING, ENDING)) {
        kept = new End(own, status);
        if (!moves(ENDING, END_LEFT)) {
          state = LAST;
          tellLast(own, status);
        }
        return;
      }
      Thread.onSpinWait(); // Telling has ended in between.
    }
  }

  private boolean beginsTelling() {
    return kept != null && moves(QUIET, TELLING);
  }

  private Object requireKept() {
    Object own = kept;
    if (own == null) {
      throw new IllegalStateException("nobody observes this call");
    }
    return own;
  }

  private void endTelling() {
    if (moves(TELLING, QUIET) || moves(ENDING, END_TAKEN_BACK)) {
      return;
    }
    if (kept instanceof End end) {
      state = LAST;
      tellLast(end.kept, end.status);
    }
  }

  private void tellLast(Object own, Status status) {
    observers().ended(own, this, status);
    kept = null;
    STATE.setRelease(this, UNSEEN);
  }

  private boolean moves(byte from, byte to) {
    return STATE.compareAndSet(this, from, to);
  }

  // ---- what observers ask

  private void requireTelling() {
    if (state <= QUIET) {
      throw new IllegalStateException(
          "a CallView is valid only during the callback that got it: copy what is needed later");
    }
  }

  @Override
  public final Side side() {
    requireTelling();
    return seenSide();
  }

  @Override
  public final String method() {
    requireTelling();
    Method<?, ?> known = seenMethod();
    return known == null ? OTHER : known.name();
  }

  @Override
  public final Method.Kind kind() {
    requireTelling();
    Method<?, ?> known = seenMethod();
    return known == null ? Method.Kind.UNARY : known.kind();
  }

  @Override
  public final Map<String, String> tags() {
    requireTelling();
    return seenTags();
  }

  @Override
  public final long nowNanos() {
    requireTelling();
    long start = seenStartNanos();
    // The reading of a turn of an event loop may be older than the call.
    return state == BEGINNING ? start : start + Math.max(0, seenNanos() - start);
  }

  @Override
  public final long startNanos() {
    requireTelling();
    return seenStartNanos();
  }

  @Override
  public final String endpoint() {
    requireTelling();
    return seenEndpoint();
  }

  @Override
  public final int attempts() {
    requireTelling();
    return seenAttempts();
  }

  @Override
  public final long requestBytes() {
    requireTelling();
    return seenRequestBytes();
  }

  @Override
  public final long replyBytes() {
    requireTelling();
    return seenReplyBytes();
  }

  @Override
  public final @Nullable TraceContext trace() {
    requireTelling();
    return seenTrace();
  }

  @Override
  public final void trace(TraceContext value) {
    requireTelling();
    Objects.requireNonNull(value, "trace");
    if (state != LAST) { // Nothing goes out any more, and another thread may still work on it.
      setTrace(value);
    }
  }
}
