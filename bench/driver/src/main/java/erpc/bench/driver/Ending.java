package erpc.bench.driver;

/**
 * Ends a process with its main method, however that ends and whatever threads are left: whoever
 * waits for its answers must not wait for ever.
 */
public final class Ending {
  /** What a main method does. */
  public interface Task {
    void run() throws Exception;
  }

  private Ending() {}

  /** Runs the task, says why if it fails, and ends the process. */
  public static void with(Task task) {
    int code = 0;
    try {
      task.run();
    } catch (Exception | Error e) {
      e.printStackTrace();
      code = 1;
    }
    System.exit(code);
  }
}
