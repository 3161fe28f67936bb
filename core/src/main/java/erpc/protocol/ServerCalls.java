package erpc.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Where a protocol takes the calls it reads: the server's stack. Methods run on event loops and
 * must not block.
 */
public interface ServerCalls {
  /**
   * A call has begun; of its message nothing was looked at.
   *
   * @param previous a call of the same responder that {@linkplain InboundCall#rest() rests}, to be
   *     used again, or null
   * @return what takes the rest of it, or null if it was refused: the responder has then been told
   *     why
   */
  @Nullable InboundCall begin(CallHead head, Responder responder, @Nullable InboundCall previous);

  /** Where one-way calls are while they go on without their callers' connections. */
  LoneCalls loneCalls();

  /** What messages may hold of the process's memory. */
  MemoryBudget memory();

  /** How loaded the server is, for its clients to know; asked now and then by event loops. */
  default ServerLoad load() {
    return new ServerLoad(0, 0);
  }

  /**
   * What a call counts as whose message has not come, in bytes: half of the budget is all that such
   * calls may have.
   */
  default long waitingCallBytes() {
    return MemoryBudget.CALL_BYTES;
  }
}
