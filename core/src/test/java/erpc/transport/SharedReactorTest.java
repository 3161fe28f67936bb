package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedReactorTest {
  private final List<Reactor> opened = new ArrayList<>();

  private SharedReactor lingering(Duration linger) {
    return new SharedReactor(
        () -> {
          Reactor reactor = Reactor.open(TransportKind.NIO, 1);
          opened.add(reactor);
          return reactor;
        },
        linger);
  }

  @AfterEach
  void close() {
    opened.forEach(Reactor::close);
  }

  private static Thread threadOf(Reactor reactor) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    reactor.next().execute(() -> thread.complete(Thread.currentThread()));
    return thread.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void endsItsThreadsAfterItsLastUserAndOpensAgainForTheNext() {
    SharedReactor shared = lingering(Duration.ofMillis(1));
    Reactor one = shared.borrow();
    assertThat(shared.borrow()).isSameAs(one);
    Thread thread = threadOf(one);
    shared.giveBack(one);
    assertThat(threadOf(one)).isSameAs(thread);
    shared.giveBack(one);
    await().atMost(20, TimeUnit.SECONDS).until(() -> !thread.isAlive());
    Reactor next = shared.borrow();
    assertThat(next).isNotSameAs(one);
    assertThat(threadOf(next).isAlive()).isTrue();
  }

  @Test
  void staysForWhoComesWhileItLingers() {
    SharedReactor shared = lingering(Duration.ofHours(1));
    Reactor one = shared.borrow();
    shared.giveBack(one);
    assertThat(shared.borrow()).isSameAs(one);
    assertThat(threadOf(one).isAlive()).isTrue();
  }

  @Test
  void takesNoNoticeOfOthers() {
    SharedReactor shared = lingering(Duration.ZERO);
    Reactor one = shared.borrow();
    Reactor other = Reactor.open(TransportKind.NIO, 1);
    opened.add(other);
    shared.giveBack(other);
    assertThat(shared.borrow()).isSameAs(one);
  }

  @Test
  void opensOthersForTheNextUserIfSomebodyHasClosedThem() {
    SharedReactor shared = lingering(Duration.ZERO);
    Reactor one = shared.borrow();
    one.close();
    Reactor next = shared.borrow();
    assertThat(next).isNotSameAs(one);
    shared.giveBack(one);
    assertThat(threadOf(next).isAlive()).isTrue();
    shared.giveBack(next);
    Thread thread = threadOf(shared.borrow());
    assertThat(thread.isAlive()).isTrue();
  }
}
