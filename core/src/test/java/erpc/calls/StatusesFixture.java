package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** Handlers that count or hold calls, and what is asked of the status that a call ends in. */
abstract class StatusesFixture {
  final Rig rig = new Rig();
  final AtomicInteger runs = new AtomicInteger();
  final CountDownLatch running = new CountDownLatch(1);
  final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  EchoReply count(Object context, EchoRequest request) {
    runs.incrementAndGet();
    return reply(request.getMsg());
  }

  EchoReply hold(Object context, EchoRequest request) throws InterruptedException {
    runs.incrementAndGet();
    running.countDown();
    hold.await();
    return reply(request.getMsg());
  }

  static void assertLocal(Status status, Code code, Started started, String endpoint) {
    assertStatus(status, code, started, false, endpoint);
  }

  static void assertRemote(Status status, Code code, Started started, Server server) {
    assertStatus(status, code, started, true, server.address());
  }

  private static void assertStatus(
      Status status, Code code, Started started, boolean remote, String endpoint) {
    assertThat(status.code()).as(status.toString()).isEqualTo(code);
    assertThat(status.started()).as(status.toString()).isEqualTo(started);
    assertThat(status.isRemote()).as(status.toString()).isEqualTo(remote);
    assertThat(status.endpoint()).as(status.toString()).isEqualTo(endpoint);
    assertThat(status.message()).as(status.toString()).isNotEmpty();
  }

  static Request<EchoRequest, EchoReply> nowhere() {
    return Request.of(ECHO, request("hi")).at("test://nowhere").withTimeout(LONG);
  }

  static Resolvers resolving(List<erpc.discovery.Endpoint> endpoints) {
    return Resolvers.standard()
        .with(
            new Resolver() {
              @Override
              public String scheme() {
                return "test";
              }

              @Override
              public Watch watch(String where, Listener listener) {
                if (endpoints != null) {
                  listener.endpoints(endpoints);
                }
                return () -> {};
              }
            });
  }
}
