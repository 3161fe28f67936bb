package erpc.protocol.own;

import erpc.call.Status;

/** Why a client's end cannot take a reply: its call has been started, since there is one. */
final class ReplyFault {
  private ReplyFault() {}

  /** The server has done what it must not. */
  static Status of(String message) {
    return started(Status.Code.INTERNAL, message);
  }

  static Status tooLong(int bytes, int most) {
    return started(
        Status.Code.RESOURCE_EXHAUSTED,
        "reply of " + bytes + " bytes passes the limit of " + most + " (maxMessageBytes)");
  }

  /** A message that cannot be taken is the caller's fault at a server, but not at a client. */
  static Status atClient(Status wrong) {
    boolean malformed = wrong.code() == Status.Code.INVALID_ARGUMENT;
    return started(malformed ? Status.Code.INTERNAL : wrong.code(), wrong.message());
  }

  private static Status started(Status.Code code, String message) {
    return Status.of(code, message).withStarted(Status.Started.YES);
  }
}
