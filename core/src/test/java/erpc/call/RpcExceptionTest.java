package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the message of an exception says. */
class RpcExceptionTest {
  @Test
  void oneThatAHandlerMakesClaimsNoOriginAndNoStart() {
    assertThat(new RpcException(Status.Code.NOT_FOUND, "no such book"))
        .hasMessage("NOT_FOUND: no such book");
    assertThat(new RpcException(Status.Code.NOT_FOUND, "")).hasMessage("NOT_FOUND");
    assertThat(new RpcException(Status.Code.NOT_FOUND, "a\nb").getMessage()).doesNotContain("\n");
  }

  @Test
  void oneOfACallSaysWhereAndWhetherItWasStarted() {
    Status status = Status.of(Status.Code.UNAVAILABLE, "gone").withStarted(Status.Started.MAYBE);
    assertThat(status.toException()).hasMessage("UNAVAILABLE: gone (local, maybe started)");
  }
}
