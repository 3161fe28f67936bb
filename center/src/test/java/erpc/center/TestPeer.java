package erpc.center;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.discovery.CenterMethods;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection that a test closes. */
final class TestPeer implements Peer {
  private final SocketAddress address;
  private final boolean sameMachine;
  private final List<Runnable> onClose = new ArrayList<>();
  private boolean closed;

  private TestPeer(SocketAddress address, boolean sameMachine) {
    this.address = address;
    this.sameMachine = sameMachine;
  }

  static TestPeer local() {
    return new TestPeer(new InetSocketAddress("127.0.0.1", 40_000), true);
  }

  /** Four numbers; InetAddress.ofLiteral came after Java 21. */
  private static InetAddress literal(String host) {
    String[] numbers = host.split("\\.", -1);
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(numbers[i]);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(host, e);
    }
  }

  static TestPeer remote(String host) {
    return new TestPeer(new InetSocketAddress(literal(host), 40_000), false);
  }

  /** A call over this connection. */
  Context call() {
    return call(CenterMethods.REGISTER);
  }

  Context call(Method<?, ?> method) {
    return new Context(method, Metadata.EMPTY, this, Deadline.after(Duration.ofSeconds(60)), null);
  }

  synchronized int listeners() {
    return onClose.size();
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
