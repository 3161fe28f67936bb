package erpc.protocol.own;

import erpc.protocol.ManualTicker;
import erpc.protocol.MemoryBudget;
import java.util.ArrayList;
import java.util.List;

/** A stream without a connection: what is queued on it stays in a list. */
class TestStream extends Stream {
  static final MemoryBudget MEMORY = new MemoryBudget(1 << 20);

  final List<Outbound> submitted = new ArrayList<>();
  final List<StreamOutbound> written = new ArrayList<>();
  OutboundQueue.Offer answer = OutboundQueue.Offer.QUEUED;

  @Override
  Connection<?> connection() {
    throw new UnsupportedOperationException("a stream without a connection");
  }

  @Override
  OutboundQueue.Offer submit(Outbound item) {
    submitted.add(item);
    return answer;
  }

  /** Makes it a stream of messages that go out here. */
  void sends(Outbox out) {
    startMessages(new Messages(new Inbox(new ManualTicker(), () -> {}), out, 1, true, 1), 0);
  }

  /** What the event loop would do with everything that was queued. */
  void drain() {
    List<Outbound> all = List.copyOf(submitted);
    submitted.clear();
    all.forEach(item -> {
      item.accepted();
      item.write();
    });
  }

  @Override
  void send(StreamOutbound item) {
    written.add(item);
  }

  @Override
  void expired() {}

  @Override
  boolean writeFrame(int mostData) {
    return false;
  }

  @Override
  void creditWasTaken() {}

  @Override
  boolean isCreditShort() {
    return false;
  }

  @Override
  int aheadBytes() {
    return Outbox.AHEAD_BYTES;
  }

  @Override
  MemoryBudget memory() {
    return MEMORY;
  }

  @Override
  void awaitRoom(int bytes) {}

  @Override
  void accepted() {}

  @Override
  void write() {}

  @Override
  void dropped() {}

  @Override
  public void roomUnused() {}
}
