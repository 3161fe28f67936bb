package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.ReactorSettings;
import erpc.transport.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process that has little memory for messages refuses more of them in time. */
class MemoryTest {
  private static final int MIB = 1 << 20;
  private static final Method<byte[], byte[]> HOLD =
      Method.unary("memory.hold", byte[].class, byte[].class);
  private static final Method<byte[], byte[]> GIVE =
      Method.serverStreaming("memory.give", byte[].class, byte[].class);

  private final Rig serving = rig();
  private final Rig calling = new Rig(TransportKind.NIO);
  private final CountDownLatch go = new CountDownLatch(1);

  private static Rig rig() {
    return new Rig(
        Reactor.open(
            ReactorSettings.DEFAULTS
                .withTransport(TransportKind.NIO)
                .withLoops(2)
                .withMaxBufferedBytes(4 * MIB)));
  }

  @AfterEach
  void close() throws Exception {
    go.countDown();
    calling.close();
    serving.close();
  }

  private <Q> Request<Q, byte[]> to(Server server, Method<Q, byte[]> method, Q body) {
    return Request.of(method, body).at("ip://" + server.address()).withTimeout(Rig.LONG);
  }

  private void servesAgain(Server server, Client client) throws Exception {
    go.countDown();
    await().until(() -> server.inFlight() == 0);
    await().until(() -> serving.reactor.memory().heldBytes() == 0);
    assertThat(client.send(to(server, HOLD, new byte[MIB])).body()).hasSize(MIB);
  }

  private List<Status> failures(Server server, Client client, int calls, int bytes)
      throws Exception {
    List<CompletableFuture<?>> replies = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      replies.add(client.sendAsync(to(server, HOLD, new byte[bytes])));
      if (bytes == MIB) {
        // One after the other, nearly: together they might all be refused half-way.
        settled(server, replies);
      }
    }
    settled(server, replies);
    return failures(replies);
  }

  /** What comes of them once handlers may go on. */
  private List<Status> failures(List<CompletableFuture<?>> replies) throws Exception {
    go.countDown();
    List<Status> failures = new ArrayList<>();
    for (CompletableFuture<?> reply : replies) {
      if (reply.handle((done, thrown) -> thrown != null).get(20, TimeUnit.SECONDS)) {
        failures.add(Rig.failure(reply));
      }
    }
    return failures;
  }

  /** Refusals come at once, answers not before the handlers may go on. */
  private static void settled(Server server, List<CompletableFuture<?>> replies) {
    await()
        .until(() ->
            server.inFlight() + replies.stream().filter(r -> r.isDone()).count() >= replies.size());
  }

  @Test
  void requestsThatHandlersHoldAreBounded() throws Exception {
    Server server = serving.serve(Rig.servers(), Rig::echo);
    server.handle(
        HOLD,
        (context, request) -> {
          go.await();
          return request;
        });
    Client client = calling.clientOfOneTry();
    List<Status> failures = failures(server, client, 7, MIB);
    assertThat(failures).hasSizeBetween(3, 6);
    assertThat(failures)
        .allMatch(status ->
            status.code() == Status.Code.RESOURCE_EXHAUSTED
                && status.message().contains("maxBufferedBytes"));
    servesAgain(server, client);
  }

  @Test
  void callsInFlightAreBoundedByMemoryToo() throws Exception {
    Server server = serving.serve(Rig.servers(), Rig::echo);
    server.handle(
        HOLD,
        (context, request) -> {
          go.await();
          return request;
        });
    Client client = calling.clientOfOneTry();
    List<Status> failures = failures(server, client, 4_200, 10);
    assertThat(failures).hasSizeBetween(4_200 - 4 * MIB / (1 << 10), 4_100);
    assertThat(failures)
        .allMatch(status -> status.started() == Status.Started.NO)
        .allMatch(status -> status.code() == Status.Code.RESOURCE_EXHAUSTED);
    servesAgain(server, client);
  }

  @Test
  void callsThatWaitForAnAuthenticatorAreBounded() throws Exception {
    Authenticator slow =
        claim -> {
          go.await();
          return () -> "alice";
        };
    Server server = serving.serve(Rig.servers().authenticator(slow), Rig::echo);
    server.handle(HOLD, (context, request) -> request);
    Client client = calling.clientOfOneTry();
    List<CompletableFuture<?>> replies = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      replies.add(client.sendAsync(to(server, HOLD, new byte[MIB])));
    }
    await().until(() -> replies.stream().filter(each -> each.isDone()).count() >= 2);
    assertThat(failures(replies))
        .allMatch(status -> status.code() == Status.Code.RESOURCE_EXHAUSTED);
    servesAgain(server, client);
  }

  @Test
  void messagesThatReadersLeaveLyingAreBounded() throws Exception {
    Server server = serving.serve(Rig.servers(), Rig::echo);
    server.handleServerStream(
        GIVE,
        (context, request, replies) -> {
          while (true) {
            replies.send(new byte[MIB]);
          }
        });
    server.handle(HOLD, (context, request) -> request);
    Client client = calling.clientOfOneTry();
    List<erpc.client.Exchange<byte[], byte[]>> open = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      open.add(client.open(to(server, GIVE, new byte[0])));
    }
    await().until(() -> open.stream().anyMatch(each -> each.status() != null));
    Status ended =
        open.stream().map(each -> each.status()).filter(each -> each != null).findFirst().get();
    assertThat(ended.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(serving.reactor.memory().heldBytes()).isLessThan(7 * MIB);
    open.forEach(each -> each.close());
    servesAgain(server, client);
  }

  @Test
  void aClientRefusesWhatItHasNoMemoryFor() throws Exception {
    Server server = calling.serve(Rig.servers(), Rig::echo);
    server.handle(
        HOLD,
        (context, request) -> {
          go.await();
          return new byte[0];
        });
    Client client = serving.clientOfOneTry();
    List<CompletableFuture<?>> replies = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      replies.add(client.sendAsync(to(server, HOLD, new byte[MIB])));
    }
    await().until(() -> replies.stream().filter(each -> each.isDone()).count() >= 3);
    assertThat(failures(replies))
        .allMatch(status -> status.code() == Status.Code.RESOURCE_EXHAUSTED)
        .allMatch(status -> status.started() == Status.Started.NO);
    await().until(() -> serving.reactor.memory().heldBytes() == 0);
    assertThat(client.send(to(server, HOLD, new byte[MIB])).body()).isEmpty();
  }
}
