package erpc.center.processes;

import erpc.center.Center;
import erpc.center.CenterSettings;
import java.nio.file.Path;

/** A center as a process: says on its first line where it listens. */
final class CenterProgram {
  private CenterProgram() {}

  /** Takes the address to listen on, and a journal if there is to be one. */
  public static void main(String[] args) throws Exception {
    Path journal = args.length > 1 ? Path.of(args[1]) : null;
    Center center = Center.listen(args[0], journal, CenterSettings.DEFAULT).closeOnExit();
    System.out.println("ready " + center.address());
  }
}
