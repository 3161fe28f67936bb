package erpc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * The server's process: prints its port, answers each line of its input with its usage, ends with
 * its input.
 */
final class EchoServer {
  private EchoServer() {}

  public static void main(String[] args) throws Exception {
    System.out.println(Subject.named(args[0]).serve());
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    answer(in, args.length > 1 ? Profile.of(args[1]) : Profile.NONE);
    System.exit(0);
  }

  private static void answer(BufferedReader in, Profile profile) throws IOException {
    boolean profiling = false;
    while (in.readLine() != null) {
      if (profiling) {
        profile.stop();
      } else {
        profile.start();
      }
      profiling = !profiling;
      System.out.println(Usage.now());
    }
  }
}
