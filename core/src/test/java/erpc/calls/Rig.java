package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Servers and clients of one test over one reactor, closed together. */
final class Rig implements AutoCloseable {
  static final Method<EchoRequest, EchoReply> ECHO =
      Method.unary("demo.echo", EchoRequest.class, EchoReply.class);

  static final Duration LONG = Duration.ofSeconds(20);

  private static final Duration NO_TIME = Duration.ofMillis(100);

  final Reactor reactor;
  private final Way way;
  private final List<AutoCloseable> open = new ArrayList<>();

  Rig() {
    this(Way.MEMORY);
  }

  Rig(Way way) {
    this(way, Reactor.open(way.kind, 2));
  }

  Rig(TransportKind kind) {
    this(Reactor.open(kind, 2));
  }

  Rig(Reactor reactor) {
    this(Way.MEMORY, reactor);
  }

  private Rig(Way way, Reactor reactor) {
    this.way = way;
    this.reactor = reactor;
  }

  static ServerBuilder servers() {
    return Server.builder().settings(quickToClose());
  }

  /** A test that leaves a handler running does not want to wait for it. */
  static ServerSettings quickToClose() {
    return ServerSettings.DEFAULTS.withDrain(Duration.ZERO, NO_TIME);
  }

  Server serve(Handler<EchoRequest, EchoReply> handler) throws IOException {
    return serve(servers(), handler);
  }

  Server serve(ServerBuilder builder, Handler<EchoRequest, EchoReply> handler) throws IOException {
    return serve(builder, handler, Execution.virtual());
  }

  Server serve(ServerBuilder builder, Handler<EchoRequest, EchoReply> handler, Execution execution)
      throws IOException {
    Server server = way.on(builder).reactor(reactor).build();
    open.add(server);
    return server.handle(ECHO, handler, execution).listen("127.0.0.1:0");
  }

  /** A server with these handlers. */
  Server serve(Consumer<Server> handlers) throws IOException {
    Server server = way.on(servers()).reactor(reactor).build();
    open.add(server);
    handlers.accept(server);
    return server.listen("127.0.0.1:0");
  }

  Client client() {
    return client(Client.builder());
  }

  /** A client that never tries again, for those who want to see the first outcome. */
  Client clientOfOneTry() {
    return client(Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));
  }

  Client client(ClientBuilder builder) {
    Client client = way.on(builder).reactor(reactor).build();
    open.add(client);
    return client;
  }

  static Request<EchoRequest, EchoReply> to(Server... servers) {
    String addresses = Arrays.stream(servers).map(Server::address).collect(Collectors.joining(","));
    return Request.of(ECHO, request("hi")).at("list://" + addresses).withTimeout(LONG);
  }

  static Request<EchoRequest, EchoReply> to(String place) {
    return Request.of(ECHO, request("hi")).at(place).withTimeout(LONG);
  }

  static EchoRequest request(String msg) {
    return EchoRequest.newBuilder().setMsg(msg).build();
  }

  static EchoReply reply(String msg) {
    return EchoReply.newBuilder().setMsg(msg).build();
  }

  static EchoReply echo(Context context, EchoRequest request) {
    return reply(request.getMsg());
  }

  /** The status that the code fails with. */
  static Status failure(ThrowingCallable code) {
    Throwable thrown = catchThrowable(code);
    if (thrown instanceof ExecutionException || thrown instanceof CompletionException) {
      thrown = thrown.getCause();
    }
    assertThat(thrown).isInstanceOf(RpcException.class);
    return ((RpcException) thrown).status();
  }

  static Status failure(Future<?> future) {
    return failure(() -> future.get(20, TimeUnit.SECONDS));
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    reactor.close();
  }
}
