package erpc.transport;

import erpc.protocol.Protocol;
import erpc.protocol.own.ErpcProtocol;
import java.util.List;

/** Which protocols there are. */
public final class Protocols {
  private static final List<Protocol> ALL = List.of(ErpcProtocol.INSTANCE);

  private Protocols() {}

  /** Every protocol that a server speaks unless it is told otherwise, erpc's own first. */
  public static List<Protocol> all() {
    return ALL;
  }
}
