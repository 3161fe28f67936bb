package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.SameMoment;
import erpc.call.Status;
import org.junit.jupiter.api.Test;

class DepartureTest {
  @Test
  void whoeverSeesThatItDrainsSeesWhy() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final Departure departure = new Departure();
          private String why = "";
          private boolean graceful;

          @Override
          public void one() {
            boolean unused = departure.goAwayReceived(Status.Code.UNAVAILABLE, 7, "a new version");
          }

          @Override
          public void other() {
            while (!departure.isDraining()) {
              Thread.onSpinWait();
            }
            graceful = departure.isGraceful() && departure.isByServer();
            why = departure.whyNotOpened().message();
          }

          @Override
          public void check() {
            assertThat(why).endsWith("draining: a new version");
            assertThat(graceful).isTrue();
          }
        });
  }
}
