package erpc.tools;

/** Why a command could not be done, in one line for the person who typed it. */
final class CallFailure extends Exception {
  CallFailure(String message) {
    super(message);
  }
}
