package erpc.server;

import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Where a handler runs. Immutable. */
public final class Execution {
  private static final Execution VIRTUAL = new Execution("virtual", Watchdog.ofProcess()::start);
  private static final Execution INLINE = new Execution("inline", null);

  private final String name;
  private final @Nullable Executor executor;

  private Execution(String name, @Nullable Executor executor) {
    this.name = name;
    this.executor = executor;
  }

  /**
   * On a virtual thread of its own: may block. What a handler gets unless it asks for something
   * else. While handlers that never wait occupy all carriers, it is a platform thread instead.
   */
  public static Execution virtual() {
    return VIRTUAL;
  }

  /**
   * On the event loop, between reading and writing: the quickest, and must not block, ever. Calls
   * whose messages are compressed get a virtual thread all the same.
   */
  public static Execution inline() {
    return INLINE;
  }

  /**
   * On an executor of the user's. If it rejects a task the call is answered with
   * RESOURCE_EXHAUSTED, as not started.
   */
  public static Execution on(Executor executor) {
    return new Execution("executor", executor);
  }

  boolean isInline() {
    return executor == null;
  }

  /** What runs it, unless that is the event loop. */
  Executor executor() {
    return Objects.requireNonNull(executor);
  }

  @Override
  public String toString() {
    return name;
  }
}
