package erpc.lines;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.DialledConnection;
import erpc.protocol.MemoryBudget;
import erpc.protocol.OutboundCall;
import erpc.protocol.OutboundStream;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The client's end of a connection of lines. */
final class LineClient extends LineConnection implements DialledConnection {
  private static final Status DRAINING =
      Status.of(Status.Code.UNAVAILABLE, "the server is draining");

  private final Map<Integer, LineClientCall> open = new TreeMap<>();
  private final List<LineClientCall> waiting = new ArrayList<>();
  private int lastCall;
  private int onewaySent;
  private @Nullable String token;
  private volatile int openStreams;
  private volatile boolean leaving;
  private volatile boolean dismissed;
  private volatile boolean refused;
  private volatile boolean answered;

  LineClient(EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory) {
    super(loop, settings, ticker, memory);
  }

  @Override
  public ChannelHandler handler() {
    return this;
  }

  @Override
  void opened() {
    if (token != null) {
      write(Words.line("TOKEN", Words.text(token)));
    }
    List<LineClientCall> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(this::open);
  }

  // ---- calls

  @Override
  public OutboundStream stream(OutboundCall call) {
    return new LineClientCall(this, call);
  }

  @Override
  public @Nullable OutboundStream recycled() {
    return null;
  }

  /** Sends a call, or keeps it until there is a socket. */
  void open(LineClientCall call) {
    if (why() != null || leaving) {
      call.endUnanswered(whyNotOpened());
    } else if (!isOpen()) {
      waiting.add(call);
      call.watch();
    } else if (call.take()) {
      lastCall++;
      call.send(lastCall);
      if (call.call().isOneway()) {
        onewaySent++;
      } else {
        open.put(lastCall, call);
        openStreams = open.size();
      }
      call.sent();
    }
  }

  void forget(LineClientCall call) {
    waiting.remove(call);
    open.remove(call.id());
    openStreams = open.size();
    if (leaving && open.isEmpty() && isOpen()) {
      onLoop(() ->
          closeInOrder(
              Status.of(Status.Code.UNAVAILABLE, "the connection was closed after its last")));
    }
  }

  Status whyNotOpened() {
    Status why = why();
    return (why == null ? DRAINING : why).withStarted(Status.Started.NO);
  }

  // ---- reading

  @Override
  void heard(Words line) {
    if (line.kind().equals("BYE")) {
      bye(line);
      return;
    }
    int id = line.number(1);
    if (id <= 0 || id > lastCall) {
      throw new Words.Broken("a line for call " + id + ", which was never made");
    }
    answered = true;
    LineClientCall of = open.get(id);
    if (of != null) {
      of.heard(line);
    }
  }

  private void bye(Words line) {
    Status.Code code = Status.Code.of(line.number(1));
    int last = line.number(2);
    boolean inOrder = code == Status.Code.OK || code == Status.Code.UNAVAILABLE;
    dismissed = true;
    refused = !inOrder && last == 0;
    leaving = true;
    Status why = Status.of(Status.Code.UNAVAILABLE, "the server ended it: " + line.text(3));
    for (LineClientCall call : List.copyOf(open.values())) {
      if (call.id() > last) {
        call.end(why.withStarted(Status.Started.NO), Metadata.EMPTY);
      }
    }
    if (!inOrder) {
      close(why);
    } else if (open.isEmpty()) {
      closeInOrder(why);
    }
  }

  @Override
  void inputClosed() {
    closeAfterFlush();
  }

  @Override
  void check(long nowNanos) {
    List.copyOf(open.values()).forEach(call -> call.check(nowNanos));
  }

  @Override
  void lost(Status why) {
    List<LineClientCall> all = new ArrayList<>(waiting);
    all.addAll(open.values());
    waiting.clear();
    open.clear();
    all.forEach(call -> call.endUnanswered(why));
  }

  @Override
  int lastCall() {
    return lastCall;
  }

  @Override
  long waitingBytes() {
    return 0;
  }

  @Override
  long heldBytes() {
    return open.values().stream().mapToLong(LineClientCall::heldBytes).sum();
  }

  // ---- for the layers above

  @Override
  public boolean isUsable() {
    return !leaving && why() == null;
  }

  @Override
  public double load() {
    return Math.max(
        openStreams / (double) settings.maxStreams(),
        backlogBytes() / (double) settings.maxBacklogBytes());
  }

  @Override
  public int openStreams() {
    return openStreams;
  }

  @Override
  public long nowNanos() {
    return ticker.nanos();
  }

  @Override
  public void bearer(String value) {
    onLoop(() -> {
      token = value;
      if (isOpen()) {
        write(Words.line("TOKEN", Words.text(value)));
      }
    });
  }

  @Override
  public void retire() {
    leaving = true;
    onLoop(() -> {
      if (why() == null && open.isEmpty()) {
        bye(Status.of(Status.Code.UNAVAILABLE, "the connection was closed"));
      }
    });
  }

  private void bye(Status why) {
    if (isOpen()) {
      goodbye(Status.Code.OK, "");
    }
    closeInOrder(why);
  }

  @Override
  public void closeNow(Status why) {
    onLoop(() -> {
      if (onewaySent > 0 && why() == null) {
        bye(why);
      } else {
        close(why);
      }
    });
  }

  @Override
  public @Nullable Status whyClosed() {
    return why();
  }

  @Override
  public void onGone(Runnable action) {
    try {
      loop.execute(() -> onChannelClosed(action));
    } catch (RejectedExecutionException e) {
      action.run();
    }
  }

  @Override
  public boolean wasGreeted() {
    return isGreeted() && !refused;
  }

  @Override
  public boolean hasAnswered() {
    return answered;
  }

  @Override
  public boolean endsInGoodOrder() {
    return leaving && !refused;
  }

  @Override
  public boolean wasDismissed() {
    return dismissed;
  }
}
