package erpc.demo;

import erpc.Erpc;
import java.io.IOException;

/** The registry: servers tell it where they are, clients ask it. */
final class DemoCenter {
  private DemoCenter() {}

  /** Listens where clients and servers look for it; the process lives until Ctrl-C. */
  static void run() throws IOException {
    Erpc.listenCenter(Erpc.client().center());
  }
}
