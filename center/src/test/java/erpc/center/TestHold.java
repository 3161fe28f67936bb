package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterLine;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A stream that holds a lease, without a network: its handler runs on a thread of its own. */
final class TestHold implements CenterLine<HeartbeatRequest, HeartbeatReply> {
  private static final Object END = "end";

  private final TestPeer peer;
  private final Context context;
  private final BlockingQueue<Object> beats = new LinkedBlockingQueue<>();
  private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();
  private final Thread handler;

  TestHold(CenterService center, TestPeer peer) {
    this.peer = peer;
    this.context = peer.call(CenterMethods.HOLD);
    this.handler =
        Thread.startVirtualThread(() -> {
          try {
            center.hold(context, new Beats(), came::add);
            came.add(END);
          } catch (RpcException e) {
            came.add(e);
          }
        });
  }

  /** Holds a lease, and has been told so. */
  static TestHold of(CenterService center, TestPeer peer, long lease) {
    TestHold hold = new TestHold(center, peer);
    hold.beat(lease);
    return hold;
  }

  HeartbeatReply beat(long lease) {
    send(HeartbeatRequest.newBuilder().setLease(lease).build());
    HeartbeatReply reply = next();
    assertThat(reply).isNotNull();
    return reply;
  }

  /** How the stream was ended by the center. */
  Status.Code end() {
    try {
      assertThat(next()).isNull();
      return Status.Code.OK;
    } catch (RpcException e) {
      return e.code();
    }
  }

  /** The caller has no more beats to send. */
  void finish() throws InterruptedException {
    beats.add(END);
    handler.join();
  }

  /** The process is gone, and the kernel has closed its connection. */
  void lose() throws InterruptedException {
    peer.close();
    cancel();
  }

  /** The caller resets the stream. */
  void reset() throws InterruptedException {
    cancel();
  }

  /** The caller says that he closes the connection, and does. */
  void leave() throws InterruptedException {
    peer.sayGoodbye();
    lose();
  }

  private void cancel() throws InterruptedException {
    Status why = Status.of(Status.Code.CANCELLED, "gone");
    context.cancel(why);
    beats.add(why.toException());
    handler.join();
  }

  @Override
  public void send(HeartbeatRequest beat) {
    beats.add(beat);
  }

  @Override
  public HeartbeatReply next() {
    try {
      Object next = came.poll(20, TimeUnit.SECONDS);
      assertThat(next).as("an answer comes").isNotNull();
      if (next instanceof RpcException end) {
        came.add(end);
        throw new RpcException(end.status(), end);
      }
      return next == END ? null : (HeartbeatReply) next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcException(Status.Code.CANCELLED, "interrupted");
    }
  }

  @Override
  public HeartbeatReply one() {
    throw new AssertionError("a hold has many");
  }

  @Override
  public void close() {
    try {
      reset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the handler reads. */
  private final class Beats implements Incoming<HeartbeatRequest> {
    @Override
    public HeartbeatRequest next() {
      try {
        Object next = beats.take();
        if (next instanceof RpcException end) {
          throw end;
        }
        return next == END ? null : (HeartbeatRequest) next;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RpcException(Status.Code.CANCELLED, "the handler's thread was interrupted");
      }
    }

    @Override
    public HeartbeatRequest one() {
      throw new AssertionError("beats are many");
    }

    @Override
    public void close() {}
  }
}
