package erpc.transport;

import erpc.protocol.Protocol;
import erpc.protocol.own.ErpcProtocol;
import java.util.List;

/** Which protocols there are: the only place that knows them. */
public final class Protocols {
  private static final List<Protocol> ALL = List.of(ErpcProtocol.INSTANCE);

  private Protocols() {}

  /** erpc's own, which clients speak unless they are built with another one. */
  public static Protocol erpc() {
    return ErpcProtocol.INSTANCE;
  }

  /** Every protocol that a server speaks unless it is told otherwise. */
  public static List<Protocol> all() {
    return ALL;
  }
}
