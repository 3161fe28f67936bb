package erpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import erpc.SameMoment;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MessageFiltersTest {
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  private final RpcException sentWrongly =
      Status.of(Status.Code.INVALID_ARGUMENT, "sent").toException();

  private final RpcException readWrongly = Status.of(Status.Code.DATA_LOSS, "read").toException();

  @Test
  void firstRefusalCountsThoughBothWaysAreRefusedAtTheSameMoment() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final MessageFilters filters = new MessageFilters(CHAT);
          private @Nullable Status afterSent;
          private @Nullable Status afterRead;

          @Override
          public void one() {
            var unused = filters.refused(sentWrongly);
            afterSent = refusal(filters);
          }

          @Override
          public void other() {
            var unused = filters.refused(readWrongly);
            afterRead = refusal(filters);
          }

          @Override
          public void check() {
            assertThat(afterSent).isNotNull().isSameAs(afterRead);
          }
        });
  }

  private static @Nullable Status refusal(MessageFilters filters) {
    RpcException thrown = catchThrowableOfType(RpcException.class, filters::throwRefusal);
    return thrown == null ? null : thrown.status();
  }
}
