package erpc.client;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.trace.CallObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells observers of every call. */
final class Observe implements Stage {
  private final CallObserver[] observers;
  private final Ticker ticker;

  Observe(List<CallObserver> observers, Ticker ticker) {
    this.observers = observers.toArray(CallObserver[]::new);
    this.ticker = ticker;
  }

  @Override
  public @Nullable Status begin(ClientCall<?, ?> call) {
    for (CallObserver observer : observers) {
      observer.began(CallObserver.Side.CLIENT, call.methodName());
    }
    return null;
  }

  @Override
  public void end(ClientCall<?, ?> call, Status status) {
    if (observers.length > 0) {
      long nanos = ticker.nanos() - call.startNanos();
      for (CallObserver observer : observers) {
        observer.ended(CallObserver.Side.CLIENT, call.methodName(), status, nanos);
      }
    }
  }
}
