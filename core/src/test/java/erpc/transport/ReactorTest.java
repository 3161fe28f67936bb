package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReactorTest {
  private static ReactorSettings polling(TransportKind kind) {
    return ReactorSettings.DEFAULTS.withTransport(kind).withLoops(1).withBusyPoll(true);
  }

  @Test
  void aLoopThatPollsRunsTasksAtOnceAndInTime() throws Exception {
    Reactor reactor = Reactor.open(polling(TransportKind.NIO));
    CompletableFuture<Void> ran = new CompletableFuture<>();
    CompletableFuture<Void> ranLater = new CompletableFuture<>();
    reactor.next().execute(() -> ran.complete(null));
    ran.get(30, TimeUnit.SECONDS);
    // Nothing else happens on it that would wake it up.
    reactor.next().schedule(() -> ranLater.complete(null), 20, TimeUnit.MILLISECONDS);
    ranLater.get(30, TimeUnit.SECONDS);
    reactor.close();
    assertThat(ranLater).isCompleted();
  }

  @Test
  void saysWhichTransportsCanPoll() {
    assertThatThrownBy(() -> Reactor.open(polling(TransportKind.MEMORY)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("busyPoll works with epoll and nio");
  }
}
