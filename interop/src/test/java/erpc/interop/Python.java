package erpc.interop;

import java.nio.file.Path;
import java.util.List;

/** Runs a scenario in Python against a server. */
final class Python {
  static final Path MODULE = Peer.MODULE;

  private Python() {}

  /** What the scenario printed; fails if it fails or does not end. */
  static List<String> run(String file, String address, String scenario) throws Exception {
    String path = MODULE.resolve("src/test/python").resolve(file).toString();
    return Peer.run("python3", "-B", path, address, scenario);
  }
}
