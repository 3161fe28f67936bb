package erpc.client;

import erpc.call.Deadline;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A call with streams of messages. Its inbox and outbox outlive its tries: another try fills the
 * same ones, as long as nothing has been in them.
 */
final class StreamCall<Q, R> extends ClientCall<Q, R> {
  /** Whoever has so much left, some seventy years, has no end. */
  private static final long ENDLESS_NANOS =
      Deadline.saturatedNanos(Duration.ofSeconds(Long.MAX_VALUE)) / 2;

  private final Thread caller = Thread.currentThread();
  final MessageSource inbox;
  final MessageSink outbox;

  /** Of messages, by who sends; whoever ends the call sees what it was a moment ago. */
  private long sentBytes;

  /** What filters make of its messages; null if there are none. */
  private final @Nullable MessageFilters filters;

  /** What a filter has answered in the place of the server; read by the reader after the end. */
  private @Nullable Iterator<?> given;

  StreamCall(Destination destination, Request<Q, R> request, @Nullable MessageFilters filters) {
    super(destination, request);
    this.filters = filters;
    ClientStack stack = destination.stack();
    inbox = stack.protocol.source(stack.ticker, this::interrupted);
    outbox = stack.protocol.sink(stack.ticker, stack.memory, this::interrupted);
  }

  /**
   * Whether the server need not be told when it ends: neither it nor the call around it has an end.
   */
  private boolean isEndless() {
    return leftNanos() > ENDLESS_NANOS;
  }

  private void interrupted() {
    cancel(Status.of(Status.Code.CANCELLED, "the calling thread was interrupted"));
  }

  private long progressNanos() {
    Duration own = request().method().progressTimeout();
    return Deadline.saturatedNanos(
        own == null ? stack().settings.connection().progressTimeout() : own);
  }

  @Override
  void prepare(Attempt attempt) {
    boolean sends = request().method().kind().streamsRequests();
    attempt.stream(inbox, sends ? outbox : null, progressNanos(), isEndless());
  }

  @Override
  boolean repeats() {
    return inbox.isUntouched() && outbox.reopen();
  }

  @Override
  long patienceNanos() {
    return progressNanos();
  }

  @Override
  protected long seenRequestBytes() {
    return super.seenRequestBytes() + sentBytes;
  }

  @Override
  protected long seenReplyBytes() {
    return inbox.receivedBytes();
  }

  @Override
  void attemptAgain() {
    attempt();
  }

  @Override
  void again(ClientCall<?, ?> copy) {
    copy.attempt();
  }

  @Override
  Executor worker() {
    return this::onThread;
  }

  @Override
  boolean isInterrupted() {
    return caller.isInterrupted();
  }

  @Override
  boolean mayWaitHere() {
    return Thread.currentThread() == caller;
  }

  /** Encodes and sends a message; null, or how the call has ended. */
  @Nullable Status send(Q message) {
    MessageBytes memory = outbox.claim();
    try {
      Object passed = filters == null ? message : passed(filters, message);
      MessageBytes bytes = Coding.encode(this, request(), passed, memory);
      Status ended = outbox.send(bytes);
      if (ended == null) {
        sentBytes += bytes.length();
      }
      return ended;
    } catch (RpcException e) {
      // Of this message, but what it says of the start is said of the call.
      throw new RpcException(e.status().withStarted(Status.Started.MAYBE), e);
    } finally {
      outbox.release();
    }
  }

  @Override
  void answered(
      Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    end(Status.OK, headers, trailers);
  }

  private Object passed(MessageFilters by, Object message) {
    try {
      return by.request(message);
    } catch (RpcException e) {
      cancel(e.status());
      throw e;
    }
  }

  /** A message for the caller, as filters have left it. */
  R received(R message) {
    if (filters == null) {
      return message;
    }
    try {
      return request().method().responseType().cast(filters.reply(message));
    } catch (RpcException e) {
      cancel(e.status());
      throw e;
    }
  }

  /** The next message that a filter has given in the place of the server; null if there is none. */
  @Nullable R given() {
    if (filters == null) {
      return null;
    }
    filters.throwRefusal();
    Iterator<?> rest = given;
    try {
      return rest != null && rest.hasNext()
          ? request().method().responseType().cast(filters.reply(rest.next()))
          : null;
    } catch (Throwable e) {
      throw filters.refused(e);
    }
  }

  /** The caller has seen how it has ended, or wants no more of it. */
  void seen(Status end) {
    if (filters != null) {
      filters.ended(end);
    }
  }

  @Override
  void answeredBy(int filter) {
    if (filters != null) {
      filters.answeredBy(filter);
    }
  }

  @Override
  void answered(Reply<?> reply) {
    given = filters == null ? null : filters.given(reply);
    end(Status.OK, reply.headers(), reply.trailers());
  }

  @Override
  void failed(Status status) {
    end(status, Metadata.EMPTY, Metadata.EMPTY);
  }

  private void end(Status status, Metadata headers, Metadata trailers) {
    if (!headers.isEmpty()) {
      inbox.headers(headers);
    }
    // First: whoever has read the end must not be able to send any more.
    outbox.end(status);
    inbox.end(status, trailers);
  }
}
