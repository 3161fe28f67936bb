package erpc.bench.dubbo;

import java.util.concurrent.CompletableFuture;

/** What is called; public because Dubbo makes classes that call it. */
public interface EchoService {
  /** Answers with what it is asked. */
  EchoMessage echo(EchoMessage request);

  /** The same, for callers that do not wait. */
  CompletableFuture<EchoMessage> echoLater(EchoMessage request);
}
