package erpc.testing;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What happens in a simulation, a line each, in order, and what has not ended yet. Thread-safe. */
final class Trace {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Ticker ticker;
  private final long startNanos;

  // Guarded by this.
  private final List<String> lines = new ArrayList<>();
  private final Map<Call, String> underWay = new LinkedHashMap<>();
  private int calls;

  Trace(Ticker ticker) {
    this.ticker = ticker;
    this.startNanos = ticker.nanos();
  }

  /** A call of a client's, by its number. */
  private record Call(int number, String client, String method) {
    @Override
    public String toString() {
      return client + " #" + number + " " + method;
    }
  }

  long elapsedNanos() {
    return ticker.nanos() - startNanos;
  }

  synchronized void note(String what) {
    lines.add(String.format(Locale.ROOT, "%.3f ms %s", elapsedNanos() / NANOS_PER_MILLI, what));
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** What has not ended, a line each. */
  synchronized List<String> underWay() {
    return underWay.entrySet().stream().map(each -> each.getKey() + each.getValue()).toList();
  }

  synchronized boolean isIdle() {
    return underWay.isEmpty();
  }

  private synchronized Call begun(String client, String method) {
    Call call = new Call(++calls, client, method);
    underWay.put(call, ", not sent anywhere yet");
    note(call + " begins");
    return call;
  }

  private synchronized void goesOn(Call call, String where, String what) {
    underWay.put(call, where);
    note(call + what);
  }

  private synchronized void ended(Call call, Status status) {
    underWay.remove(call);
    note(call + " ends with " + status.code());
  }

  /** Sees the calls of a client. */
  CallObserver ofClient(String name) {
    return new CallObserver() {
      @Override
      public Object begin(CallView call) {
        return begun(name, call.method());
      }

      @Override
      public void tryBegun(Object kept, CallView call) {
        String where = "try " + call.attempts() + " at " + call.endpoint();
        goesOn((Call) kept, ", " + where, " " + where);
      }

      @Override
      public void retried(Object kept, CallView call, Status why) {
        String what = "try " + call.attempts() + " failed with " + why.code();
        goesOn((Call) kept, ", " + what + " and is to be repeated", " " + what);
      }

      @Override
      public void ended(Object kept, CallView call, Status status) {
        Trace.this.ended((Call) kept, status);
      }
    };
  }

  /** Sees the calls of a server. */
  CallObserver ofServer(String name) {
    return new CallObserver() {
      @Override
      public Object begin(CallView call) {
        note(name + " gets " + call.method());
        return call.method();
      }

      @Override
      public void ended(Object kept, CallView call, Status status) {
        note(name + " answers " + kept + " with " + status.code());
      }
    };
  }
}
