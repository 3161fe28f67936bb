package erpc.demo;

/** Arguments that mean nothing here; the message says which and what would. */
final class UsageException extends Exception {
  UsageException(String message) {
    super(message);
  }
}
