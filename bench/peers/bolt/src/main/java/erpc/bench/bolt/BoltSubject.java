package erpc.bench.bolt;

import com.alipay.remoting.BizContext;
import com.alipay.remoting.Connection;
import com.alipay.remoting.CustomSerializerManager;
import com.alipay.remoting.InvokeCallback;
import com.alipay.remoting.ProtocolCode;
import com.alipay.remoting.ProtocolManager;
import com.alipay.remoting.config.BoltGenericOption;
import com.alipay.remoting.exception.RemotingException;
import com.alipay.remoting.rpc.RpcClient;
import com.alipay.remoting.rpc.RpcConfigs;
import com.alipay.remoting.rpc.RpcServer;
import com.alipay.remoting.rpc.protocol.RpcProtocol;
import com.alipay.remoting.rpc.protocol.SyncUserProcessor;
import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import erpc.bench.wire.Echo;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * SOFABolt, protocol v1, with protobuf in place of Hessian. Calls are made on connections, not on
 * addresses, which spares a look-up and a check each. They have a timeout: it knows none without.
 */
public final class BoltSubject implements Subject {
  private static final int TIMEOUT_MILLIS = 30_000;

  /** One flush for all that one read brought about: off by default. */
  private static final boolean BATCHES = Boolean.getBoolean("erpc.bench.bolt.batches");

  static {
    // Its logs are to go where the others' go, not to files in the home directory; it warns of each
    // thing that it starts.
    System.setProperty("sofa.middleware.log.disable", "true");
    System.setProperty("sofa.middleware.log.internal.level", "ERROR");
    System.setProperty("org.slf4j.simpleLogger.log.com.alipay.sofa.common.log", "error");
  }

  @Override
  public String name() {
    return "bolt";
  }

  // ---- both ends

  private static void prepare() {
    CustomSerializerManager.registerCustomSerializer(Echo.class.getName(), new EchoSerializer());
  }

  private static void check(Echo request, @Nullable Object reply) {
    if (!(reply instanceof Echo echo) || echo.getId() != request.getId()) {
      throw new IllegalStateException("not the echo");
    }
  }

  @Override
  public int serve(Setup setup) {
    prepare();
    // Requests that came together would else pass through a pool, whatever the processor says.
    System.setProperty(RpcConfigs.DISPATCH_MSG_LIST_IN_DEFAULT_EXECUTOR, "false");
    RpcServer server = new RpcServer("127.0.0.1", 0);
    server.option(BoltGenericOption.NETTY_FLUSH_CONSOLIDATION, BATCHES);
    server.registerUserProcessor(
        new EchoProcessor(
            setup.inlineHandler() ? null : Executors.newVirtualThreadPerTaskExecutor()));
    server.startup();
    return server.port();
  }

  /** Answers on the I/O thread, or by an executor. */
  private static final class EchoProcessor extends SyncUserProcessor<Echo> {
    private final @Nullable Executor executor;

    EchoProcessor(@Nullable Executor executor) {
      this.executor = executor;
    }

    @Override
    public Object handleRequest(BizContext context, Echo request) {
      return request;
    }

    @Override
    public String interest() {
      return Echo.class.getName();
    }

    @Override
    public boolean processInIOThread() {
      return executor == null;
    }

    @Override
    public @Nullable Executor getExecutor() {
      return executor;
    }
  }

  /** Has the I/O thread handle answers, which would else go to a pool. */
  private static void answerInline() {
    ProtocolManager.getProtocol(ProtocolCode.fromBytes(RpcProtocol.PROTOCOL_CODE))
        .getCommandHandler()
        .registerDefaultExecutor(new SameThread());
  }

  @Override
  public Caller connect(int port, Setup setup) throws RemotingException {
    prepare();
    RpcClient client = new RpcClient();
    client.option(BoltGenericOption.NETTY_FLUSH_CONSOLIDATION, BATCHES);
    client.startup();
    if (setup.inlineCallbacks()) {
      answerInline();
    }
    Connection[] all = new Connection[setup.connections()];
    for (int i = 0; i < all.length; i++) {
      all[i] = client.createStandaloneConnection("127.0.0.1", port, TIMEOUT_MILLIS);
    }
    return new BoltCaller(client, all, setup.message());
  }

  private record BoltCaller(RpcClient client, Connection[] all, Echo request) implements Caller {
    private Connection one() {
      return all.length == 1 ? all[0] : all[ThreadLocalRandom.current().nextInt(all.length)];
    }

    @Override
    public void call(Runnable done) {
      try {
        client.invokeWithCallback(one(), request, new Answer(request, done), TIMEOUT_MILLIS);
      } catch (RemotingException e) {
        Subject.failed(e);
      }
    }

    @Override
    public void callAndWait() throws RemotingException, InterruptedException {
      check(request, client.invokeSync(one(), request, TIMEOUT_MILLIS));
    }
  }

  /** What becomes of an asynchronous call; runs where answers are handled. */
  private record Answer(Echo request, Runnable done) implements InvokeCallback {
    @Override
    public void onResponse(Object reply) {
      try {
        check(request, reply);
        done.run();
      } catch (RuntimeException e) {
        // It would be logged and forgotten.
        Subject.failed(e);
      }
    }

    @Override
    public void onException(Throwable thrown) {
      Subject.failed(thrown);
    }

    @Override
    public @Nullable Executor getExecutor() {
      return null;
    }
  }
}
