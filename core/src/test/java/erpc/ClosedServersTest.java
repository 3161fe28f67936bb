package erpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import erpc.server.Server;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is over is held by nothing: no shutdown hook, no list, no thread. */
class ClosedServersTest {
  @Test
  void areForgotten() throws Exception {
    WeakReference<Server> facade = new WeakReference<>(closed(Erpc.listen("127.0.0.1:0")));
    WeakReference<Server> plain =
        new WeakReference<>(
            closed(Server.builder().build().listen("127.0.0.1:0").closeOnExit().closeOnExit()));
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> {
          System.gc();
          return facade.get() == null && plain.get() == null;
        });
  }

  private static Server closed(Server server) {
    server.close();
    return server;
  }

  @Test
  void getNoMoreHandlers() throws Exception {
    Server server = Erpc.listen("127.0.0.1:0");
    server.close();
    Erpc.handle(
        "closedservers.late", StringValue.class, StringValue.class, (context, request) -> request);
    assertThat(server.methodNames()).doesNotContain("closedservers.late");
  }

  @Test
  void oneThatCannotListenIsClosed() throws Exception {
    try (Server first = Erpc.listen("127.0.0.1:0")) {
      assertThatThrownBy(() -> Erpc.listen(first.address()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(first.address());
    }
  }
}
