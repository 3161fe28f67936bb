package erpc.call;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended: a code, a message for people, where the verdict was made, and whether the call
 * was started. Immutable and thread-safe.
 */
public final class Status implements Serializable {
  private static final long serialVersionUID = 1L;

  /** gRPC's seventeen codes, by name and number. */
  public enum Code {
    OK,
    CANCELLED,
    UNKNOWN,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    UNIMPLEMENTED,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS,
    UNAUTHENTICATED;

    private static final Code[] BY_NUMBER = values();

    /** The number on the wire, gRPC's. */
    @SuppressWarnings("EnumOrdinal") // the constants stand in the order of gRPC's numbers
    public int number() {
      return ordinal();
    }

    /** The code of a number; an unknown number is {@link #UNKNOWN}, as gRPC has it. */
    public static Code of(int number) {
      return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
    }
  }

  /** Whether the handler may have run. */
  public enum Started {
    /** It certainly has not: the call may be tried again, whatever it does. */
    NO,
    /** Bytes reached a socket write and no answer says more. */
    MAYBE,
    /** It has. */
    YES
  }

  /** The longest message kept, in characters. */
  public static final int MAX_MESSAGE_LENGTH = 1024;

  /** The largest details, in bytes. */
  public static final int MAX_DETAILS_BYTES = 6 * 1024;

  /** Success. */
  public static final Status OK =
      new Status(Code.OK, "", Started.YES, true, false, "", Extras.NONE);

  /** Says by {@link #retryAfter()} that a call is of no use again, however long one waits. */
  public static final Duration NEVER_AGAIN = Duration.ofMillis(0xffff_ffffL);

