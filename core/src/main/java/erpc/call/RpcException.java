package erpc.call;

import org.jspecify.annotations.Nullable;

/**
 * A call that ended in anything but OK. Thrown to callers; thrown by handlers to answer a status of
 * their choice. Serializable, its status included, so that frameworks which carry exceptions from
 * one process to another lose nothing.
 */
public final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status status;

  /** An exception for a status; the status must not be OK. */
  public RpcException(Status status, @Nullable Throwable cause) {
    this(status.toString(), status, cause);
  }

  private RpcException(String text, Status status, @Nullable Throwable cause) {
    super(text, cause);
    if (status.isOk()) {
      throw new IllegalArgumentException("OK is not an exception");
    }
    this.status = status;
  }

  /**
   * What a handler throws to answer a code and a message. Its own message says these alone: where
   * the call ends and whether it was started is nothing that a handler could know.
   */
  public RpcException(Status.Code code, String message) {
    this(text(code, message), Status.of(code, message), null);
  }

  private static String text(Status.Code code, String message) {
    return message.isEmpty() ? code.name() : code.name() + ": " + Printable.of(message);
  }

  public Status status() {
    return status;
  }

  public Status.Code code() {
    return status.code();
  }
}
