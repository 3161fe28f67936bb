package erpc.bench;

import erpc.bench.driver.ServerProcess;
import erpc.bench.driver.Setup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Another process with this one's class path. */
final class Jvm {
  private Jvm() {}

  /** A server of erpc's echo; the first line it prints is its port. */
  static Process server() throws IOException {
    return server(Setup.USUAL);
  }

  /** A server of erpc's echo as it is set up; the first line it prints is its port. */
  static Process server(Setup setup) throws IOException {
    List<String> words = new ArrayList<>(List.of("erpc"));
    words.addAll(setup.words());
    return start(List.of(), ServerProcess.class, words.toArray(String[]::new));
  }

  /**
   * Starts it; what it prints as errors goes where this process's errors go.
   *
   * @param before words before the command, as of a program that starts it
   */
  static Process start(List<String> before, Class<?> main, String... args) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
