package erpc.client;

import erpc.call.CallOptions;
import erpc.call.Caller;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Service;
import erpc.call.Target;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The calls of one generated client: requests of its methods, made by a client. Thread-safe. */
final class ServiceCalls implements Caller {
  private final Client client;
  private final Calls calls;

  /** What counts where a call says nothing. */
  private final CallOptions options;

  /** What its methods are for this client; null if they are what generated code says. */
  private final @Nullable IdentityHashMap<Method<?, ?>, Described<?, ?>> described;

  /** A method as it is described, and where its calls go. */
  private record Described<Q, R>(Method<Q, R> method, @Nullable Target target) {}

  private ServiceCalls(
      Client client,
      Calls calls,
      CallOptions options,
      @Nullable IdentityHashMap<Method<?, ?>, Described<?, ?>> described) {
    this.client = client;
    this.calls = calls;
    this.options = options;
    this.described = described;
  }

  /**
   * A generated client.
   *
   * @param place where its calls go, {@code ip://127.0.0.1:8877}; null for where the service is
   */
  static <T> T of(
      Client client, Calls calls, Service<T> service, @Nullable String place, CallOptions options) {
    Map<String, Method<?, ?>> byName = new HashMap<>();
    service.methods().forEach(each -> byName.put(each.name(), each));
    IdentityHashMap<Method<?, ?>, Described<?, ?>> described = new IdentityHashMap<>();
    for (Method<?, ?> each : service.declared()) {
      Method<?, ?> now = byName.getOrDefault(each.name(), each);
      Target target = place == null ? null : Target.parse(place + "/" + each.name());
      if (now != each || target != null) {
        described.put(each, new Described<>(now, target));
      }
    }
    return service.client(
        new ServiceCalls(client, calls, options, described.isEmpty() ? null : described));
  }

  private <Q, R> Request<Q, R> request(Method<Q, R> method, Q body, CallOptions said) {
    Described<Q, R> known = described(method);
    return complete(Request.of(known == null ? method : known.method, body), known, said);
  }

  private <Q, R> Request<Q, R> opening(Method<Q, R> method, CallOptions said) {
    Described<Q, R> known = described(method);
    return complete(Request.opening(known == null ? method : known.method), known, said);
  }

  private <Q, R> Request<Q, R> complete(
      Request<Q, R> request, @Nullable Described<Q, R> known, CallOptions said) {
    CallOptions all = said.over(options);
    Request<Q, R> saying =
        all == CallOptions.NONE ? request : request.withOptions(all.over(request.options()));
    return known == null || known.target == null ? saying : saying.withTarget(known.target);
  }

  @SuppressWarnings("unchecked") // Put there for a method of the same name, kind and types.
  private <Q, R> @Nullable Described<Q, R> described(Method<Q, R> method) {
    return described == null ? null : (Described<Q, R>) described.get(method);
  }

  @Override
  public <Q, R> R call(Method<Q, R> method, Q request, CallOptions said) {
    return calls.body(request(method, request, said));
  }

  @Override
  public <Q, R> CompletableFuture<R> callAsync(Method<Q, R> method, Q request, CallOptions said) {
    Request<Q, R> made;
    try {
      made = request(method, request, said);
    } catch (RuntimeException e) {
      return CallFuture.failed(e);
    }
    return calls.bodyAsync(made);
  }

  @Override
  public <Q, R> Incoming<R> serverStream(Method<Q, R> method, Q request, CallOptions said) {
    return client.open(request(method, request, said));
  }

  @Override
  public <Q, R> R clientStream(Method<Q, R> method, Incoming<Q> requests, CallOptions said) {
    try (Upload<Q, R> call = upload(method, requests, said)) {
      return call.one();
    }
  }

  @Override
  public <Q, R> CompletableFuture<R> clientStreamAsync(
      Method<Q, R> method, Incoming<Q> requests, CallOptions said) {
    return Upload.later(() -> upload(method, requests, said));
  }

  @Override
  public <Q, R> Incoming<R> bidirectional(
      Method<Q, R> method, Incoming<Q> requests, CallOptions said) {
    return upload(method, requests, said);
  }

  private <Q, R> Upload<Q, R> upload(Method<Q, R> method, Incoming<Q> requests, CallOptions said) {
    Objects.requireNonNull(requests, "requests");
    Request<Q, R> opening;
    try {
      opening = opening(method, said);
    } catch (Throwable e) {
      requests.close();
      throw e;
    }
    return new Upload<>(client, opening, requests);
  }
}
