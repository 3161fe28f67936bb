package erpc.testing;

import erpc.call.CallOptions;
import erpc.call.Caller;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Service;
import erpc.call.Status;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Stands in for a service in tests: answers what it was told, without a server and without a
 * network.
 *
 * <pre>{@code
 * Fake<Greeter> fake = Fake.of(Greeter.SERVICE).answering(Greeter.HELLO, request -> hello("you"));
 * Greeter greeter = fake.client();
 * }</pre>
 *
 * <p>It may also be served: {@code server.handle(Greeter.SERVICE, fake.client())}. Methods that it
 * was told nothing of fail with UNIMPLEMENTED. Thread-safe.
 *
 * @param <T> the service's interface
 */
public final class Fake<T> {
  private final Service<T> service;
  private final T client;
  private final Map<String, Function<Object, Object>> answers = new ConcurrentHashMap<>();

  private Fake(Service<T> service) {
    this.service = service;
    this.client = service.client(new Answers());
  }

  /** One that knows no answers yet. */
  public static <T> Fake<T> of(Service<T> service) {
    return new Fake<>(service);
  }

  /**
   * Answers a method with one request and one reply, from now on.
   *
   * @param answer what it throws is what the caller gets
   * @throws IllegalArgumentException if the service has no such method, or it streams
   */
  public <Q, R> Fake<T> answering(Method<Q, R> method, Function<Q, R> answer) {
    return put(method, Method.Kind.UNARY, answer);
  }

  /** Answers a method that streams its requests; else as {@link #answering}. */
  public <Q, R> Fake<T> collecting(Method<Q, R> method, Function<Incoming<Q>, R> answer) {
    return put(method, Method.Kind.CLIENT_STREAMING, answer);
  }

  /** Answers a method that streams its replies; else as {@link #answering}. */
  public <Q, R> Fake<T> streaming(Method<Q, R> method, Function<Q, Incoming<R>> answer) {
    return put(method, Method.Kind.SERVER_STREAMING, answer);
  }

  /** Answers a method that streams both ways; else as {@link #answering}. */
  public <Q, R> Fake<T> conversing(Method<Q, R> method, Function<Incoming<Q>, Incoming<R>> answer) {
    return put(method, Method.Kind.BIDIRECTIONAL, answer);
  }

  @SuppressWarnings("unchecked") // Asked for by the method, which fixes its types.
  private Fake<T> put(Method<?, ?> method, Method.Kind kind, Function<?, ?> answer) {
    if (service.methods().stream().noneMatch(each -> each.name().equals(method.name()))) {
      throw new IllegalArgumentException("the service " + service + " has no method " + method);
    }
    if (method.kind() != kind) {
      throw new IllegalArgumentException("method " + method + " is " + method.kind());
    }
    answers.put(method.name(), (Function<Object, Object>) answer);
    return this;
  }

  /** The service's interface, answered by this; the same object each time. */
  public T client() {
    return client;
  }

  @SuppressWarnings("unchecked") // See put.
  private final class Answers implements Caller {
    private Object answer(Method<?, ?> method, Object request) {
      Function<Object, Object> known = answers.get(method.name());
      if (known == null) {
        throw new RpcException(
            Status.Code.UNIMPLEMENTED,
            "the fake of " + service + " was not told what answers " + method);
      }
      Object answer = known.apply(request);
      if (answer == null) {
        throw new NullPointerException("the fake's answer to " + method + " is null");
      }
      return answer;
    }

    private <Q, R> CompletableFuture<R> later(Method<Q, R> method, Object request) {
      try {
        return CompletableFuture.completedFuture((R) answer(method, request));
      } catch (Throwable e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public <Q, R> R call(Method<Q, R> method, Q request, CallOptions options) {
      return (R) answer(method, request);
    }

    @Override
    public <Q, R> CompletableFuture<R> callAsync(
        Method<Q, R> method, Q request, CallOptions options) {
      return later(method, request);
    }

    /** As a real client does, which hears of a failure when it reads. */
    private <R> Incoming<R> stream(Method<?, R> method, Object request) {
      try {
        return (Incoming<R>) answer(method, request);
      } catch (RuntimeException e) {
        return Incoming.written(replies -> {
          throw e;
        });
      }
    }

    @Override
    public <Q, R> Incoming<R> serverStream(Method<Q, R> method, Q request, CallOptions options) {
      return stream(method, request);
    }

    @Override
    public <Q, R> R clientStream(Method<Q, R> method, Incoming<Q> requests, CallOptions options) {
      try (requests) {
        return (R) answer(method, requests);
      }
    }

    @Override
    public <Q, R> CompletableFuture<R> clientStreamAsync(
        Method<Q, R> method, Incoming<Q> requests, CallOptions options) {
      try (requests) {
        return later(method, requests);
      }
    }

    @Override
    public <Q, R> Incoming<R> bidirectional(
        Method<Q, R> method, Incoming<Q> requests, CallOptions options) {
      return stream(method, requests);
    }
  }
}
