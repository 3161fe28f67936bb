package erpc.calls;

import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.server.Server;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a status says to its caller besides its code and text. */
@Timeout(60)
class AdviceOfServersTest {
  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void aHandlerSaysHowLongToLeaveItAlone() throws Exception {
    for (Duration wait :
        new Duration[] {Duration.ZERO, Duration.ofSeconds(3), Status.NEVER_AGAIN}) {
      Server server =
          rig.serve((context, request) -> {
            throw Status.of(Code.RESOURCE_EXHAUSTED, "busy").withRetryAfter(wait).toException();
          });
      Client client = rig.client();
      Status status = failure(() -> client.send(Rig.to(server)));
      assertThat(status.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(status.retryAfter()).isEqualTo(wait);
      assertThat(status.isPassedOn()).isFalse();
      assertThat(failure(client.sendAsync(Rig.to(server))).retryAfter()).isEqualTo(wait);
    }
  }

  @Test
  void theStatusOfANestedCallThatGotToNoEndpointIsPassedOnToo() throws Exception {
    ManualResolver resolver = new ManualResolver();
    Client nested = rig.client(Client.builder().resolvers(resolver.among()));
    Server outer = rig.serve((context, request) -> nested.send(Rig.to("manual://b")).body());
    var call = rig.client().sendAsync(Rig.to(outer));
    resolver.tell("b", new String[0]);
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.message()).contains("has no endpoints");
    assertThat(status.isPassedOn()).isTrue();
    // Nor does one that has waited for its endpoints until its deadline count against the server.
    Server waiting =
        rig.serve((context, request) ->
            nested
                .send(Rig.to("manual://nobody").withTimeout(java.time.Duration.ofMillis(60)))
                .body());
    Status late = failure(() -> rig.client().send(Rig.to(waiting)));
    assertThat(late.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(late.isPassedOn()).isTrue();
  }

  @Test
  void theStatusOfANestedCallIsPassedOn() throws Exception {
    Server inner =
        rig.serve((context, request) -> {
          throw Status.of(Code.NOT_FOUND, "no such thing")
              .withRetryAfter(Duration.ofSeconds(9))
              .withDetails(new byte[1])
              .toException();
        });
    Client nested = rig.client();
    Server outer = rig.serve((context, request) -> nested.send(Rig.to(inner)).body());
    Status status = failure(() -> rig.client().send(Rig.to(outer)));
    assertThat(status.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(status.message()).isEqualTo("no such thing");
    assertThat(status.isPassedOn()).isTrue();
    assertThat(status.endpoint()).isEqualTo(outer.address());
    assertThat(status.started()).isEqualTo(Started.YES);
    // Those were for the outer server.
    assertThat(status.retryAfter()).isNull();
    assertThat(status.details()).isEmpty();
    assertThat(failure(() -> nested.send(Rig.to(inner))).isPassedOn()).isFalse();
  }
}
