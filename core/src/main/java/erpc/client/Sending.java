package erpc.client;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.Codec;
import erpc.codec.MessageBytes;
import erpc.protocol.DialledConnection;
import erpc.transport.EndpointPool;
import erpc.transport.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * The last steps of a try, once it has an endpoint: encode the message, find a connection, hand the
 * try over. Has no state of its own.
 */
final class Sending {
  private static final Status CANCELLED =
      Status.of(Status.Code.CANCELLED, "the call has ended before it was sent");

  private static final String FULL = "too many bytes wait to be sent (maxBacklogBytes)";

  private Sending() {}

  /**
   * Sends a try to the member that was picked.
   *
   * @param what the call's own request, or what filters have made of it
   * @param outcome told of its end; null for the call itself
   */
  static void send(ClientCall<?, ?> call, Request<?, ?> what, Attempt.@Nullable Outcome outcome) {
    Member to = call.member();
    if (to == null) {
      call.notSent(outcome, CANCELLED); // A filter goes on with a try that has ended.
      return;
    }
    @Nullable MessageBytes bytes;
    try {
      bytes = what.hasBody() ? encoded(call, what) : null;
      call.encodedTo(bytes == null ? 0 : bytes.length());
    } catch (RpcException e) {
      call.notSent(outcome, e.status());
      return;
    } catch (Throwable e) {
      call.notSent(outcome, Coding.broken("request of " + call.methodName(), e).status());
      return;
    }
    sendOn(to, call, what, bytes, outcome);
  }

  /** Sends a try over a connection, if there is one. */
  private static void sendOn(
      Member to,
      ClientCall<?, ?> call,
      Request<?, ?> what,
      @Nullable MessageBytes bytes,
      Attempt.@Nullable Outcome outcome) {
    EndpointPool.@Nullable Lease lease = null;
    @Nullable Attempt attempt = null;
    @Nullable Status lost;
    try {
      boolean shared = to.link.isShared();
      lease = shared ? null : to.link.lease();
      DialledConnection connection =
          shared ? to.link.use() : lease == null ? null : lease.connection();
      if (connection == null) {
        call.foundNoRoom(!shared);
        lost = to.link.whyNot();
      } else {
        Attempt made = Attempt.on(connection);
        made.begin(call, what, outcome, lease);
        attempt = made;
        lost = handOver(call, attempt, bytes, outcome);
      }
    } catch (Throwable e) {
      lost = Coding.callBroke(e);
    }
    if (lost != null) {
      notTaken(call, attempt, lease, outcome, lost);
    } else if (call.isConcluded() && attempt != null) {
      // Whoever ended the call may have been too early to tell the connection.
      attempt.cancel(call, CANCELLED);
    }
  }

  /** Hands a try to a connection, once there is room for it; or says why not. */
  private static @Nullable Status handOver(
      ClientCall<?, ?> call,
      Attempt attempt,
      @Nullable MessageBytes bytes,
      Attempt.@Nullable Outcome outcome) {
    if (bytes != null) {
      attempt.carry(bytes);
    }
    call.prepare(attempt);
    if (!call.begins(attempt) || (outcome != null && !outcome.begins(attempt))) {
      return CANCELLED;
    }
    while (!attempt.start()) {
      call.waits().forRoom();
      Status gaveUp = whyNotWait(call);
      if (gaveUp != null) {
        call.foundNoRoom(!call.mayWaitHere());
        attempt.roomUnused();
        return gaveUp;
      }
      attempt.awaitRoomNanos(leftOfTryNanos(call));
    }
    return null;
  }

  /** Ends a try that no connection has taken, unless somebody else has. */
  private static void notTaken(
      ClientCall<?, ?> call,
      @Nullable Attempt attempt,
      EndpointPool.@Nullable Lease lease,
      Attempt.@Nullable Outcome outcome,
      Status why) {
    if (attempt == null) {
      if (lease != null) {
        lease.release();
      }
      call.notSent(outcome, why);
    } else if (attempt.abandon()) {
      attempt.release();
      call.notSent(outcome, why);
    }
  }

  /** Why a try does not wait (any longer) for room in a connection's queue; null if it does. */
  private static @Nullable Status whyNotWait(ClientCall<?, ?> call) {
    if (!call.mayWaitHere()) {
      return Status.of(Status.Code.RESOURCE_EXHAUSTED, FULL);
    }
    boolean concluded = call.isConcluded();
    if (concluded || Thread.currentThread().isInterrupted()) {
      String by = concluded ? "" : ", by an interrupt of the calling thread";
      return Status.of(Status.Code.CANCELLED, "cancelled while " + FULL + by);
    }
    return leftOfTryNanos(call) > 0
        ? null
        : Status.of(Status.Code.DEADLINE_EXCEEDED, "until the deadline " + FULL);
  }

  /** Another endpoint may have room, so the try waits no longer than it may take. */
  private static long leftOfTryNanos(ClientCall<?, ?> call) {
    return call.tryDeadlineNanos() - call.now();
  }

  /**
   * The request as bytes: one encoding serves all tries, unless a filter changes what they send.
   */
  private static MessageBytes encoded(ClientCall<?, ?> call, Request<?, ?> what) {
    Object body = what.body();
    if (what != call.request()) {
      return Coding.encode(call, what, body, null);
    }
    MessageBytes done = call.encoded();
    if (done == null) {
      Codec codec = Coding.codec(call, what);
      // An event loop has the next message to encode only when this one has been written.
      boolean briefly = Reactor.isEventLoop() && Coding.isImmutable(call, what.method(), codec);
      done = Coding.encode(call, what, body, codec, briefly ? MessageBytes.ofThread() : null);
      call.hold(done, briefly);
    }
    return done;
  }
}
