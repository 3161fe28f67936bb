package erpc.protocol.own;

import erpc.call.Status;

/**
 * What must be refused: the peer broke framing, and its connection ends. Carries no stack; the peer
 * made it, not us.
 */
final class ProtocolViolation extends RuntimeException {
  private final Status.Code code;

  ProtocolViolation(String message) {
    this(Status.Code.INVALID_ARGUMENT, message);
  }

  ProtocolViolation(Status.Code code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** What GOAWAY says. */
  Status.Code code() {
    return code;
  }
}
