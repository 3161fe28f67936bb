package erpc.calls;

import erpc.call.Context;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that answers at once until it is told to hang, or to fail. */
final class Site {
  final Server server;
  final AtomicInteger calls = new AtomicInteger();
  final AtomicInteger hanging = new AtomicInteger();
  final AtomicInteger cancelled = new AtomicInteger();
  final List<Boolean> retried = new CopyOnWriteArrayList<>();
  final CountDownLatch release = new CountDownLatch(1);
  volatile boolean hangs;
  volatile Code fails = Code.OK;

  Site(Rig rig) throws Exception {
    server = rig.serve(this::handle);
  }

  private EchoReply handle(Context context, EchoRequest request) throws Exception {
    retried.add(context.isRetried());
    calls.incrementAndGet();
    if (hangs) {
      hanging.incrementAndGet();
      CountDownLatch over = new CountDownLatch(1);
      context.onCancel(() -> {
        cancelled.incrementAndGet();
        over.countDown();
        release.countDown();
      });
      release.await();
    }
    if (fails != Code.OK) {
      throw Status.of(fails, "it fails").toException();
    }
    return Rig.reply(server.address());
  }

  boolean isLastRetried() {
    return retried.getLast();
  }
}
