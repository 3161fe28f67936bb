package erpc.client;

import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.RpcException;
import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The end of a try that one thread waits for. */
final class AwaitedOutcome extends Attempt.Outcome {
  /** Stands for the reply of a call that has none, for filters around it. */
  static final byte[] NO_ANSWER = {};

  private final ClientCall<?, ?> call;
  private final FilteredTry<?> around;
  private final Thread waiter = Thread.currentThread();

  private @Nullable Attempt attempt;
  private @Nullable Status status;
  private Metadata headers = Metadata.EMPTY;
  private Metadata trailers = Metadata.EMPTY;
  private int encoding;
  private byte @Nullable [] bytes;

  /** Set by whoever tells the end, for good; publishes what is above. */
  private volatile boolean ended;

  AwaitedOutcome(ClientCall<?, ?> call, FilteredTry<?> around) {
    this.call = call;
    this.around = around;
  }

  @Override
  boolean begins(Attempt started) {
    attempt = started;
    return around.begins(started);
  }

  @Override
  void ended(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length) {
    this.status = status;
    this.headers = headers;
    this.trailers = trailers;
    this.encoding = encoding;
    if (in != null) {
      byte[] copy = new byte[length];
      in.getBytes(in.readerIndex(), copy);
      bytes = copy;
    }
    around.ended(attempt, status);
    ended = true;
    LockSupport.unpark(waiter);
  }

  /** Waits for the end, which comes at the deadline at the latest. */
  Reply<?> await() {
    boolean interrupted = false;
    while (!ended) {
      LockSupport.park(this);
      if (!interrupted && Thread.interrupted()) {
        interrupted = true;
        call.cancel(Status.of(Status.Code.CANCELLED, "the calling thread was interrupted"));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Status how = Objects.requireNonNull(status);
    byte[] body = bytes;
    if (!how.isOk()) {
      throw new RpcException(how, null);
    }
    if (body == null) {
      return Reply.of(NO_ANSWER);
    }
    call.replied(body.length);
    return Coding.decode(call, headers, trailers, encoding, ByteBuffer.wrap(body));
  }
}
