package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.Combine;
import erpc.client.Combine.Part;
import erpc.fixture.EchoReply;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Combined calls of futures that are no calls: what they end in, and with what. */
@Timeout(60)
class CombinedEndsTest {
  private final Rig rig = new Rig(Reactor.inMemory(new ManualClock()));
  private final Client client = rig.clientOfOneTry();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static List<String> shown(List<Part<EchoReply>> parts) {
    return parts.stream()
        .map(part ->
            part.index()
                + ":"
                + (part.isOk() ? part.value().getMsg() : part.status().code().name()))
        .toList();
  }

  @Test
  void partialEndsWithTheClientWhoseClockCounts() throws Exception {
    CompletableFuture<EchoReply> hanging = new CompletableFuture<>();
    CompletableFuture<EchoReply> done = CompletableFuture.completedFuture(reply("b"));
    List<CompletableFuture<EchoReply>> calls = List.of(hanging, done);
    List<CompletableFuture<EchoReply>> others = List.of(new CompletableFuture<>(), done);
    var partial = Combine.partial(client, Duration.ofDays(1), 1, calls, CombinedEndsTest::shown);
    var ofAll = Combine.partial(client, Duration.ofDays(1), 2, others, CombinedEndsTest::shown);
    client.close();
    assertThat(partial.get(20, TimeUnit.SECONDS)).containsExactly("0:CANCELLED", "1:b");
    Status status = failure(ofAll);
    assertThat(status.code()).isEqualTo(Code.CANCELLED);
    assertThat(status.message())
        .startsWith("the client was closed: 1 of 2 calls succeeded by then");
    assertThat(hanging).isCancelled();
    var late = Combine.partial(client, Duration.ofDays(1), 0, calls, CombinedEndsTest::shown);
    assertThat(late.get(20, TimeUnit.SECONDS)).containsExactly("0:CANCELLED", "1:b");
  }

  @Test
  void whatMergingThrowsSaysThatTheCallsWereStarted() {
    Status status =
        failure(
            Combine.all(
                List.of(CompletableFuture.completedFuture("a")),
                replies -> {
                  throw Status.of(Code.UNAVAILABLE, "not mergeable").toException();
                }));
    assertThat(status.message()).isEqualTo("not mergeable");
    assertThat(status.started()).isEqualTo(Status.Started.YES);
  }
}
