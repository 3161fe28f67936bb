package erpc.bench.dubbo;

import erpc.bench.wire.Echo;
import java.io.Serializable;

/**
 * The driver's message as the plain object that the protocol {@code dubbo} wants, its fields read
 * and set by the serializer.
 */
public final class EchoMessage implements Serializable {
  private static final long serialVersionUID = 1;

  private long id;
  private String msg = "";
  private byte[] payload = new byte[0];

  /** For the serializer, which fills it. */
  public EchoMessage() {}

  EchoMessage(Echo message) {
    id = message.getId();
    msg = message.getMsg();
    payload = message.getPayload().toByteArray();
  }

  boolean isEchoOf(EchoMessage request) {
    return id == request.id
        && msg.length() == request.msg.length()
        && payload.length == request.payload.length;
  }
}
