package erpc.protocol;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * What a call says of itself before its message: all a server needs to refuse it. One object a
 * connection, which its protocol fills anew for each call; valid only while the call begins. Used
 * by the connection's event loop.
 */
public final class CallHead {
  /** Stands for "the caller sent none". */
  public static final long NO_TIMEOUT = -1;

  private int route;
  private int method;
  private @Nullable String name;
  private long timeoutNanos = NO_TIMEOUT;
  private long receivedNanos;
  private Metadata metadata = Metadata.EMPTY;
  private @Nullable TraceContext trace;
  private boolean oneway;
  private boolean retried;
  private Criticality criticality = Criticality.DEFAULT;

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
    copy.retried = retried;
    copy.criticality = criticality;
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

  /** The trace context, or null if the caller sent none that is valid. */
  public @Nullable TraceContext trace() {
    return trace;
  }

  /** Whether the caller wants no answer. */
  public boolean isOneway() {
    return oneway;
  }

  /** Whether it is a retry, or was made on behalf of one. */
  public boolean isRetried() {
    return retried;
  }

  /** How critical the caller says that it is. */
  public Criticality criticality() {
    return criticality;
  }

  // ---- for the protocol that reads it

  /** It came by the number {@code route}, which is that of the server's own {@code method}. */
  public void calls(int route, int method) {
    this.route = route;
    this.method = method;
    this.name = null;
  }

  /** It came by name, whose grammar need not have been checked. */
  public void calls(String name) {
    this.route = 0;
    this.method = 0;
    this.name = name;
  }

  /**
   * When the head was read, on the server's ticker, and what was left to the caller then: 0 for
   * nothing, or {@link #NO_TIMEOUT}.
   */
  public void times(long receivedNanos, long timeoutNanos) {
    this.receivedNanos = receivedNanos;
    this.timeoutNanos = timeoutNanos;
  }

  /** The trace context, or null. */
  public void trace(@Nullable TraceContext value) {
    trace = value;
  }

  public void metadata(Metadata value) {
    metadata = value;
  }

  public void oneway(boolean value) {
    oneway = value;
  }

  /** Whether it is a retry, or was made on behalf of one. */
  public void retried(boolean value) {
    retried = value;
  }

  public void criticality(Criticality value) {
    criticality = value;
  }
}
