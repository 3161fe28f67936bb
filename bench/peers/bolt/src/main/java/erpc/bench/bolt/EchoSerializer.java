package erpc.bench.bolt;

import com.alipay.remoting.DefaultCustomSerializer;
import com.alipay.remoting.InvokeContext;
import com.alipay.remoting.exception.DeserializationException;
import com.alipay.remoting.rpc.RequestCommand;
import com.alipay.remoting.rpc.ResponseCommand;
import com.alipay.remoting.rpc.protocol.RpcRequestCommand;
import com.alipay.remoting.rpc.protocol.RpcResponseCommand;
import com.google.protobuf.InvalidProtocolBufferException;
import erpc.bench.wire.Echo;
import org.jspecify.annotations.Nullable;

/** Requests and answers as protobuf; exceptions stay with what SOFABolt has for them. */
final class EchoSerializer extends DefaultCustomSerializer {
  @Override
  public <T extends RequestCommand> boolean serializeContent(
      T request, @Nullable InvokeContext context) {
    request.setContent(bytes(((RpcRequestCommand) (RequestCommand) request).getRequestObject()));
    return true;
  }

  @Override
  public <T extends ResponseCommand> boolean serializeContent(T response) {
    response.setContent(
        bytes(((RpcResponseCommand) (ResponseCommand) response).getResponseObject()));
    return true;
  }

  @Override
  public <T extends RequestCommand> boolean deserializeContent(T request)
      throws DeserializationException {
    ((RpcRequestCommand) (RequestCommand) request).setRequestObject(parsed(request.getContent()));
    return true;
  }

  @Override
  public <T extends ResponseCommand> boolean deserializeContent(
      T response, @Nullable InvokeContext context) throws DeserializationException {
    ((RpcResponseCommand) (ResponseCommand) response)
        .setResponseObject(parsed(response.getContent()));
    return true;
  }

  private static byte[] bytes(Object message) {
    return ((Echo) message).toByteArray();
  }

  private static Echo parsed(byte[] bytes) throws DeserializationException {
    try {
      return Echo.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new DeserializationException("not an echo", e);
    }
  }
}
