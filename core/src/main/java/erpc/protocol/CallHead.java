package erpc.protocol;

import erpc.call.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * What a call says of itself before its message: all a server needs to refuse it. One object a
 * connection, filled anew for each call and valid only while the call begins.
 */
public final class CallHead {
  /** Stands for "the caller sent none". */
  public static final long NO_TIMEOUT = -1;

  int route;
  int method;
  @Nullable String name;
  long timeoutNanos;
  long receivedNanos;
  Metadata metadata = Metadata.EMPTY;
  byte @Nullable [] trace;
  boolean oneway;

  /** The same once more, for who needs it after the call has begun. */
  public CallHead copy() {
    CallHead copy = new CallHead();
    copy.route = route;
    copy.method = method;
    copy.name = name;
    copy.timeoutNanos = timeoutNanos;
    copy.receivedNanos = receivedNanos;
    copy.metadata = metadata;
    copy.trace = trace;
    copy.oneway = oneway;
    return copy;
  }

  /** The number that the call came by, or 0 if it came by name. */
  public int route() {
    return route;
  }

  /**
   * The {@linkplain InboundCall#route server's own number} of the method that has been given that
   * {@link #route} on this connection, or 0 if none has.
   */
  public int method() {
    return method;
  }

  /** The method's name if the call came by name, else null. Its grammar has not been checked. */
  public @Nullable String name() {
    return name;
  }

  /** What was left to the caller when the head was read, 0 if nothing, or {@link #NO_TIMEOUT}. */
  public long timeoutNanos() {
    return timeoutNanos;
  }

  /** The clock reading at which the head was read. */
  public long receivedNanos() {
    return receivedNanos;
  }

  public Metadata metadata() {
    return metadata;
  }

  /** The trace context as it travelled, 25 bytes, or null. */
  public byte @Nullable [] trace() {
    return trace;
  }

  /** Whether the caller wants no answer. */
  public boolean isOneway() {
    return oneway;
  }
}
