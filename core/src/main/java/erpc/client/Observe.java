package erpc.client;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.trace.CallObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells observers of every call. */
final class Observe implements CallStage {
  private final boolean anybody;
  private final CallObserver observers;
  private final Ticker ticker;

  Observe(List<CallObserver> observers, Ticker ticker) {
    this.anybody = !observers.isEmpty();
    this.observers = CallObserver.all(observers);
    this.ticker = ticker;
  }

  @Override
  public @Nullable Status begin(ClientCall<?, ?> call, long nowNanos) {
    if (anybody) {
      call.began(nowNanos);
      observers.began(CallObserver.Side.CLIENT, call.methodName());
    }
    return null;
  }

  @Override
  public void end(ClientCall<?, ?> call, Status status) {
    if (anybody) {
      long nanos = ticker.nanos() - call.startNanos();
      observers.ended(CallObserver.Side.CLIENT, call.methodName(), status, nanos);
    }
  }
}
