package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class IncomingTest {
  @Test
  void givenMessagesAreReadInOrder() {
    Incoming<String> messages = Incoming.of(List.of("a", "b"));
    assertThat(messages.next()).isEqualTo("a");
    assertThat(messages).containsExactly("b");
    assertThat(messages.next()).isNull();
  }

  @Test
  void closingClosesTheStreamBehindThemOnce() {
    AtomicInteger closed = new AtomicInteger();
    Incoming<String> messages = Incoming.of(Stream.of("a").onClose(closed::incrementAndGet));
    messages.close();
    messages.close();
    assertThat(messages.next()).isNull();
    assertThat(closed).hasValue(1);
  }

  @Test
  void oneIsTheOnlyMessage() {
    assertThat(Incoming.of(List.of("a")).one()).isEqualTo("a");
    assertThatThrownBy(() -> Incoming.of(List.of()).one()).hasMessageContaining("there is none");
    assertThatThrownBy(() -> Incoming.of(List.of("a", "b")).one())
        .hasMessageContaining("there are more");
  }

  @Test
  void whatIsWrittenIsReadOneAhead() {
    AtomicInteger sent = new AtomicInteger();
    Incoming<Integer> messages =
        Incoming.written(out -> {
          for (int i = 0; i < 10; i++) {
            out.send(i);
            sent.incrementAndGet();
          }
        });
    assertThat(messages.next()).isZero();
    await().untilAtomic(sent, org.hamcrest.Matchers.equalTo(2));
    List<Integer> rest = new ArrayList<>();
    messages.forEach(rest::add);
    assertThat(rest).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void whatIsForwardedIsWrittenByTheThreadThatForwards() {
    AtomicBoolean same = new AtomicBoolean();
    Thread own = Thread.currentThread();
    List<String> got = new ArrayList<>();
    Incoming.<String>written(
            out -> {
              same.set(Thread.currentThread() == own);
              out.send("a");
            })
        .forwardTo(got::add);
    assertThat(got).containsExactly("a");
    assertThat(same).isTrue();
  }

  @Test
  void aWriterThatFailsFailsItsReaderAfterWhatItSent() {
    Incoming<String> messages =
        Incoming.written(out -> {
          out.send("a");
          throw new IllegalStateException("broken");
        });
    assertThat(messages.next()).isEqualTo("a");
    assertThatThrownBy(messages::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken");
  }

  @Test
  void closingEndsTheWriter() throws Exception {
    CompletableFuture<Status.Code> ended = new CompletableFuture<>();
    Incoming<String> messages =
        Incoming.written(out -> {
          try {
            while (true) {
              out.send("a");
            }
          } catch (RpcException e) {
            ended.complete(e.code());
            throw e;
          }
        });
    assertThat(messages.next()).isEqualTo("a");
    messages.close();
    assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.CANCELLED);
    assertThat(messages.next()).isNull();
  }

  @Test
  void whatIsBeingSentOnCannotBeReadToo() {
    List<Throwable> thrown = new ArrayList<>();
    Incoming<String> messages = Incoming.written(out -> out.send("a"));
    messages.forwardTo(
        each -> thrown.add(org.assertj.core.api.Assertions.catchThrowable(messages::next)));
    assertThat(thrown).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(messages.next()).isNull();
  }

  @Test
  void noMessageIsNull() {
    assertThatThrownBy(() -> Incoming.<String>written(out -> out.send(null)).next())
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("must not be null");
  }
}
