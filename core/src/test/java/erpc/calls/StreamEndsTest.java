package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.client.Exchange;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How streams end, and what either side is told of it. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class StreamEndsTest extends StreamsFixture {
  @Test
  void aHandlerThatWantsNoMoreRequestsDoesNotStrangleItsCaller() throws Exception {
    Server server =
        serve(on ->
            on.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  var first = requests.next();
                  requests.close();
                  assertThat(requests.next()).isNull();
                  for (int i = 0; i < 100; i++) {
                    replies.send(reply(first == null ? "" : first.getMsg()));
                  }
                  handlerMayEnd.await();
                }));
    Request<EchoRequest, EchoReply> opening =
        Request.opening(CHAT).at("list://" + server.address()).withTimeout(Rig.LONG);
    try (Exchange<EchoRequest, EchoReply> call = rig().client().open(opening)) {
      for (int i = 0; i < 100; i++) {
        call.send(request("x".repeat(10_000)));
      }
      call.finish();
      handlerMayEnd.countDown();
      int got = 0;
      for (EchoReply unused : call) {
        got++;
      }
      assertThat(got).isEqualTo(100);
    }
  }

  @Test
  void leavingALoopEarlyCancelsTheHandler() throws Exception {
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT,
                (context, request, replies) -> {
                  try {
                    while (true) {
                      replies.send(reply("more"));
                    }
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    assertThat(context.isCancelled()).isTrue();
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    try (var call = counting(rig().client(), server, 0)) {
      assertThat(call.next()).isNotNull();
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(seenByHandler.get()).extracting(Status::code).isEqualTo(Status.Code.CANCELLED);
    Awaitility.await().until(() -> server.inFlight() == 0);
  }

  @Test
  void aHandlerThatWaitsForRequestsHearsThatTheCallerIsGone() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  replies.send(reply("begun"));
                  try {
                    requests.one();
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    Client client = rig().client();
    try (var call = chatting(client, server)) {
      assertThat(call.next()).isEqualTo(reply("begun"));
      client.close();
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.CANCELLED);
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(seenByHandler.get()).extracting(Status::code).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void aStatusComesBehindTheMessagesBeforeIt() throws Exception {
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT,
                (context, request, replies) -> {
                  for (int i = 0; i < 500; i++) {
                    replies.send(reply("m".repeat(500)));
                  }
                  context.addTrailer("left", "none");
                  throw Status.of(Status.Code.NOT_FOUND, "no more here").toException();
                }));
    try (var call = counting(rig().client(), server, 0)) {
      for (int i = 0; i < 500; i++) {
        assertThat(call.next()).isNotNull();
      }
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(status.isRemote()).isTrue();
      assertThat(status.started()).isEqualTo(Status.Started.YES);
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.NOT_FOUND);
    }
  }

  @Test
  void aHandlerThatThrowsEndsTheStreamWithInternal() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  requests.next();
                  throw new IllegalStateException("broken");
                }));
    try (var call = chatting(rig().client(), server)) {
      call.send(request("hi"));
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.INTERNAL);
      assertThat(failure(() -> call.send(request("more"))).code()).isEqualTo(Status.Code.INTERNAL);
    }
  }

  @Test
  void sendingToAHandlerThatHasAnsweredIsRefused() throws Exception {
    Server server =
        serve(s ->
            s.handleClientStream(JOIN, (context, requests) -> reply(requests.next().getMsg())));
    try (var call = rig().client().open(to(server, Request.opening(JOIN)))) {
      call.send(request("enough"));
      assertThat(call.one()).isEqualTo(reply("enough"));
      assertThat(failure(() -> call.send(request("more"))).code())
          .isEqualTo(Status.Code.FAILED_PRECONDITION);
      call.finish();
    }
  }

  @Test
  void aStreamHasNoEndOfItsOwnButTheOneItWasGiven() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  try {
                    requests.next();
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    Request<EchoRequest, EchoReply> opening = to(server, Request.opening(CHAT));
    long start = System.nanoTime();
    try (var call = rig().client().open(opening.withTimeout(Duration.ofMillis(300)))) {
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(299));
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aStreamWithoutProgressEndsOnBothSides() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  context.onCancel(handlerEnded::countDown);
                  handlerEnded.await(20, TimeUnit.SECONDS);
                }));
    ConnectionSettings impatient =
        ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofMillis(200));
    Client client =
        rig().client(Client.builder().settings(ClientSettings.DEFAULTS.withConnection(impatient)));
    try (var call = chatting(client, server)) {
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(status.message()).contains("200 ms (progressTimeout)");
    }
    assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aServerGivesUpACallerThatTakesNothing() throws Exception {
    Server server =
        serve(s ->
            s.handleServerStream(
                COUNT.progressTimeout(Duration.ofMillis(200)),
                (context, request, replies) -> {
                  try {
                    while (true) {
                      replies.send(reply("z".repeat(1_000)));
                    }
                  } catch (erpc.call.RpcException e) {
                    seenByHandler.set(e.status());
                    throw e;
                  } finally {
                    handlerEnded.countDown();
                  }
                }));
    try (var call = counting(rig().client(), server, 0)) {
      assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(seenByHandler.get())
          .extracting(Status::code)
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      Status status =
          failure(() -> {
            while (call.next() != null) {
              // What came before is read first.
            }
          });
      assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(status.message()).contains("progressTimeout");
    }
  }

  @Test
  void anInterruptedReaderCancelsTheCall() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  context.onCancel(handlerEnded::countDown);
                  reading.countDown();
                  requests.next();
                }));
    try (var call = chatting(rig().client(), server)) {
      CompletableFuture<Status> seen = new CompletableFuture<>();
      Thread reader =
          Thread.startVirtualThread(() -> {
            Status status = failure(call::next);
            seen.complete(Thread.currentThread().isInterrupted() ? status : Status.OK);
          });
      assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
      reader.interrupt();
      assertThat(seen.get(10, TimeUnit.SECONDS).code()).isEqualTo(Status.Code.CANCELLED);
      assertThat(handlerEnded.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aMessageOverTheLimitEndsTheStream() throws Exception {
    Server server = serve(s -> s.handleStream(CHAT.maxMessageBytes(100_000), StreamsFixture::chat));
    try (var call = chatting(rig().client(), server)) {
      call.send(request("fits"));
      assertThat(call.next()).isEqualTo(reply("fits"));
      call.send(request("x".repeat(200_000)));
      assertThat(failure(call::next).code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
    try (var call = chatting(rig().client(), server)) {
      assertThat(failure(() -> call.send(request("x".repeat(5 << 20)))).code())
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      call.send(request("goes on"));
      assertThat(call.next()).isEqualTo(reply("goes on"));
    }
  }

  @Test
  void aStreamOfADeadServerEndsInUnavailable() throws Exception {
    Server server =
        serve(s ->
            s.handleStream(
                CHAT,
                (context, requests, replies) -> {
                  replies.send(reply("hello"));
                  context.onCancel(handlerEnded::countDown);
                  handlerEnded.await(20, TimeUnit.SECONDS);
                }));
    try (var call = chatting(rig().client(), server)) {
      assertThat(call.next()).isEqualTo(reply("hello"));
      server.close();
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(status.isRemote()).isTrue();
      assertThat(status.message()).contains("draining");
    }
  }

  @Test
  void anUnknownMethodIsToldToTheReader() throws Exception {
    Server server = serve(s -> {});
    try (var call = chatting(rig().client(), server)) {
      Status status = failure(call::next);
      assertThat(status.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(status.started()).isEqualTo(Status.Started.NO);
    }
  }

  @Test
  void aStreamThatNobodyHasBegunGoesToAnotherServer() throws Exception {
    Server dead = serve(s -> s.handleStream(CHAT, StreamsFixture::chat));
    String gone = dead.address();
    dead.close();
    Server server = rig().serve(Rig::echo).handleStream(CHAT, StreamsFixture::chat);
    for (int i = 0; i < 4; i++) {
      Client client = rig().client();
      Request<EchoRequest, EchoReply> opening =
          Request.opening(CHAT).at("list://" + gone + "," + server.address());
      try (var call = client.open(opening)) {
        call.send(request("hi"));
        assertThat(call.next()).isEqualTo(reply("hi"));
      }
    }
  }
}
