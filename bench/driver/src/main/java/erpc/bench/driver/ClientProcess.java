package erpc.bench.driver;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The client's process: {@code subject port setup…}. Prints a dot once it is connected; then {@code
 * run SECONDS work…} is answered with {@link Figures}, {@code profile EVENT=FILE} and {@code stop}
 * with a dot; ends with its input.
 */
public final class ClientProcess {
  private ClientProcess() {}

  /** Runs until its input ends. */
  public static void main(String[] args) {
    Ending.with(() -> answer(args));
  }

  private static void answer(String[] args) throws Exception {
    Subject.Caller caller =
        Subject.named(args[0]).connect(Integer.parseInt(args[1]), Setup.of(args, 2));
    System.out.println(".");
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Profile profile = Profile.NONE;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "run" -> {
          long nanos = TimeUnit.SECONDS.toNanos(Integer.parseInt(words[1]));
          System.out.println(new Run(caller, Work.of(words, 2), nanos).figures().line());
        }
        case "profile" -> {
          profile = Profile.of(words[1]);
          profile.start();
          System.out.println(".");
        }
        default -> {
          profile.stop();
          System.out.println(".");
        }
      }
    }
  }
}
