package erpc.transport;

import erpc.protocol.Protocol;
import erpc.protocol.own.ErpcProtocol;
import java.util.List;

/**
 * Which protocols there are: the only place that knows them. Each is Netty's handlers, so whoever
 * asks for one hears first if Netty is one that erpc doesn't work with.
 */
public final class Protocols {
  private Protocols() {}

  /**
   * erpc's own, which clients speak unless they are built with another one.
   *
   * @throws IllegalStateException if the Netty on the class path is too old
   */
  public static Protocol erpc() {
    NettyVersion.require();
    return ErpcProtocol.INSTANCE;
  }

  /**
   * Every protocol that a server speaks unless it is told otherwise.
   *
   * @throws IllegalStateException if the Netty on the class path is too old
   */
  public static List<Protocol> all() {
    return List.of(erpc());
  }
}
