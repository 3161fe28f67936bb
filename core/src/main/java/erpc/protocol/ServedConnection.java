package erpc.protocol;

import erpc.call.Peer;
import erpc.call.Status;

/** A server's connection as the rest of the server sees it, whatever it speaks. Thread-safe. */
public interface ServedConnection extends Peer {
  /** Takes no new calls, finishes those it has, then closes. */
  void drain(String why);

  /**
   * Answers what is still open with this status, then closes in good order; whoever called hears
   * what became of the call.
   */
  void endCalls(Status why);

  /** Ends it at once; its calls are cancelled. */
  void closeNow(Status why);
}
