package erpc.protocol;

import erpc.call.Peer;
import erpc.call.Status;
import java.util.function.Consumer;

/** A server's connection as the rest of the server sees it, whatever it speaks. Thread-safe. */
public interface ServedConnection extends Peer {
  /**
   * Takes no new calls, finishes those it has, then closes. Calls that come before it has said so
   * to its client are served: a refusal that its client cannot tell from another would count
   * against the server.
   */
  void drain(String why);

  /**
   * Answers what is still open with this status, then closes in good order; whoever called hears
   * what became of the call.
   */
  void endCalls(Status why);

  /**
   * Shows every call that is open, one by one, on its event loop: soon, or never if that stands.
   */
  void forEachCall(Consumer<InboundCall> action);

  /** Whether a call on it was ever answered, other than by a refusal. */
  boolean hasAnswered();

  /** Ends it at once; its calls are cancelled. */
  void closeNow(Status why);
}
