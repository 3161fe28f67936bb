package erpc.protocol;

import erpc.call.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * One-way calls of a server that go on though their callers' connections are gone: nobody waits for
 * their answers, so nobody's leaving ends them, but their deadlines do. Thread-safe.
 */
public final class LoneCalls {
  private final Set<ServerStream> open = ConcurrentHashMap.newKeySet();

  /** How many there are. */
  public int count() {
    return open.size();
  }

  /** Shows each of them, on its event loop: soon, or never if that stands. */
  public void forEach(Consumer<InboundCall> action) {
    for (ServerStream stream : open) {
      stream.connection.outflow.onLoop(
          () -> {
            InboundCall call = stream.call;
            if (call != null) {
              action.accept(call);
            }
          },
          Outflow.LOOP_GONE);
    }
  }

  /** Cancels those that are left, soon. */
  public void end(Status why) {
    for (ServerStream stream : open) {
      stream.connection.outflow.onLoop(
          () -> stream.connection.endAlone(stream, why), Outflow.LOOP_GONE);
    }
  }

  void add(ServerStream stream) {
    open.add(stream);
  }

  /** False if it isn't one of them. */
  boolean remove(ServerStream stream) {
    return open.remove(stream);
  }
}
