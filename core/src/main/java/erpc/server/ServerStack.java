package erpc.server;

import erpc.call.Filter;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.Responder;
import erpc.protocol.ServerCalls;
import erpc.trace.CallObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call through a server, outermost first. Everything above the filters sees only the
 * head of the call and runs on the event loop; nothing has been decoded yet when it is refused
 * there.
 */
final class ServerStack implements ServerCalls {
  final MethodTable methods;
  final Codecs codecs;
  final Ticker ticker;
  final ServerSettings settings;
  final List<Filter> filters;
  final Stage[] stages;

  ServerStack(
      MethodTable methods,
      Codecs codecs,
      Ticker ticker,
      ServerSettings settings,
      List<CallObserver> observers,
      Admission admission,
      List<Filter> filters) {
    this.methods = methods;
    this.codecs = codecs;
    this.ticker = ticker;
    this.settings = settings;
    this.filters = List.copyOf(filters);
    this.stages =
        new Stage[] {
          // First, so that refusals of every stage below are seen too.
          new Observe(observers, ticker),
          // Before anything that costs: expired, draining, too many. Below observe, above routing,
          // so that a flood of calls
          // to a method that doesn't exist counts against the bound like any other.
          admission,
          // Authentication comes here: decided before routing, so that a stranger learns nothing of
          // what exists.
          new Routing(methods),
          // Authorisation and the method's limiter come here: both need to know the method.
        };
    // Below the stages, in ServerCall: filters that see bytes, decode, filters that see messages,
    // handler, encode. Decoding
    // is the dearest step, so whatever can refuse without it stands above it.
  }

  @Override
  public @Nullable InboundCall begin(CallHead head, Responder responder) {
    return ServerCall.begin(this, head, responder);
  }
}
