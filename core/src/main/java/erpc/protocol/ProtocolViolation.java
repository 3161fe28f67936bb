package erpc.protocol;

/**
 * What must be refused: the peer broke framing, and its connection ends. Carries no stack; the peer
 * made it, not us.
 */
final class ProtocolViolation extends RuntimeException {
  ProtocolViolation(String message) {
    super(message, null, false, false);
  }
}
