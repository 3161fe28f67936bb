package erpc.discovery;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A center whose every answer the test gives: calls are handed over one by one and wait for it,
 * streams for one after another.
 */
final class ScriptedCenter implements CenterCalls {
  /** A call that waits for its answer. */
  static final class Call {
    final String method;
    final Message request;
    private final BlockingQueue<Object> answer = new LinkedBlockingQueue<>();

    Call(String method, Message request) {
      this.method = method;
      this.request = request;
    }

    /** What was sent on a line. */
    final BlockingQueue<Message> sent = new LinkedBlockingQueue<>();

    /** Whether whoever reads the stream has closed it. */
    volatile boolean closed;

    void answer(Message reply) {
      answer.add(reply);
    }

    void fail(Status.Code code) {
      answer.add(new RpcException(code, "scripted"));
    }

    void fail(Error error) {
      answer.add(error);
    }
  }

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();

  volatile String reachedAt = "127.0.0.1";

  /** Whether there are lines. */
  volatile boolean hasLines;

  /** The next call, which must come. */
  Call next() throws InterruptedException {
    Call call = calls.poll(20, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no call came");
    }
    return call;
  }

  /** The next call, which must be of this method. */
  Call next(String method) throws InterruptedException {
    Call call = next();
    if (!call.method.equals(method)) {
      throw new AssertionError("a call of " + call.method + " came, not of " + method);
    }
    return call;
  }

  boolean hasCall() {
    return !calls.isEmpty();
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      String method, Q request, Class<R> replyType, Duration timeout) {
    Call call = new Call(method, request);
    calls.add(call);
    return take(call, replyType);
  }

  @Override
  public <Q extends Message, R extends Message> Incoming<R> stream(
      String method, Q request, Class<R> replyType) {
    Call call = new Call(method, request);
    calls.add(call);
    return new Incoming<>() {
      @Override
      public R next() {
        return take(call, replyType);
      }

      @Override
      public R one() {
        throw new AssertionError("a watch has many");
      }

      @Override
      public void close() {
        call.closed = true;
      }
    };
  }

  @Override
  public String reachedAt(Incoming<?> replies) {
    return reachedAt;
  }

  @Override
  public <Q extends Message, R extends Message> CenterLine<Q, R> line(Method<Q, R> method) {
    if (!hasLines) {
      return null;
    }
    Call call = new Call(method.name(), null);
    calls.add(call);
    return new CenterLine<>() {
      @Override
      public void send(Q message) {
        call.sent.add(message);
      }

      @Override
      public R next() {
        return take(call, method.responseType().raw());
      }

      @Override
      public R one() {
        throw new AssertionError("a line has many");
      }

      @Override
      public void close() {
        call.closed = true;
        call.fail(Status.Code.CANCELLED);
      }
    };
  }

  private static <R> R take(Call call, Class<R> replyType) {
    try {
      Object answer = call.answer.take();
      if (answer instanceof RpcException failure) {
        throw failure;
      }
      if (answer instanceof Error error) {
        throw error;
      }
      return replyType.cast(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcException(Status.Code.CANCELLED, "interrupted");
    }
  }
}
