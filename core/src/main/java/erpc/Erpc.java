package erpc;

import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Service;
import erpc.client.Client;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.server.StreamHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * erpc in one line each, over one client and one set of handlers for the whole process. Whoever
 * wants several, or to say more of them, makes {@link Client}s and {@link Server}s. Thread-safe.
 */
public final class Erpc {
  /** Where the center listens and is looked for unless it is said otherwise. */
  public static final String DEFAULT_CENTER = Client.DEFAULT_CENTER;

  private static final List<Handling> HANDLERS = new ArrayList<>(); // guarded by the class

  /** Those that listen; what is over is held by nobody. Guarded by the class. */
  private static final Set<Server> SERVERS = Collections.newSetFromMap(new WeakHashMap<>());

  private static @Nullable Client client; // guarded by the class

  private Erpc() {}

  // ---- center

  /**
   * Runs a center in this process, at {@value #DEFAULT_CENTER}, until the process ends.
   *
   * @throws IllegalStateException if the artifact {@code erpc-center} is missing
   * @throws IOException if it cannot listen there
   */
  public static void listenCenter() throws IOException {
    listenCenter(DEFAULT_CENTER);
  }

  /**
   * Runs a center in this process until the process ends.
   *
   * @return what stops it earlier
   * @throws IllegalStateException if the artifact {@code erpc-center} is missing
   * @throws IOException if it cannot listen there
   */
  public static AutoCloseable listenCenter(String address) throws IOException {
    return centerProvider().listen(address);
  }

  /**
   * Looked for beside erpc itself, since a thread of a pool may have any class loader for its
   * context; only then by that, where erpc is shared by programs that bring the center.
   */
  private static CenterProvider centerProvider() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return ServiceLoader.load(CenterProvider.class, Erpc.class.getClassLoader())
        .findFirst()
        .or(() -> ServiceLoader.load(CenterProvider.class, context).findFirst())
        .orElseThrow(() ->
            new IllegalStateException(
                "no center to run: add the artifact io.github.edte.erpc:erpc-center to the class path,"
                    + " and its META-INF/services to a jar that is packed of several"));
  }

  // ---- server

  /**
   * Answers a method on every server of this process, each call on a virtual thread of its own.
   *
   * @throws IllegalArgumentException if the name is malformed or has a handler already
   */
  public static <Q, R> void handle(
      String method, Class<Q> requestType, Class<R> replyType, Handler<Q, R> handler) {
    handle(Method.unary(method, requestType, replyType), handler);
  }

  /**
   * Answers a method on every server of this process, each call on a virtual thread of its own.
   *
   * @throws IllegalArgumentException if the method has a handler already
   */
  public static <Q, R> void handle(Method<Q, R> method, Handler<Q, R> handler) {
    register(method.name(), server -> server.handle(method, handler));
  }

  /**
   * Answers a method that streams its requests, its replies or both on every server of this
   * process, each call on a virtual thread of its own.
   *
   * @throws IllegalArgumentException if the method has a handler already, or is unary
   */
  public static <Q, R> void handleStream(Method<Q, R> method, StreamHandler<Q, R> handler) {
    if (method.kind() == Method.Kind.UNARY) {
      throw new IllegalArgumentException("method " + method + " is UNARY: use handle");
    }
    register(method.name(), server -> server.handleStream(method, handler));
  }

  /**
   * Answers a method that streams its replies on every server of this process, each call on a
   * virtual thread of its own.
   *
   * @throws IllegalArgumentException if the method has a handler already, or is of another kind
   */
  public static <Q, R> void handleServerStream(
      Method<Q, R> method, StreamHandler.OneToMany<Q, R> handler) {
    if (method.kind() != Method.Kind.SERVER_STREAMING) {
      throw new IllegalArgumentException("method " + method + " is " + method.kind());
    }
    register(method.name(), server -> server.handleServerStream(method, handler));
  }

  /**
   * Answers all methods of a service on every server of this process, each call on a virtual thread
   * of its own.
   *
   * @throws IllegalArgumentException if one of its methods has a handler already
   */
  public static <T> void handle(Service<T> service, T implementation) {
    List<String> names = service.methods().stream().map(Method::name).toList();
    register(names, server -> server.handle(service, implementation));
  }

  private static void register(String method, Consumer<Server> adding) {
    register(List.of(method), adding);
  }

  private static synchronized void register(List<String> methods, Consumer<Server> adding) {
    for (Handling known : HANDLERS) {
      for (String each : methods) {
        if (known.methods.contains(each)) {
          throw new IllegalArgumentException("method " + each + " has a handler already");
        }
      }
    }
    HANDLERS.add(new Handling(methods, adding));
    SERVERS.removeIf(Server::isClosed);
    SERVERS.forEach(adding);
  }

  /**
   * Listens, registers with the center as soon as there is one, and drains when the process is told
   * to end.
   *
   * @param address {@code :8877} for every address of this machine; {@code 127.0.0.1:0} for a free
   *     port of this one
   * @param more further ones, if there are to be several
   * @throws IOException if it cannot listen on one of them
   */
  public static synchronized Server listen(String address, String... more) throws IOException {
    Server server = Server.builder().register(client().centerCalls()).build();
    try {
      HANDLERS.forEach(each -> each.adding.accept(server));
      server.listen(address, more).closeOnExit();
    } catch (IOException | RuntimeException e) {
      server.close(); // Nobody else will.
      throw e;
    }
    SERVERS.add(server);
    return server;
  }

  // ---- client

  /**
   * Calls a method and waits for its answer at most so long.
   *
   * @param address {@code demo.hello}, resolved by the center, or {@code
   *     ip://127.0.0.1:8877/demo.hello} and the like
   * @throws RpcException if the call ends in anything but OK
   */
  public static <R> R call(String address, Object request, Class<R> replyType, Duration timeout) {
    return client().call(address, request, replyType, timeout);
  }

  /**
   * Calls a method and waits for its answer at most a second.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public static <R> R call(String address, Object request, Class<R> replyType) {
    return client().call(address, request, replyType);
  }

  /** A client of a service that the center knows. To be made once and kept. */
  public static <T> T of(Service<T> service) {
    return client().of(service);
  }

  /** The client behind {@link #call}, made when it is first needed. */
  public static synchronized Client client() {
    Client made = client;
    if (made == null) {
      made = Client.builder().build();
      client = made;
    }
    return made;
  }

  private record Handling(List<String> methods, Consumer<Server> adding) {}
}