  /** What few statuses have. */
  private record Extras(
      byte[] details, @Nullable Duration retryAfter, boolean passedOn, boolean endOfCall)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    static final Extras NONE = new Extras(new byte[0], null, false, false);

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Extras that
          && Arrays.equals(details, that.details)
          && Objects.equals(retryAfter, that.retryAfter)
          && passedOn == that.passedOn;
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(details);
    }
  }

  private final Code code;
  private final String message;
  private final Started started;

  /** Whether the library has said where it was made and what has started; for people alone. */
  private final boolean placed;

  private final boolean remote;
  private final String endpoint;
  private final Extras extras;

  private Status(
      Code code,
      String message,
      Started started,
      boolean placed,
      boolean remote,
      String endpoint,
      Extras extras) {
    this.code = code;
    this.message = message;
    this.started = started;
    this.placed = placed;
    this.remote = remote;
    this.endpoint = endpoint;
    this.extras = extras;
  }

  /**
   * A verdict on a call of which nothing is known yet: where it was made and whether the call was
   * started says the library, once the call ends in it.
   */
  public static Status of(Code code, String message) {
    return new Status(code, bounded(message), Started.NO, false, false, "", Extras.NONE);
  }

  /**
   * This status with what is known of the start. What users' code says of it counts for nothing: a
   * call's status says what the library knows.
   */
  public Status withStarted(Started value) {
    return value == started && placed
        ? this
        : new Status(code, message, value, true, remote, endpoint, extras);
  }

  /** This status as made by the other side. */
  public Status asRemote() {
    return new Status(code, message, started, true, true, endpoint, extras);
  }

  /** This status naming the endpoint the call was sent to, {@code host:port}. */
  public Status withEndpoint(String value) {
    return new Status(code, message, started, true, remote, value, extras);
  }

  /** This status with another message. */
  public Status withMessage(String value) {
    return new Status(code, bounded(value), started, placed, remote, endpoint, extras);
  }

  /**
   * This status with details for programs: bytes that caller and handler have agreed on, as a
   * serialized {@code google.rpc.Status}.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_DETAILS_BYTES}
   */
  public Status withDetails(byte[] value) {
    if (value.length > MAX_DETAILS_BYTES) {
      throw new IllegalArgumentException(
          "details of " + value.length + " bytes pass the limit of " + MAX_DETAILS_BYTES);
    }
    return with(new Extras(value.clone(), extras.retryAfter, extras.passedOn, extras.endOfCall));
  }

  /**
   * This status asking its caller to leave this server alone for so long; {@link #NEVER_AGAIN} if
   * another call is of no use. In whole milliseconds, 49.7 days at most; null for nothing to ask.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Status withRetryAfter(@Nullable Duration value) {
    if (value != null && value.isNegative()) {
      throw new IllegalArgumentException("retryAfter must not be negative, but is " + value);
    }
    Duration most = value == null || value.compareTo(NEVER_AGAIN) <= 0 ? value : NEVER_AGAIN;
    return with(new Extras(extras.details, most, extras.passedOn, extras.endOfCall));
  }

  /**
   * This status as one that the endpoint has let through from a call of its own. Said by the
   * library, of what handlers throw.
   */
  public Status asPassedOn() {
    return extras.passedOn
        ? this
        : with(new Extras(extras.details, extras.retryAfter, true, extras.endOfCall));
  }

  /**
   * This status as one that a call of this process has ended in. Said by the library: a handler
   * that throws it passes it on, wherever it was made. Equal to the same without it.
   */
  public Status asEndOfCall() {
    return extras.endOfCall
        ? this
        : with(new Extras(extras.details, extras.retryAfter, extras.passedOn, true));
  }

  private Status passedOn(boolean value) {
    return value ? asPassedOn() : this;
  }

  private Status with(Extras changed) {
    return new Status(code, message, started, placed, remote, endpoint, changed);
  }

  public Code code() {
    return code;
  }

  public boolean isOk() {
    return code == Code.OK;
  }

  /** What happened, for people; may be empty, never null. */
  public String message() {
    return message;
  }

  public Started started() {
    return started;
  }

  /** True if the other side made this verdict, false if this process did. */
  public boolean isRemote() {
    return remote;
  }

  /** The endpoint the call was sent to, or an empty string if it never got that far. */
  public String endpoint() {
    return endpoint;
  }

  /** A copy of the details; empty if there are none. */
  public byte[] details() {
    return extras.details.length == 0 ? extras.details : extras.details.clone();
  }

  /**
   * How long the server wants to be left alone by this caller, or null if it does not say. {@link
   * #NEVER_AGAIN} if another call is of no use: then erpc makes no other try.
   */
  public @Nullable Duration retryAfter() {
    return extras.retryAfter;
  }

  /**
   * Whether the endpoint has let it through from a call of its own: what failed then is not the
   * endpoint.
   */
  public boolean isPassedOn() {
    return extras.passedOn;
  }

  /**
   * Whether a call of this process has ended in it; false for what a handler or a filter has made,
   * and for what has come from the other side of a connection.
   */
  public boolean isEndOfCall() {
    return extras.endOfCall;
  }

  /** This status as an exception, with the stack of the thread that asks. */
  public RpcException toException() {
    return new RpcException(this, null);
  }

  /** This status as an exception with its cause. */
  public RpcException toException(@Nullable Throwable cause) {
    return new RpcException(this, cause);
  }

  /** What comes from a stream of Java's serialization is held to the same limits. */
  @Serial
  private Object readResolve() throws InvalidObjectException {
    if (code == null || message == null || started == null || endpoint == null || extras == null) {
      throw new InvalidObjectException("a status lacks a field");
    }
    try {
      return new Status(code, bounded(message), started, placed, remote, endpoint, Extras.NONE)
          .withDetails(Objects.requireNonNull(extras.details, "details"))
          .withRetryAfter(extras.retryAfter)
          .passedOn(extras.passedOn);
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new InvalidObjectException("a status with " + e.getMessage());
    }
  }

  private static String bounded(String message) {
    return message.length() <= MAX_MESSAGE_LENGTH
        ? message
        : message.substring(0, MAX_MESSAGE_LENGTH);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Status that
        && code == that.code
        && message.equals(that.message)
        && started == that.started
        && remote == that.remote
        && endpoint.equals(that.endpoint)
        && extras.equals(that.extras);
  }

  @Override
  public int hashCode() {
    return 31 * code.hashCode() + message.hashCode();
  }

  /**
   * One line: {@code UNAVAILABLE: connection refused (local, 127.0.0.1:8877, not started)}; of a
   * status that no call has ended in, {@code NOT_FOUND: no such order}.
   */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(code.name());
    if (!message.isEmpty()) {
      out.append(": ").append(Printable.of(message));
    }
    if (code != Code.OK && placed) {
      out.append(remote ? " (remote" : " (local");
      if (!endpoint.isEmpty()) {
        out.append(", ").append(endpoint);
      }
      out.append(
          switch (started) {
            case NO -> ", not started)";
            case MAYBE -> ", maybe started)";
            case YES -> ", started)";
          });
    }
    return out.toString();
  }
}
