package erpc.bench.dubbo;

import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.dubbo.common.utils.NetUtils;
import org.apache.dubbo.config.ApplicationConfig;
import org.apache.dubbo.config.ProtocolConfig;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.rpc.RpcException;
import org.apache.dubbo.rpc.model.ApplicationModel;
import org.jspecify.annotations.Nullable;

/**
 * Dubbo, protocol {@code dubbo} with fastjson2, called at its address: no registry, no metadata, no
 * configuration from elsewhere. Calls have a timeout, for it knows none without, and no retries.
 */
public final class DubboSubject implements Subject {
  private static final String PROTOCOL = "dubbo";
  private static final String SERIALIZATION = "fastjson2";

  /** On the I/O thread, whatever arrives. */
  private static final String INLINE = "direct";

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int MOST_BYTES = 64 << 20;

  /**
   * 127.0.0.1 as one number, which it does not know for loopback. What it knows, it takes for a
   * mistake: it would listen on all addresses, and connect to that of a network card.
   */
  private static final String LOOPBACK = "2130706433";

  static {
    // Both are read once, when the first of its classes needs them. Epoll as the others have it.
    System.setProperty("netty.epoll.enable", "true");
    System.setProperty("dubbo.application.logger", "slf4j");
  }

  @Override
  public String name() {
    return "dubbo";
  }

  // ---- both ends

  private static void prepare() {
    ApplicationConfig application = new ApplicationConfig("erpc-bench");
    // It would open a port for operators.
    application.setQosEnable(false);
    ApplicationModel.defaultModel().getApplicationConfigManager().setApplication(application);
  }

  @Override
  public int serve(Setup setup) {
    prepare();
    ProtocolConfig protocol = new ProtocolConfig(PROTOCOL);
    protocol.setHost(LOOPBACK);
    int port = NetUtils.getAvailablePort();
    protocol.setPort(port);
    protocol.setSerialization(SERIALIZATION);
    protocol.setPayload(MOST_BYTES);
    if (setup.inlineHandler()) {
      protocol.setDispatcher(INLINE);
    } else {
      protocol.setThreadpool("virtual");
    }
    ServiceConfig<EchoService> service = new ServiceConfig<>();
    service.setProtocol(protocol);
    service.setInterface(EchoService.class);
    service.setRef(new Echoes());
    service.export();
    return port;
  }

  private static final class Echoes implements EchoService {
    @Override
    public EchoMessage echo(EchoMessage request) {
      return request;
    }

    @Override
    public CompletableFuture<EchoMessage> echoLater(EchoMessage request) {
      return CompletableFuture.completedFuture(request);
    }
  }

  @Override
  public Caller connect(int port, Setup setup) {
    prepare();
    Map<String, String> parameters = new HashMap<>();
    parameters.put("serialization", SERIALIZATION);
    parameters.put("payload", Integer.toString(MOST_BYTES));
    if (setup.inlineCallbacks()) {
      parameters.put("dispatcher", INLINE);
    }
    ReferenceConfig<EchoService> reference = new ReferenceConfig<>();
    reference.setInterface(EchoService.class);
    reference.setUrl(PROTOCOL + "://" + LOOPBACK + ":" + port);
    reference.setConnections(setup.connections());
    reference.setTimeout(TIMEOUT_MILLIS);
    reference.setRetries(0);
    reference.setParameters(parameters);
    return new DubboCaller(reference.get(), new EchoMessage(setup.message()));
  }

  private record DubboCaller(EchoService service, EchoMessage request) implements Caller {
    @Override
    public void call(Runnable done) {
      try {
        service.echoLater(request).whenComplete((reply, thrown) -> answered(reply, thrown, done));
      } catch (RpcException e) {
        Subject.failed(e);
      }
    }

    private void answered(@Nullable EchoMessage reply, @Nullable Throwable thrown, Runnable done) {
      if (thrown != null) {
        Subject.failed(thrown);
      }
      check(reply);
      done.run();
    }

    @Override
    public void callAndWait() {
      check(service.echo(request));
    }

    private void check(@Nullable EchoMessage reply) {
      if (reply == null || !reply.isEchoOf(request)) {
        Subject.failed(new IllegalStateException("not the echo"));
      }
    }
  }
}
