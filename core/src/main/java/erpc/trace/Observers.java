package erpc.trace;

import erpc.call.LineLimit;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several observers as one, none of which can harm a call or an event loop by throwing. */
final class Observers implements CallObserver {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.trace");
  private static final LineLimit LINES = new LineLimit();

  private final CallObserver[] all;

  Observers(List<CallObserver> all) {
    this.all = all.toArray(CallObserver[]::new);
  }

  @Override
  public void began(Side side, String method) {
    for (CallObserver each : all) {
      try {
        each.began(side, method);
      } catch (Throwable e) {
        threw(each, e);
      }
    }
  }

  @Override
  public void ended(Side side, String method, Status status, long nanos) {
    for (CallObserver each : all) {
      try {
        each.ended(side, method, status, nanos);
      } catch (Throwable e) {
        threw(each, e);
      }
    }
  }

  private static void threw(CallObserver observer, Throwable thrown) {
    String name = observer.getClass().getName(); // not toString(), which may throw too
    Thrown.warn(
        LOG, LINES, "observer " + name + " threw, which it must not; the call goes on", thrown);
  }
}
