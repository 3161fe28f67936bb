package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.protocol.CallHead;
import erpc.protocol.Credential;
import erpc.protocol.InboundCall;
import erpc.protocol.LoneCalls;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MemoryShare;
import erpc.protocol.Responder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call on a server's connection, and the way back to its caller. */
final class ServerStream extends Stream implements Responder, LoneCalls.Lone {
  private static final Status HEAD_TOO_LARGE =
      Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "headers and trailers of the reply together pass the limit of "
                  + Wire.MAX_HEAD_BYTES
                  + " bytes")
          .withStarted(Status.Started.YES);

  final ServerConnection connection;
  boolean oneway;
  @Nullable InboundCall call;
  boolean messageSeen;
  boolean ended;

  /** What it ends in is decided. */
  private boolean answered;

  /** Whether its caller is to be told the number of its method, which it called by name. */
  boolean wantsRoute;

  /** Its caller sends no more. */
  boolean requestsEnded;

  /** Whether its connection counts it as a call in flight. */
  private boolean counted;

  /** Whether somebody works at it, from whom an answer is still to come. */
  private boolean underWay;

  /** What of its message is counted while a handler has it. */
  private int inHandler;

  ServerStream(ServerConnection connection) {
    this.connection = connection;
  }

  /** Begins as a call with this head, which may follow another one that is over. */
  void begin(int number, CallHead head) {
    id = number;
    oneway = head.isOneway();
    wantsRoute = head.name() != null;
    call = null;
    messageSeen = false;
    ended = false;
    answered = false;
    requestsEnded = false;
  }

  @Override
  ServerConnection connection() {
    return connection;
  }

  // ---- how far it has come

  /** Its message has come. */
  void messageArrived() {
    messageSeen = true;
  }

  /** Whether its caller sends no more. */
  void setRequestsEnded(boolean value) {
    requestsEnded = value;
  }

  /** Nothing more of it is written or read. */
  void setEnded() {
    ended = true;
  }

  /** Whoever works at it is told no more. */
  void forgetCall() {
    call = null;
  }

  // ---- what it counts as

  /**
   * Whether nothing more is needed of its caller: its requests have ended, or its message is here.
   */
  boolean isRequestComplete() {
    return messages() == null ? messageSeen : requestsEnded;
  }

  /** It has been let in, as this call. */
  void admitted(InboundCall as) {
    call = as;
    counted = true;
    underWay = true;
    connection.callsInFlight++;
  }

  /** It is a stream of messages, which its handler may begin to take and send. */
  void openMessages(InboundCall to) {
    Inbox inbox = new Inbox(connection.ticker, to::interrupted);
    Outbox outbox = new Outbox(connection.ticker, connection.memory, to::interrupted);
    inbox.setStream(this);
    outbox.open(this);
    Messages made = new Messages(inbox, outbox, to.progressNanos(), true, deadlineNanos());
    startMessages(made, connection.batch.nowNanos());
    to.open(inbox, outbox);
  }

  /** Its message goes to its handler. */
  void countInHandler(int messageBytes) {
    if (messageBytes >= MemoryBudget.CALL_BYTES) {
      inHandler = messageBytes;
      connection.share.handlersHold(messageBytes);
    }
  }

  /** Whether nobody waits for its answer, and somebody works at it all the same. */
  boolean mayOutliveConnection() {
    return oneway && messages() == null && messageSeen && underWay && call != null;
  }

  @Override
  public void show(Consumer<InboundCall> action) {
    connection.outflow.onLoop(
        () -> {
          InboundCall shown = call;
          if (shown != null) {
            action.accept(shown);
          }
        },
        Outflow.LOOP_GONE);
  }

  @Override
  public void end(Status why) {
    connection.outflow.onLoop(() -> connection.alone.end(this, why), Outflow.LOOP_GONE);
  }

  /** The connection closed before its answer could be written. */
  void answerDropped() {
    underWay = false;
    if (oneway) {
      connection.outflow.onLoop(() -> connection.alone.handlerEnded(this), Outflow.LOOP_GONE);
    }
  }

  /** Nobody works at it any more. */
  void workEnded() {
    underWay = false;
    uncount();
    if (oneway) {
      connection.alone.handlerEnded(this);
    }
  }

  /** Counts no more once it has ended and nobody works at it. */
  void uncount() {
    if (counted && ended && !underWay) {
      counted = false;
      connection.callsInFlight--;
      if (inHandler > 0) {
        connection.share.handlersHold(-inHandler);
        inHandler = 0;
      }
    }
  }

  @Override
  public int callsInFlight() {
    return connection.callsInFlight;
  }

  @Override
  public MemoryShare share() {
    return connection.share;
  }

  /**
   * Lets go of all it holds of its caller if nobody knows of it any more: it has been answered
   * right where it began, and has had nothing but one frame each way.
   *
   * @return whether it has, and may begin again
   */
  boolean recycle() {
    InboundCall was = call;
    boolean oneFrame = messages() == null && receiveWindow() == null && sendWindow() == null;
    if (!ended || !oneFrame || was == null || !was.rest()) {
      return false;
    }
    forgetParts();
    return true;
  }

  /** What it ends in; OK while that is not decided. */
  Status status() {
    StreamParts of = partsIfAny();
    return of == null ? Status.OK : of.status();
  }

  Metadata headers() {
    StreamParts of = partsIfAny();
    return of == null ? Metadata.EMPTY : of.headers();
  }

  Metadata trailers() {
    StreamParts of = partsIfAny();
    return of == null ? Metadata.EMPTY : of.trailers();
  }

  /** Whether there is nothing to say but OK and the message. */
  boolean hasUsualAnswer() {
    return !wantsRoute
        && (partsIfAny() == null
            || (headers().isEmpty() && trailers().isEmpty() && status() == Status.OK));
  }

  @Override
  public Peer peer() {
    return connection;
  }

  @Override
  public Credential credential() {
    return connection.credential;
  }

  @Override
  public void onLoop(Runnable task) {
    connection.loop.execute(task);
  }

  @Override
  public boolean isOnLoop() {
    return connection.loop.inEventLoop();
  }

  @Override
  public void respond(Status status, Metadata headers, Metadata trailers) {
    respond(status, headers, trailers, 0, NOTHING, 0, Ownership.SHARED);
  }

  @Override
  public void reply(
      Metadata headers,
      Metadata trailers,
      int encoding,
      byte[] body,
      int length,
      Ownership ownership) {
    respond(Status.OK, headers, trailers, encoding, body, length, ownership);
  }

  private void respond(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      byte[] body,
      int length,
      Ownership ownership) {
    boolean fits = ResponseHead.most(status, headers, trailers) <= Wire.MAX_HEAD_BYTES;
    Status sent = fits || !status.isOk() ? status : HEAD_TOO_LARGE;
    Metadata before = fits ? headers : Metadata.EMPTY;
    Metadata after = fits ? trailers : Metadata.EMPTY;
    int bytes = sent.isOk() ? length : 0;
    if (!isOnLoop()) {
      handOver(
          sent.isOk()
              ? new Answer(this, before, after, encoding, body, bytes, ownership)
              : new Answer(this, sent, before, after));
    } else if (decideOnce(sent, before, after)) {
      setBody(encoding, body, bytes, ownership);
      var unused = connection.outflow.submit(this);
    } else {
      workEnded(); // It has ended before; only the connection counts it still.
    }
  }

  private void handOver(Answer answer) {
    answer.charge(connection.memory, answer.length);
    OutboundQueue.Offer offer = connection.outflow.submit(answer);
    if (offer == OutboundQueue.Offer.FULL) {
      offer = submitOnceThereIsRoom(answer);
    }
    if (offer == OutboundQueue.Offer.FULL || offer == OutboundQueue.Offer.CLOSED) {
      answer.uncharge(connection.memory);
      if (offer == OutboundQueue.Offer.FULL) {
        connection.outflow.onLoop(this::workEnded, Outflow.LOOP_GONE);
      } else if (oneway) {
        connection.outflow.onLoop(() -> connection.alone.handlerEnded(this), Outflow.LOOP_GONE);
      }
    }
  }

  /**
   * Waits whether its thread is interrupted or not, which is told when the answer is handed over.
   */
  private OutboundQueue.Offer submitOnceThereIsRoom(Answer answer) {
    boolean interrupted = false;
    OutboundQueue.Offer offer = OutboundQueue.Offer.FULL;
    while (offer == OutboundQueue.Offer.FULL) {
      long leftNanos = deadlineNanos() - connection.ticker.nanos();
      if (leftNanos <= 0) {
        // The event loop has answered, or is about to answer, that the deadline has passed.
        connection.outflow.roomUnused();
        break;
      }
      interrupted |= Thread.interrupted();
      connection.outflow.awaitRoom(leftNanos, answer.size());
      offer = connection.outflow.submit(answer);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return offer;
  }

  /**
   * Decides what the call ends in, unless that has been decided; on the event loop.
   *
   * @return false if the call has ended, or will end, in something else
   */
  boolean decideOnce(Status status, Metadata headers, Metadata trailers) {
    if (ended || answered) {
      return false;
    }
    decide(status, headers, trailers);
    return true;
  }

  /** Has the call end in a status, whatever was decided and has not been written. */
  void endWith(Status why) {
    decide(why, Metadata.EMPTY, Metadata.EMPTY);
    setBody(0, NOTHING, 0, Ownership.SHARED);
  }

  private void decide(Status status, Metadata headers, Metadata trailers) {
    answered = true;
    boolean usual = status == Status.OK && headers.isEmpty() && trailers.isEmpty();
    if (!usual || partsIfAny() != null) {
      parts().endsIn(status, headers, trailers);
    }
  }

  /** What the event loop answers cannot wait for room. */
  @Override
  boolean isRefusable() {
    return false;
  }

  @Override
  void accepted() {
    workEnded();
  }

  @Override
  void write() {
    if (!ended) {
      connection.replies.write(this);
    }
  }

  @Override
  void dropped() {}

  @Override
  void expired() {
    connection.expire(this);
  }

  @Override
  void send(StreamOutbound item) {
    connection.replies.markBegun();
    connection.messages.send(this, item);
  }

  @Override
  boolean writeFrame(int mostData) {
    return !ended && connection.replies.writeFrame(this, mostData);
  }
}
