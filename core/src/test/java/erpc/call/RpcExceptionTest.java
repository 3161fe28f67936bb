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
    assertThat(Status.of(Status.Code.NOT_FOUND, "no such book").toException())
        .hasMessage("NOT_FOUND: no such book");
    assertThat(new IllegalStateException(Status.of(Status.Code.NOT_FOUND, "no").toException()))
        .hasMessage("erpc.call.RpcException: NOT_FOUND: no");
    assertThat(new RpcException(Status.Code.NOT_FOUND, "a\nb").getMessage()).doesNotContain("\n");
  }

  @Test
  void oneOfACallSaysWhereAndWhetherItWasStarted() {
    Status status = Status.of(Status.Code.UNAVAILABLE, "gone").withStarted(Status.Started.MAYBE);
    assertThat(status.toException()).hasMessage("UNAVAILABLE: gone (local, maybe started)");
    assertThat(Status.of(Status.Code.UNAVAILABLE, "gone").withStarted(Status.Started.NO))
        .hasToString("UNAVAILABLE: gone (local, not started)");
  }
}
