package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.BodyType;
import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Sink;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** "Not started" is only said of calls whose handlers do not run, whatever users' code says. */
@Timeout(60)
class StartedTest {
  private static final Filter DISLIKES =
      (request, next) -> {
        Reply<?> unused = next.call(request);
        throw new RpcException(Code.UNAVAILABLE, "the reply is not signed");
      };

  private final Rig rig = new Rig();
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch writing = new CountDownLatch(1);
  private final CountDownLatch write = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    write.countDown();
    rig.close();
  }

  private EchoReply count(Object context, EchoRequest request) {
    runs.incrementAndGet();
    return reply(request.getMsg());
  }

  /** What it writes takes as long as a test wants. */
  private Codec slow() {
    Codec pb = Codecs.standard().byName("pb");
    return new Codec() {
      @Override
      public String name() {
        return pb.name();
      }

      @Override
      public int id() {
        return pb.id();
      }

      @Override
      public boolean supports(BodyType<?> type) {
        return pb.supports(type);
      }

      @Override
      public void write(BodyType<?> type, Object message, Sink sink) {
        writing.countDown();
        try {
          write.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        pb.write(type, message, sink);
      }

      @Override
      public <T> T read(BodyType<T> type, ByteBuffer source) {
        return pb.read(type, source);
      }
    };
  }

  static Context context() {
    Peer nobody =
        new Peer() {
          @Override
          public SocketAddress address() {
            return new InetSocketAddress(1);
          }

          @Override
          public boolean isSameMachine() {
            return true;
          }

          @Override
          public void onClose(Runnable action) {}
        };
    return new Context(
        Rig.ECHO, Metadata.EMPTY, nobody, Deadline.after(Duration.ofMinutes(1)), null);
  }

  @Test
  void callThatIsCancelledWhileItIsEncodedIsNotSent() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client(Client.builder().codecs(Codecs.standard().replacing(slow())));
    Context parent = context();
    CompletableFuture<Status> ended = new CompletableFuture<>();
    Runnable task = () -> ended.complete(failure(() -> client.send(Rig.to(server))));
    Thread.startVirtualThread(parent.wrap(task));
    assertThat(writing.await(10, TimeUnit.SECONDS)).isTrue();
    parent.cancel(Status.of(Code.CANCELLED, "the caller cancelled"));
    write.countDown();
    assertThat(ended.get(10, TimeUnit.SECONDS).started()).isEqualTo(Started.NO);
    // Behind whatever that might have sent on the same connection.
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    assertThat(runs).hasValue(1);
  }

  @Test
  void filterThatDislikesAReplyDoesNotHaveTheCallMadeAgain() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client(Client.builder().attemptFilter(DISLIKES));
    assertThat(failure(() -> client.send(Rig.to(server))).started()).isEqualTo(Started.YES);
    assertThat(runs).hasValue(1);
    assertThat(failure(client.sendAsync(Rig.to(server))).started()).isEqualTo(Started.YES);
    assertThat(runs).hasValue(2);
    Method<EchoRequest, EchoReply> twice = Rig.ECHO.idempotent();
    runs.set(0);
    Status status = failure(() -> client.send(Rig.to(server).withMethod(twice)));
    assertThat(status.started()).isEqualTo(Started.YES);
    assertThat(runs.get()).isGreaterThan(1);
  }

  @Test
  void filterAroundACallDoesNotSayWhetherItWasStarted() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client(Client.builder().filter(DISLIKES));
    Client broken =
        rig.client(
            Client.builder()
                .filter((request, next) -> {
                  Reply<?> unused = next.call(request);
                  throw new IllegalStateException("a bug in a filter (a test)");
                }));
    assertThat(failure(() -> client.send(Rig.to(server))).started()).isEqualTo(Started.YES);
    assertThat(failure(client.sendAsync(Rig.to(server))).started()).isEqualTo(Started.YES);
    assertThat(failure(() -> client.oneway(Rig.to(server))).started()).isNotEqualTo(Started.NO);
    assertThat(failure(() -> broken.send(Rig.to(server))).started()).isEqualTo(Started.YES);
  }

  @Test
  void filterThatRefusesSaysNotStartedWhateverItSays() throws Exception {
    Server server = rig.serve(this::count);
    Filter refusing =
        (request, next) -> {
          throw Status.of(Code.ABORTED, "no").withStarted(Started.YES).toException();
        };
    for (Client client :
        new Client[] {
          rig.client(Client.builder().filter(refusing)),
          rig.client(Client.builder().attemptFilter(refusing))
        }) {
      assertThat(failure(() -> client.send(Rig.to(server))).started()).isEqualTo(Started.NO);
      assertThat(failure(client.sendAsync(Rig.to(server))).started()).isEqualTo(Started.NO);
    }
    assertThat(runs).hasValue(0);
  }

  @Test
  void filterThatDoesNotWaitForItsTryEndsIt() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Server server =
        rig.serve((context, request) -> {
          runs.incrementAndGet();
          context.onCancel(cancelled::countDown);
          running.countDown();
          cancelled.await();
          return reply("late");
        });
    CompletableFuture<Throwable> inner = new CompletableFuture<>();
    CompletableFuture<Filter.Next> kept = new CompletableFuture<>();
    Filter impatient =
        (request, next) -> {
          kept.complete(next);
          Thread.startVirtualThread(() -> {
            try {
              Reply<?> unused = next.call(request);
            } catch (Exception e) {
              inner.complete(e);
            }
          });
          running.await();
          throw new RpcException(Code.UNAVAILABLE, "this takes too long");
        };
    Client client = rig.client(Client.builder().attemptFilter(impatient));
    Request<EchoRequest, EchoReply> request = Rig.to(server);
    Status status = failure(() -> client.send(request));
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.started()).isEqualTo(Started.MAYBE);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(inner.get(10, TimeUnit.SECONDS)).isInstanceOf(RpcException.class);
    assertThat(failure(() -> kept.get().call(request)).started()).isEqualTo(Started.NO);
    assertThat(runs).hasValue(1);
  }
}
