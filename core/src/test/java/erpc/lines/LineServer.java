package erpc.lines;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.call.TraceContext;
import erpc.protocol.CallHead;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.Credential;
import erpc.protocol.InboundCall;
import erpc.protocol.ServedConnection;
import erpc.protocol.ServerCalls;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The server's end of a connection of lines. */
final class LineServer extends LineConnection implements ServedConnection {
  private final ServerCalls calls;
  private final CallHead head = new CallHead();
  private final Map<Integer, LineServerCall> open = new TreeMap<>();
  private Credential credential = Credential.NONE;
  private int lastCall;
  private boolean draining;
  private boolean inputClosed;
  private volatile boolean leaving;
  private volatile boolean answered;

  /** Calls that are open, or that somebody still works at. */
  int callsInFlight;

  LineServer(EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls) {
    super(loop, settings, ticker, calls.memory());
    this.calls = calls;
  }

  ServerCalls calls() {
    return calls;
  }

  Credential credential() {
    return credential;
  }

  @Override
  void opened() {}

  @Override
  boolean pausesReading() {
    return true;
  }

  @Override
  int lastCall() {
    return lastCall;
  }

  @Override
  long waitingBytes() {
    return calls.waitingCallBytes() * open.values().stream().filter(LineServerCall::waits).count();
  }

  @Override
  long heldBytes() {
    return open.values().stream().mapToLong(LineServerCall::heldBytes).sum();
  }

  // ---- reading

  @Override
  void heard(Words line) {
    switch (line.kind()) {
      case "CALL" -> call(line);
      case "TOKEN" -> {
        costsNothing();
        if (line.text(1).length() > 8 * 1024) {
          throw new Words.Broken("a token of more than 8 KiB");
        }
        credential = new Credential("bearer", line.text(1));
      }
      case "BYE" -> leaving = true;
      case "SAY", "END", "STOP", "TOOK" -> {
        int id = line.number(1);
        if (id > lastCall || id <= 0) {
          throw new Words.Broken("a line for call " + id + ", which was never made");
        }
        LineServerCall of = open.get(id);
        if (of == null) {
          costsNothing(); // It has ended here meanwhile.
        } else if (line.kind().equals("STOP")) {
          costsNothing();
          of.stopped(Status.Code.of(line.number(2)));
        } else {
          of.heard(line);
        }
      }
      default -> throw new Words.Broken("a client says no such word");
    }
  }

  private void call(Words line) {
    int id = line.number(1);
    if (id <= lastCall) {
      throw new Words.Broken("call " + id + " after call " + lastCall);
    }
    lastCall = id;
    if (draining || inputClosed) {
      return; // Its client knows from BYE that it was not started.
    }
    LineServerCall call = new LineServerCall(this, id, !line.isNone(4));
    head.calls(line.text(2));
    boolean timed = !line.isNone(3);
    int millis = timed ? line.number(3) : 0;
    if (millis < 0) {
      throw new Words.Broken("a timeout below zero");
    }
    head.times(ticker.nanos(), timed ? TimeUnit.MILLISECONDS.toNanos(millis) : CallHead.NO_TIMEOUT);
    head.oneway(!line.isNone(4));
    head.trace(line.isNone(5) ? null : trace(line.text(5)));
    try {
      head.metadata(line.entries(6));
    } catch (IllegalArgumentException e) {
      call.refuse(Status.of(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage())));
      return;
    }
    if (open.size() >= settings.maxStreams()) {
      call.refuse(Status.of(Status.Code.RESOURCE_EXHAUSTED, "too many calls (maxStreams)"));
      return;
    }
    InboundCall taken = calls.begin(head, call, null);
    if (taken != null) {
      open.put(id, call);
      call.begun(taken);
    }
  }

  private static TraceContext trace(String text) {
    try {
      return TraceContext.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Words.Broken("a trace that is none");
    }
  }

  // ---- what calls tell

  void ended(LineServerCall call) {
    open.remove(call.id());
    if (open.isEmpty() && (draining || inputClosed) && isOpen()) {
      closeInOrder(Status.of(Status.Code.UNAVAILABLE, "closed after its last call"));
    }
  }

  void answers() {
    answered = true;
  }

  // ---- the end

  @Override
  void inputClosed() {
    inputClosed = true;
    for (LineServerCall call : List.copyOf(open.values())) {
      call.cut();
    }
    if (open.isEmpty()) {
      closeAfterFlush();
    }
  }

  @Override
  void lost(Status why) {
    List<LineServerCall> all = List.copyOf(open.values());
    open.clear();
    all.forEach(call -> call.lost(why));
  }

  @Override
  void check(long nowNanos) {
    List.copyOf(open.values()).forEach(call -> call.check(nowNanos));
  }

  @Override
  public boolean isLost() {
    return (isClosed() || inputClosed) && !leaving;
  }

  @Override
  public void drain(String why) {
    onLoop(() -> {
      if (isOpen() && !draining) {
        draining = true;
        goodbye(Status.Code.UNAVAILABLE, why);
        if (open.isEmpty()) {
          closeInOrder(Status.of(Status.Code.UNAVAILABLE, why));
        }
      }
    });
  }

  @Override
  public void endCalls(Status why) {
    onLoop(() -> {
      if (isOpen()) {
        draining = true;
        goodbye(Status.Code.UNAVAILABLE, why.message());
        List.copyOf(open.values()).forEach(call -> call.fail(why));
      }
    });
  }

  @Override
  public void forEachCall(Consumer<InboundCall> action) {
    onLoop(() -> List.copyOf(open.values()).forEach(call -> call.show(action)));
  }

  @Override
  public boolean hasAnswered() {
    return answered;
  }

  @Override
  public void closeNow(Status why) {
    onLoop(() -> close(why));
  }
}
