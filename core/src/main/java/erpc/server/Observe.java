package erpc.server;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.trace.CallObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells observers of every call, refused ones too. */
final class Observe implements Stage {
  private final CallObserver[] observers;
  private final Ticker ticker;

  Observe(List<CallObserver> observers, Ticker ticker) {
    this.observers = observers.toArray(CallObserver[]::new);
    this.ticker = ticker;
  }

  @Override
  public @Nullable Status begin(ServerCall call) {
    for (CallObserver observer : observers) {
      observer.began(CallObserver.Side.SERVER, call.methodName());
    }
    return null;
  }

  @Override
  public void end(ServerCall call, Status status) {
    if (observers.length > 0) {
      long nanos = ticker.nanos() - call.receivedNanos();
      for (CallObserver observer : observers) {
        observer.ended(CallObserver.Side.SERVER, call.methodName(), status, nanos);
      }
    }
  }
}
