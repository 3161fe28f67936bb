package erpc.demo;

/** Why the demo could not go on, for the person who runs it. */
final class DemoFailure extends Exception {
  DemoFailure(String message) {
    super(message);
  }
}
