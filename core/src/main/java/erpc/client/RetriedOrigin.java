package erpc.client;

import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.call.Request;
import erpc.call.Ticker;
import erpc.call.TraceContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Where a retry comes from that is made by an alternative of a combined call, outside of all
 * handlers: this process. In its context calls are marked as retries, and inherit nothing else.
 */
record RetriedOrigin(Request<?, ?> request, long deadlineNanos, Ticker ticker)
    implements Context.Origin, Peer {
  @Override
  public Method<?, ?> routedMethod() {
    return request.method();
  }

  @Override
  public Metadata metadata() {
    return Metadata.EMPTY;
  }

  @Override
  public Peer peer() {
    return this;
  }

  @Override
  public @Nullable TraceContext parentTrace() {
    return null;
  }

  @Override
  public @Nullable Principal caller() {
    return null;
  }

  @Override
  public boolean isRetried() {
    return true;
  }

  @Override
  public Criticality criticality() {
    return Criticality.DEFAULT;
  }

  @Override
  public SocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Override
  public boolean isSameMachine() {
    return true;
  }

  @Override
  public void onClose(Runnable action) {} // It is closed with this process.
}
