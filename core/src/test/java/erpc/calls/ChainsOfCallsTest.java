package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.CallOptions;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Handler;
import erpc.server.Server;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What calls say of themselves, and calls that are made while they are handled. */
@Timeout(60)
class ChainsOfCallsTest {
  private final Rig rig = new Rig();
  private final List<String> inner = new CopyOnWriteArrayList<>();
  private final List<String> outer = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Handler<EchoRequest, EchoReply> noting(List<String> where) {
    return (context, request) -> {
      where.add(context.criticality() + (context.isRetried() ? " retried" : ""));
      return reply("");
    };
  }

  /** One that calls the inner one, with these options, and then fails as often as it is told. */
  private Server outer(CallOptions nested, Code code) throws Exception {
    Server far = rig.serve(noting(inner));
    Client client = rig.client();
    return rig.serve((context, request) -> {
      EchoReply unused = noting(outer).handle(context, request);
      client.send(Rig.to(far).withOptions(nested));
      if (failures.getAndDecrement() > 0) {
        throw Status.of(code, "a test").toException();
      }
      return reply("");
    });
  }

  private Request<EchoRequest, EchoReply> to(Server server) {
    return Rig.to(server).withMethod(Rig.ECHO.idempotent());
  }

  @Test
  void areAsCriticalAsTheCallBeingHandledUnlessTheySay() throws Exception {
    Client client = rig.client();
    for (Criticality each : Criticality.values()) {
      CallOptions options = CallOptions.NONE.withCriticality(each).withTimeout(Rig.LONG);
      inner.clear();
      outer.clear();
      client.send(to(outer(CallOptions.NONE, Code.OK)).withOptions(options));
      assertThat(outer).containsExactly("" + each);
      assertThat(inner).containsExactly("" + each);
      inner.clear();
      CallOptions critical = CallOptions.NONE.withCriticality(Criticality.CRITICAL);
      client.send(to(outer(critical, Code.OK)).withOptions(options));
      assertThat(inner).containsExactly("CRITICAL");
    }
  }

  @Test
  void sayNothingUnlessTold() throws Exception {
    rig.client().send(to(outer(CallOptions.NONE, Code.OK)));
    rig.client().sendAsync(to(outer(CallOptions.NONE, Code.OK))).get();
    assertThat(outer).containsExactly("DEFAULT", "DEFAULT");
    assertThat(inner).containsExactly("DEFAULT", "DEFAULT");
  }

  @Test
  void madeForARetryAreMarkedAsIt() throws Exception {
    failures.set(1);
    Client client = rig.client();
    Server server = outer(CallOptions.NONE, Code.UNAVAILABLE);
    client.send(to(server));
    assertThat(outer).containsExactly("DEFAULT", "DEFAULT retried");
    assertThat(inner).containsExactly("DEFAULT", "DEFAULT retried");
    client.send(to(server));
    assertThat(outer.get(2)).isEqualTo("DEFAULT");
  }

  /** One that fails with what the far one fails with, and before that as often as it is told. */
  private Server passingOn(Server far) throws Exception {
    Client client = rig.client();
    return rig.serve((context, request) -> {
      EchoReply unused = noting(outer).handle(context, request);
      if (failures.getAndDecrement() > 0) {
        throw Status.of(Code.UNAVAILABLE, "a test").toException();
      }
      return client.send(to(far)).body();
    });
  }

  private Server alwaysFailing() throws Exception {
    return rig.serve((context, request) -> {
      EchoReply unused = noting(inner).handle(context, request);
      throw Status.of(Code.UNAVAILABLE, "a test").toException();
    });
  }

  @Test
  void whatRanOutOfTriesIsNotTriedAgainFurtherUp() throws Exception {
    Server server = passingOn(alwaysFailing());
    Status status = failure(() -> rig.client().send(to(server)));
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.retryAfter()).isEqualTo(Status.NEVER_AGAIN);
    assertThat(outer).hasSize(1);
    assertThat(inner).hasSize(3);
  }

  @Test
  void madeForARetryAreNotTriedAgain() throws Exception {
    failures.set(1);
    Server server = passingOn(alwaysFailing());
    assertThat(failure(() -> rig.client().send(to(server))).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(outer).containsExactly("DEFAULT", "DEFAULT retried", "DEFAULT retried");
    assertThat(inner).containsExactly("DEFAULT retried", "DEFAULT retried");
  }

  @Test
  void aTryThatNoServerHasTakenMarksNothing() throws Exception {
    Server gone = rig.serve(Rig::echo);
    Server there = rig.serve(noting(outer));
    gone.close();
    Client client = rig.client();
    for (int i = 0; i < 4; i++) {
      client.send(Rig.to(gone, there));
    }
    assertThat(outer).hasSize(4).containsOnly("DEFAULT");
    assertThat(failure(() -> client.send(Rig.to(gone))).code()).isEqualTo(Code.UNAVAILABLE);
  }
}
