package erpc.bench.driver;

import java.util.ServiceLoader;

/**
 * Something whose calls are measured: both ends of an echo of {@link Setup#message()}. Found by
 * {@link ServiceLoader}, in a process of its own for each end.
 */
public interface Subject {
  /** Its name on the command line and in reports. */
  String name();

  /** Whether it can do this at all; what it cannot is left out of the report. */
  default boolean supports(Setup setup) {
    return setup.tls().isEmpty() && setup.compression().isEmpty();
  }

  /**
   * Starts an echo server in this process.
   *
   * @return the port it listens on, on loopback
   */
  int serve(Setup setup) throws Exception;

  /** Connects to an echo server of the same kind; returns once the connections are open. */
  Caller connect(int port, Setup setup) throws Exception;

  /** The client's end. Thread-safe. */
  interface Caller {
    /**
     * Makes a call without waiting; the action runs when its answer is here, wherever the setup
     * says. A call that fails is to end the process with a message.
     */
    void call(Runnable done);

    /** Makes a call and waits for its answer, in the way that is usual for the subject. */
    void callAndWait() throws Exception;

    /**
     * Has the server send messages one way on one stream, and runs the action for each; returns
     * after about so long, or at once if the subject has no streams.
     */
    default void stream(long nanos, Runnable each) throws Exception {}
  }

  /**
   * Ends this process because a measured call failed: figures of a run with failures mean nothing.
   */
  static void failed(Throwable thrown) {
    thrown.printStackTrace();
    Runtime.getRuntime().halt(1);
  }

  /**
   * The subject of a name.
   *
   * @throws IllegalArgumentException if none of that name is on the class path
   */
  static Subject named(String name) {
    for (Subject each : ServiceLoader.load(Subject.class)) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException("no subject '" + name + "' on the class path");
  }
}
