package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many streams are ended without holding up an event loop. */
class InTurnsTest {
  private static final int MANY = 10_000;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<Integer> all = IntStream.range(0, MANY).boxed().toList();
  private final List<Integer> done = new ArrayList<>();

  private void each(List<Integer> these) {
    InTurns.each(channel.eventLoop(), these, done::add, () -> {});
  }

  @Test
  void othersGetTheirTurnsBetween() {
    each(all);
    assertThat(done).hasSize(InTurns.MOST_A_TURN);
    int[] before = {0};
    channel.eventLoop().execute(() -> before[0] = done.size());
    channel.runPendingTasks();
    assertThat(before[0]).isLessThan(MANY);
    assertThat(done).isEqualTo(all);
  }

  @Test
  void fewAreDoneAtOnce() {
    each(all.subList(0, InTurns.MOST_A_TURN));
    assertThat(done).hasSize(InTurns.MOST_A_TURN);
  }

  @Test
  void oneThatThrowsIsNotWaitedForByTheOthers() {
    assertThatThrownBy(() ->
            InTurns.each(
                channel.eventLoop(),
                all,
                each -> {
                  if (each == 5) {
                    throw new IllegalStateException("a test");
                  }
                  done.add(each);
                },
                () -> {}))
        .hasMessage("a test");
    channel.runPendingTasks();
    assertThat(done).hasSize(MANY - 1);
  }

  @Test
  void aConnectionWithManyCallsEndsEachOnce() {
    TestServer server = TestServer.greeted();
    server.echo = false;
    for (int id = 1; id <= 3_000; id++) {
      server.receive(Frames.request(id, "a.b"));
    }
    server.connection.close(
        erpc.call.Status.of(erpc.call.Status.Code.UNAVAILABLE, "the connection broke"));
    server.advance(java.time.Duration.ofSeconds(11));
    assertThat(server.calls).hasSize(3_000).allMatch(call -> call.cancelled.size() == 1);
    assertThat(server.connection.inflow.heldBytes()).isZero();
  }
}
