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
  private Request<EchoRequest, EchoReply> request =
      Request.of(Rig.ECHO, EchoRequest.getDefaultInstance());

  @BeforeEach
  void serve() throws Exception {
    request = Rig.to(rig.serve((context, any) -> EchoReply.getDefaultInstance()));
  }

  @AfterEach
  void close() throws Exception {
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
}
