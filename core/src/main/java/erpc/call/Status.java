package erpc.call;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.util.Arrays;
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
      new Status(Code.OK, "", Started.YES, true, false, "", new byte[0]);

  private static final byte[] NO_DETAILS = new byte[0];

  private final Code code;
  private final String message;
  private final Started started;

  /** Whether the library has said where it was made and what has started; for people alone. */
  private final boolean placed;

  private final boolean remote;
  private final String endpoint;
  private final byte[] details;

  private Status(
      Code code,
      String message,
      Started started,
      boolean placed,
      boolean remote,
      String endpoint,
      byte[] details) {
    this.code = code;
    this.message = message;
    this.started = started;
    this.placed = placed;
    this.remote = remote;
    this.endpoint = endpoint;
    this.details = details;
  }

  /**
   * A verdict on a call of which nothing is known yet: where it was made and whether the call was
   * started says the library, once the call ends in it.
   */
  public static Status of(Code code, String message) {
    return new Status(code, bounded(message), Started.NO, false, false, "", NO_DETAILS);
  }

  /**
   * This status with what is known of the start. What users' code says of it counts for nothing: a
   * call's status says what the library knows.
   */
  public Status withStarted(Started value) {
    return value == started && placed
        ? this
        : new Status(code, message, value, true, remote, endpoint, details);
  }

  /** This status as made by the other side. */
  public Status asRemote() {
    return new Status(code, message, started, true, true, endpoint, details);
  }

  /** This status naming the endpoint the call was sent to, {@code host:port}. */
  public Status withEndpoint(String value) {
    return new Status(code, message, started, true, remote, value, details);
  }

  /** This status with another message. */
  public Status withMessage(String value) {
    return new Status(code, bounded(value), started, placed, remote, endpoint, details);
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
    return new Status(code, message, started, placed, remote, endpoint, value.clone());
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
    return details.length == 0 ? NO_DETAILS : details.clone();
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
    if (code == null || message == null || started == null || endpoint == null || details == null) {
      throw new InvalidObjectException("a status lacks a field");
    }
    if (details.length > MAX_DETAILS_BYTES) {
      throw new InvalidObjectException("details of " + details.length + " bytes");
    }
    return new Status(code, bounded(message), started, placed, remote, endpoint, details.clone());
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
        && Arrays.equals(details, that.details);
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
