package erpc.protocol.own;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.LineLimit;
import erpc.call.Thrown;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be done once a connection has closed. Thread-safe. */
final class CloseActions {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LineLimit LINES = new LineLimit();

  @GuardedBy("this")
  private final List<Runnable> actions = new ArrayList<>(1);

  @GuardedBy("this")
  private boolean closed;

  /** Runs it then, or at once if that was before. */
  void add(Runnable action) {
    synchronized (this) {
      if (!closed) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }

  /** It has closed. */
  void run() {
    List<Runnable> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(actions);
      actions.clear();
    }
    for (Runnable action : all) {
      try {
        action.run();
      } catch (Throwable e) { // An Error too: the others still have to hear of it.
        Thrown.error(LOG, LINES, "an action on the end of a connection threw; the others go on", e);
      }
    }
  }
}
