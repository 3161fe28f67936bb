package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client whose reactor was closed before it: its calls fail, at once and in words. */
@Timeout(60)
class ClosedReactorTest {
  private final Rig rig = new Rig(TransportKind.NIO);
  private final Reactor closed = Reactor.open(TransportKind.NIO, 1);
  private final Client client = Client.builder().reactor(closed).build();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch never = new CountDownLatch(1);
  private Request<EchoRequest, EchoReply> request =
      Request.of(Rig.ECHO, EchoRequest.getDefaultInstance());

  @BeforeEach
  void serve() throws Exception {
    request =
        Rig.to(
            rig.serve((context, any) -> {
              if (any.getMsg().equals("later")) {
                begun.countDown();
                boolean unused = never.await(30, TimeUnit.SECONDS);
              }
              return EchoReply.getDefaultInstance();
            }));
  }

  @AfterEach
  void close() throws Exception {
    never.countDown();
    client.close();
    rig.close();
  }

  /** What the next calls come to, of both kinds. */
  private List<Status> outcomes() {
    List<Status> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(Rig.failure(() -> client.send(request)));
      all.add(Rig.failure(client.sendAsync(request)));
    }
    return all;
  }

  @Test
  void callsOfAClientThatNeverConnectedFail() {
    closed.close();
    assertThat(outcomes())
        .allMatch(status -> status.code() == Status.Code.UNAVAILABLE)
        .allMatch(status -> status.message().contains("reactor"));
  }

  @Test
  void callsOfAClientThatWasConnectedFail() {
    assertThat(client.send(request).body()).isEqualTo(EchoReply.getDefaultInstance());
    closed.close();
    assertThat(outcomes()).allMatch(status -> status.code() == Status.Code.UNAVAILABLE);
  }

  @Test
  void aCallThatIsUnderWayIsToldWhatEndedIt() throws Exception {
    CompletableFuture<?> underWay =
        client.sendAsync(request.withBody(EchoRequest.newBuilder().setMsg("later").build()));
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    closed.close();
    Status status = Rig.failure(underWay);
    assertThat(status.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.message()).contains("reactor has been closed");
    assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
  }
}
