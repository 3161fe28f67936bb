package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A watch of a center without a network: its handler runs on a thread of its own. */
final class TestWatch implements Incoming<WatchReply> {
  final Context context;
  private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();

  TestWatch(CenterService center, TestPeer peer, WatchRequest request) {
    this(center, peer.call(CenterMethods.WATCH), request);
  }

  TestWatch(CenterService center, Context context, WatchRequest request) {
    this.context = context;
    Thread.startVirtualThread(() -> {
      try {
        center.watch(context, request, came::add);
      } catch (RpcException e) {
        came.add(e);
      }
    });
  }

  private WatchReply reply(Object what) {
    if (what instanceof RpcException end) {
      came.add(end);
      throw new RpcException(end.status(), end);
    }
    return (WatchReply) what;
  }

  @Override
  public WatchReply next() {
    try {
      return reply(came.take());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcException(Status.Code.CANCELLED, "interrupted");
    }
  }

  /** The next reply, which must come. */
  WatchReply soon() throws InterruptedException {
    Object next = came.poll(20, TimeUnit.SECONDS);
    assertThat(next).as("a reply comes").isNotNull();
    return reply(next);
  }

  boolean isQuiet() {
    return came.isEmpty();
  }

  @Override
  public WatchReply one() {
    throw new AssertionError("a watch has many");
  }

  @Override
  public void close() {
    context.cancel(Status.of(Status.Code.CANCELLED, "closed"));
  }
}
