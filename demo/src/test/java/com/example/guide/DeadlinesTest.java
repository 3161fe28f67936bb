package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Context;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.server.ServerSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlinesTest {
  private static final Order TEA = new Order("7", "tea", 2);

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  private static Server serve(Handler<OrderKey, Order> handler) throws Exception {
    return Server.builder()
        .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ofMillis(100)))
        .build()
        .handle(Orders.GET, handler)
        .listen("127.0.0.1:0");
  }

  @Test
  void aCallEndsAtItsDeadline() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Server server =
            serve((context, key) -> {
              never.await();
              return TEA;
            });
        Client client = Guide.clientOf(server)) {
      assertThatThrownBy(
              () -> {
                // guide: timeout
                Request<OrderKey, Order> request =
                    Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofMillis(200));
                Reply<Order> reply = client.send(request);
                // guide end
                assertThat(reply).isNull();
              })
          .isInstanceOf(RpcException.class)
          .extracting(thrown -> ((RpcException) thrown).code())
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      never.countDown();
    }
  }

  @Test
  void aMethodMaySayATimeout() throws Exception {
    List<Duration> left = new CopyOnWriteArrayList<>();
    try (Server server =
            serve((context, key) -> {
              left.add(context.deadline().remaining());
              return TEA;
            });
        Client client = Guide.clientOf(server)) {
      // guide: method-timeout
      Order order = client.call(Orders.GET.timeout(Duration.ofSeconds(20)), new OrderKey("7"));
      // guide end
      assertThat(order).isEqualTo(TEA);
      assertThat(left.getFirst()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
    }
  }

  @Test
  void nestedCallsInheritWhatIsLeft() throws Exception {
    List<Duration> left = new CopyOnWriteArrayList<>();
    try (Server stock =
            serve((context, key) -> {
              left.add(context.deadline().remaining());
              return TEA;
            });
        Client inner = Guide.clientOf(stock);
        ExecutorService pool = Executors.newFixedThreadPool(1)) {
      // guide: nested
      Handler<OrderKey, Order> handler =
          (context, key) -> {
            Order first = inner.call(Orders.GET, key); // Has what is left of the caller's time.
            Future<Order> second =
                pool.submit(context.wrap(() -> inner.call(Orders.GET, key))); // This one too.
            return first.count() > 0 ? first : second.get();
          };
      // guide end
      try (Server front = serve(handler);
          Client client = Guide.clientOf(front)) {
        Request<OrderKey, Order> request =
            Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofMillis(900));
        assertThat(client.send(request).body()).isEqualTo(TEA);
      }
    }
    assertThat(left).hasSize(2).allMatch(each -> each.compareTo(Duration.ofMillis(900)) < 0);
  }

  @Test
  void cancellingAFutureCancelsTheCall() throws Exception {
    CompletableFuture<Status> why = new CompletableFuture<>();
    // guide: cancelled
    Handler<OrderKey, Order> handler =
        (context, key) -> {
          Order best = TEA;
          while (!context.isCancelled() && !isGood(best)) { // Looks between two steps of work.
            best = improved(best);
          }
          why.complete(context.cancellation()); // Null if it was not cancelled.
          return best; // Nobody reads it if it was.
        };
    // guide end
    try (Server server = serve(handler);
        Client client = Guide.clientOf(server)) {
      // guide: cancel
      CompletableFuture<Order> later = client.callAsync(Orders.GET, new OrderKey("7"));
      // guide end
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      // guide: cancel
      later.cancel(true);
      // guide end
      assertThat(why.get(20, TimeUnit.SECONDS).code()).isEqualTo(Status.Code.CANCELLED);
    }
  }

  private static boolean isGood(Order order) {
    return order.count() < 0;
  }

  private Order improved(Order order) {
    begun.countDown();
    Thread.onSpinWait();
    return order;
  }

  @Test
  void anActionRunsWhenTheCallIsCancelled() throws Exception {
    try (Server server =
            serve((context, key) -> {
              // guide: on-cancel
              Runnable stop = Thread.currentThread()::interrupt;
              context.onCancel(stop);
              try {
                return blocking(); // Throws InterruptedException once the call is cancelled.
              } finally {
                context.removeOnCancel(stop);
              }
              // guide end
            });
        Client client = Guide.clientOf(server)) {
      Request<OrderKey, Order> request =
          Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofMillis(100));
      assertThatThrownBy(() -> client.send(request)).isInstanceOf(RpcException.class);
      assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
      await().until(() -> server.inFlight() == 0);
    }
  }

  private Order blocking() throws InterruptedException {
    try {
      new CountDownLatch(1).await();
      return TEA;
    } catch (InterruptedException e) {
      stopped.countDown();
      throw e;
    }
  }

  @Test
  void anInterruptEndsABlockingCall() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
    try (Server server =
            serve((context, key) -> {
              begun.countDown();
              hold.await();
              return TEA;
            });
        Client client = Guide.clientOf(server)) {
      Thread caller =
          Thread.startVirtualThread(() -> {
            try {
              client.call(Orders.GET, new OrderKey("7"));
            } catch (RpcException e) {
              boolean cancelled = e.code() == Status.Code.CANCELLED;
              stillInterrupted.complete(cancelled && Thread.currentThread().isInterrupted());
            }
          });
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      caller.interrupt();
      assertThat(stillInterrupted.get(20, TimeUnit.SECONDS)).isTrue();
      hold.countDown();
    }
  }

  @Test
  void outsideOfHandlersThereIsNoContext() {
    assertThat(Context.current()).isNull();
  }
}
