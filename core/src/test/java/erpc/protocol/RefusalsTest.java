package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Peer;
import erpc.call.Status;
import io.netty.channel.local.LocalAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log has of calls that are refused. */
class RefusalsTest {
  private final ManualTicker clock = new ManualTicker();
  private final Refusals refusals = new Refusals(clock::nanos);
  private final Peer caller =
      new Peer() {
        @Override
        public SocketAddress address() {
          return new LocalAddress("caller");
        }

        @Override
        public boolean isSameMachine() {
          return true;
        }

        @Override
        public void onClose(Runnable action) {}
      };

  private static Status full(String text) {
    return Status.of(Status.Code.RESOURCE_EXHAUSTED, text);
  }

  private List<String> lines(int times, Status why) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      String line = refusals.note(why, caller);
      if (line != null) {
        lines.add(line);
      }
    }
    return lines;
  }

  @Test
  void writesOneLineAKindAndMinuteWithHowMany() {
    Status stranger = Status.of(Status.Code.UNAUTHENTICATED, "who\n are you");
    assertThat(lines(1_000, stranger))
        .singleElement()
        .asString()
        .startsWith("refused a call from ")
        .contains("UNAUTHENTICATED")
        .doesNotContain("\n");
    assertThat(lines(10, full("7 calls (maxInFlight)"))).hasSize(1);
    assertThat(lines(10, full("8 calls (maxInFlight)"))).as("the same limit").isEmpty();
    assertThat(lines(10, full("9 bytes (maxBufferedBytes)"))).hasSize(1);
    assertThat(lines(10, Status.of(Status.Code.PERMISSION_DENIED, "no"))).hasSize(1);
    clock.advance(Duration.ofMinutes(1));
    assertThat(lines(10, stranger))
        .singleElement()
        .asString()
        .startsWith("refused 1000 calls, the last from ");
  }

  @Test
  void tellsOfThoseThatNoneFollowed() {
    assertThat(lines(5, full("(maxInFlight)"))).hasSize(1);
    refusals.tellOverdue();
    clock.advance(Duration.ofMinutes(1));
    refusals.tellOverdue();
    clock.advance(Duration.ofMinutes(1));
    assertThat(lines(1, full("(maxInFlight)")))
        .as("the four have been told")
        .singleElement()
        .asString()
        .startsWith("refused a call from ");
  }

  @Test
  void saysNothingOfCallsWhoseTimeHasRunOut() {
    assertThat(lines(5, Status.of(Status.Code.DEADLINE_EXCEEDED, "late"))).isEmpty();
    assertThat(lines(5, Status.of(Status.Code.UNAVAILABLE, "draining"))).isEmpty();
  }
}
