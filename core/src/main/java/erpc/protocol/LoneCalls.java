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
  private final Set<Lone> open = ConcurrentHashMap.newKeySet();

  /** Such a call, as its protocol knows it. Any thread may ask. */
  public interface Lone {
    /** Shows it, on its event loop: soon, or never if that stands or it has ended. */
    void show(Consumer<InboundCall> action);

    /** Cancels it, soon, unless it is {@linkplain #remove removed} by then. */
    void end(Status why);
  }

  /** How many there are. */
  public int count() {
    return open.size();
  }

  /** Shows each of them, on its event loop: soon, or never if that stands. */
  public void forEach(Consumer<InboundCall> action) {
    for (Lone call : open) {
      call.show(action);
    }
  }

  /** Cancels those that are left, soon. */
  public void end(Status why) {
    for (Lone call : open) {
      call.end(why);
    }
  }

  /** Its connection is gone. */
  public void add(Lone call) {
    open.add(call);
  }

  /**
   * It has ended.
   *
   * @return false if it isn't one of them
   */
  public boolean remove(Lone call) {
    return open.remove(call);
  }
}
