package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.MethodLatency;
import erpc.breaker.TryEnd;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What calls say of their endpoint that are lost together. */
class LostCallsTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Status RESET =
      Status.of(Status.Code.UNAVAILABLE, "reset").withStarted(Status.Started.MAYBE);
  private static final Status SAID =
      Status.of(Status.Code.UNAVAILABLE, "").asRemote().withStarted(Status.Started.YES);

  private final List<String> lines = new ArrayList<>();
  private final MethodLatency latency = new MethodLatency(0);
  private final Accounting accounting =
      new Accounting(() -> Protection.ALL_ON, new Random(11), Runnable::run, lines::add, 0);
  private final EndpointRecord one = accounting.record("127.0.0.1:1", 0);
  private final EndpointRecord other = accounting.record("127.0.0.1:2", 0);
  private long now;

  LostCallsTest() {
    accounting.listed(List.of(one, other), List.of(), 0);
  }

  private void end(Status status, TryEnd end, int times) {
    now += 100 * MILLI;
    for (int i = 0; i < times; i++) {
      accounting.ended(other, latency, status, end, Accounting.Kind.UNARY, now, now + MILLI);
    }
  }

  @Test
  void thoseOfOneConnectionCountAsOneInARow() {
    for (int i = 0; i < 4; i++) { // Under the number of calls that its share counts from.
      end(RESET, TryEnd.PLAIN, 4);
    }
    assertThat(lines).isEmpty();
    end(RESET, TryEnd.PLAIN, 1);
    assertThat(lines).singleElement().asString().startsWith("127.0.0.1:2 is avoided: 5 failed");
    assertThat(other.isBroken()).isTrue();
  }

  @Test
  void thoseThatAServerEndsAsItGoesCountAsOneInARow() {
    end(SAID, TryEnd.GOING, 10);
    assertThat(lines).isEmpty();
  }

  @Test
  void unavailableThatAServerSaysCountsEachTime() {
    end(SAID, TryEnd.PLAIN, 5);
    assertThat(lines).hasSize(1);
  }
}
