package erpc.bench.driver;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * The server's process: {@code subject setup…}. Prints its port; then {@code usage} is answered
 * with its usage, {@code profile EVENT=FILE} and {@code stop} with a dot; ends with its input.
 */
public final class ServerProcess {
  private ServerProcess() {}

  /** Runs until its input ends. */
  public static void main(String[] args) {
    Ending.with(() -> answer(args));
  }

  private static void answer(String[] args) throws Exception {
    System.out.println(Subject.named(args[0]).serve(Setup.of(args, 1)));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Profile profile = Profile.NONE;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("usage")) {
        System.out.println(Usage.now());
      } else if (line.startsWith("profile ")) {
        profile = Profile.of(line.substring("profile ".length()));
        profile.start();
        System.out.println(".");
      } else {
        profile.stop();
        System.out.println(".");
      }
    }
  }
}
