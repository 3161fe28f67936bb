package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.server.Server;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client and a server go through minutes in moments: every timer follows the clock. */
@Timeout(60)
class ManualClockTest {
  private static final Duration MILLI = Duration.ofMillis(1);

  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final CountDownLatch hold = new CountDownLatch(1);
  private final CountDownLatch running = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private EchoReply held() throws InterruptedException {
    running.countDown();
    hold.await();
    return reply("late");
  }

  @Test
  void callEndsAtItsDeadlineOnTheClockAndNotBefore() throws Exception {
    Server server = rig.serve((context, request) -> held());
    CompletableFuture<?> call =
        rig.client().sendAsync(Rig.to(server).withTimeout(Duration.ofSeconds(10)));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    clock.advance(Duration.ofSeconds(10).minus(MILLI));
    assertThat(call).isNotDone();
    clock.advance(Duration.ofMillis(50));
    assertThat(failure(call).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
  }

  @Test
  void failedCallIsTriedAgainOnceItsBackOffHasPassed() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Server server =
        rig.serve((context, request) -> {
          if (runs.incrementAndGet() < 3) {
            throw Status.of(Code.UNAVAILABLE, "not now").toException();
          }
          return reply("now");
        });
    Client client = rig.client(Client.builder().random(new Longest()));
    var call = client.sendAsync(Rig.to(server).withMethod(Rig.ECHO.idempotent()));
    for (int tries = 1; tries < 3; tries++) {
      int made = tries;
      await().until(() -> runs.get() == made);
      // So that its answer has come: the waits are 50 ms and 100 ms from then on.
      await().until(() -> server.inFlight() == 0);
      clock.advance(Duration.ZERO);
      clock.advance(Duration.ofMillis(50L * made).minus(MILLI));
      assertThat(runs).hasValue(made);
      clock.advance(MILLI);
    }
    assertThat(call.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("now");
  }

  /** Chance that makes every wait the longest. */
  private static final class Longest implements RandomGenerator {
    @Override
    public long nextLong() {
      return 0;
    }

    @Override
    public long nextLong(long bound) {
      return bound - 1;
    }
  }

  @Test
  void peerThatFallsSilentIsGivenUpAfterTheKeepaliveAndDialledAgain() throws Exception {
    Server server =
        rig.serve((context, request) -> request.getMsg().equals("hold") ? held() : reply("hi"));
    try (Line line = new Line(rig.reactor, server.address())) {
      Client client = rig.client();
      var over = Rig.to("ip://" + Line.ADDRESS).withTimeout(Duration.ofHours(1));
      assertThat(client.send(over).body().getMsg()).isEqualTo("hi");
      var call = client.sendAsync(over.withBody(Rig.request("hold")));
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      line.cut();
      clock.advance(Duration.ofSeconds(14));
      assertThat(call).isNotDone();
      clock.advance(Duration.ofSeconds(2));
      Status status = failure(call);
      assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(status.message()).contains("silent").contains("keepalive");
      line.mend();
      clock.advance(Duration.ofSeconds(2));
      assertThat(client.send(over).body().getMsg()).isEqualTo("hi");
    }
  }

  /** Passes bytes on between a client and a server, until it is cut: then it swallows them. */
  private static final class Line implements AutoCloseable {
    static final String ADDRESS = "127.0.0.1:line";

    private final Channel listening;
    private volatile boolean cut;

    Line(Reactor reactor, String server) throws InterruptedException {
      listening =
          new ServerBootstrap()
              .group(reactor.next())
              .channel(LocalServerChannel.class)
              .childOption(ChannelOption.AUTO_READ, false)
              .childHandler(new ChannelInitializer<LocalChannel>() {
                @Override
                protected void initChannel(LocalChannel client) {
                  var unused =
                      new Bootstrap()
                          .group(client.eventLoop())
                          .channel(LocalChannel.class)
                          .handler(passingTo(client))
                          .connect(new LocalAddress(server))
                          .addListener(done -> {
                            Channel there = ((io.netty.channel.ChannelFuture) done).channel();
                            client.pipeline().addLast(passingTo(there));
                            client.config().setAutoRead(true);
                          });
                }
              })
              .bind(new LocalAddress(ADDRESS))
              .sync()
              .channel();
    }

    void cut() {
      cut = true;
    }

    void mend() {
      cut = false;
    }

    private ChannelInboundHandlerAdapter passingTo(Channel other) {
      return new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
          if (cut) {
            ReferenceCountUtil.release(message);
          } else {
            var unused = other.writeAndFlush(message);
          }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
          var unused = other.close();
        }
      };
    }

    @Override
    public void close() throws InterruptedException {
      listening.close().sync();
    }
  }

  @Test
  void clockDoesNotRunBackwards() {
    long before = clock.nanos();
    assertThatThrownBy(() -> clock.advance(MILLI.negated()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(clock.nanos()).isEqualTo(before);
    clock.advance(MILLI);
    assertThat(clock.nanos() - before).isEqualTo(MILLI.toNanos());
  }

  @Test
  void eventLoopDoesNotWaitForItself() throws Exception {
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    rig.reactor
        .next()
        .execute(() -> {
          try {
            clock.advance(MILLI);
          } catch (Throwable e) {
            thrown.complete(e);
          }
        });
    assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
  }
}
