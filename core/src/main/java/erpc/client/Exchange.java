package erpc.client;

import erpc.call.Incoming;
import erpc.call.Metadata;
import erpc.call.Outgoing;
import erpc.call.RpcException;
import erpc.call.Status;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call with streams of messages, as its caller sees it: replies to be read, and, if the method
 * streams its requests, requests to be sent. One thread may read while another sends; any thread
 * may close. To be closed in any case: what has not ended by then is cancelled, here and at the
 * server.
 *
 * <p>Neither side runs away from the other: who sends waits until there is room, who reads waits
 * until there is a message, and if nothing moves for the progress timeout (30 s unless the settings
 * or the method say otherwise) the call ends with DEADLINE_EXCEEDED.
 *
 * @param <Q> what is sent
 * @param <R> what comes back
 */
public final class Exchange<Q, R> implements Incoming<R>, Outgoing<Q>, AutoCloseable {
  static final Status OVER =
      Status.of(
              Status.Code.FAILED_PRECONDITION,
              "the server has ended the call in OK and takes no more messages")
          .withStarted(Status.Started.YES);

  private static final Status CLOSED =
      Status.of(Status.Code.CANCELLED, "the caller closed the stream")
          .withStarted(Status.Started.MAYBE);

  private final StreamCall<Q, R> call;

  Exchange(StreamCall<Q, R> call) {
    this.call = call;
  }

  /**
   * Sends a message, waiting for room.
   *
   * @throws RpcException if the call has ended, or the message cannot be encoded (the call then
   *     goes on)
   * @throws IllegalStateException if the method takes one request, or something is being sent
   *     already
   * @throws NullPointerException if there is no message (the call then goes on)
   */
  @Override
  public void send(Q message) {
    requireOpen();
    if (message == null) {
      throw new NullPointerException(
          "a message of "
              + call.methodName()
              + " must not be null: send an empty one, or finish() if there is no more to say");
    }
    ended(call.send(message));
  }

  /**
   * As {@link #send}, but how the call has ended is returned: whoever reads is about to be told.
   *
   * @return null once it has been queued
   */
  @Nullable Status offer(Q message) {
    requireOpen();
    return call.send(Objects.requireNonNull(message, "a message of a stream"));
  }

  /** As {@link #finish}, but how the call has ended is no concern of this thread's. */
  void finishQuietly() {
    requireOpen();
    var unused = call.outbox.finish();
  }

  /**
   * Says that there will be no more messages. Replies may still come.
   *
   * @throws RpcException if the call has ended otherwise than in OK
   * @throws IllegalStateException if the method takes one request, or something is being sent
   *     already
   */
  public void finish() {
    requireOpen();
    Status how = call.outbox.finish();
    if (how != null && !how.isOk()) {
      throw new RpcException(how, null);
    }
  }

  /**
   * Says that there will be no more messages and waits for the only reply.
   *
   * @throws RpcException if the call ends otherwise than in OK, or without or with more than one
   *     reply
   */
  public R reply() {
    finish();
    return one();
  }

  private void requireOpen() {
    if (!call.request().method().kind().streamsRequests()) {
      throw new IllegalStateException(
          "method " + call.methodName() + " takes one request, which has been sent");
    }
  }

  private static void ended(@Nullable Status how) {
    if (how != null) {
      throw new RpcException(how.isOk() ? OVER : how, null);
    }
  }

  @Override
  public @Nullable R next() {
    ByteBuffer bytes = call.inbox.next();
    if (bytes != null) {
      return call.received(decoded(bytes));
    }
    Status end = call.inbox.end();
    // Not ended yet: another thread is about to, and throws away what comes.
    Status how = end == null ? CLOSED : end;
    R given = how.isOk() ? call.given() : null;
    if (given == null) {
      call.seen(how);
      if (!how.isOk()) {
        throw new RpcException(how, null);
      }
    }
    return given;
  }

  private R decoded(ByteBuffer bytes) {
    try {
      return Coding.decode(call, call.inbox.encoding(), bytes);
    } catch (RpcException e) {
      // What follows cannot be told from what was lost.
      call.cancel(Status.of(Status.Code.CANCELLED, "a reply could not be read"));
      throw e;
    }
  }

  @Override
  public R one() {
    R first = next();
    if (first == null) {
      throw wrong("the server answered OK without a message");
    }
    if (next() != null) {
      close();
      throw wrong("the server answered more than one message");
    }
    return first;
  }

  private static RpcException wrong(String text) {
    return Status.of(Status.Code.INTERNAL, text).withStarted(Status.Started.YES).toException();
  }

  /** Where it went, {@code host:port} or {@code unix:/path}; null while that is not decided. */
  @Nullable String reachedAt() {
    Member member = call.member();
    return member == null ? null : member.address();
  }

  /** Metadata that came before the first message; complete once there was one, or the end. */
  public Metadata headers() {
    return call.inbox.headers();
  }

  /** Metadata that came with the status; empty until the call has ended. */
  public Metadata trailers() {
    return call.inbox.trailers();
  }

  /** How the call has ended, or null while it has not; messages may still wait to be read. */
  public @Nullable Status status() {
    return call.inbox.end();
  }

  /** Ends the call: unless it has ended it is cancelled, here and at the server. */
  @Override
  public void close() {
    call.inbox.discard();
    call.cancel(Status.of(Status.Code.CANCELLED, "the caller closed the stream"));
    Status end = call.inbox.end();
    call.seen(end == null ? CLOSED : end);
  }
}
