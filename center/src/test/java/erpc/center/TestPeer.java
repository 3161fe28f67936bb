package erpc.center;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.discovery.CenterMethods;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection that a test closes. */
@SuppressWarnings("AddressSelection") // Literals only; nothing is looked up.
final class TestPeer implements Peer {
  private final SocketAddress address;
  private final boolean sameMachine;
  private final List<Runnable> onClose = new ArrayList<>();
  private boolean closed;
  private boolean leaving;

  private TestPeer(SocketAddress address, boolean sameMachine) {
    this.address = address;
    this.sameMachine = sameMachine;
  }

  static TestPeer local() {
    return new TestPeer(new InetSocketAddress("127.0.0.1", 40_000), true);
  }

  static TestPeer remote(String host) {
    return new TestPeer(new InetSocketAddress(host, 40_000), false);
  }

  /** A call over this connection. */
  Context call() {
    return call(CenterMethods.REGISTER);
  }

  Context call(Method<?, ?> method) {
    return new Context(method, Metadata.EMPTY, this, Deadline.after(Duration.ofSeconds(60)), null);
  }

  /** Who wants to hear of its end. */
  synchronized int listeners() {
    return onClose.size();
  }

  /** What is closed from now on was meant to be. */
  synchronized void sayGoodbye() {
    leaving = true;
  }

  void close() {
    List<Runnable> actions;
    synchronized (this) {
      closed = true;
      actions = List.copyOf(onClose);
    }
    actions.forEach(Runnable::run);
  }

  @Override
  public SocketAddress address() {
    return address;
  }

  @Override
  public boolean isSameMachine() {
    return sameMachine;
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized boolean isLost() {
    return closed && !leaving;
  }

  @Override
  public void onClose(Runnable action) {
    synchronized (this) {
      onClose.add(action);
      if (!closed) {
        return;
      }
    }
    action.run();
  }
}
