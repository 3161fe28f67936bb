package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.Combine;
import erpc.client.Combine.Part;
import erpc.server.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CombinedTest {
  private static final OrderKey KEY = new OrderKey("7");
  private static final OrderKey OTHER = new OrderKey("8");
  private static final Order TEA = new Order("7", "tea", 2);

  record Page(List<Order> orders) {}

  record Keys(List<String> ids) {}

  record Found(List<Order> orders) {}

  static final Method<Keys, Found> FIND =
      Method.unary("shop.Orders.find", Keys.class, Found.class).idempotent();

  @TempDir private Path folder;
  private Server one;
  private Server two;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    one = serving();
    two = serving();
    client = Guide.clientOf(one);
  }

  private static Server serving() throws Exception {
    OrdersServer orders = new OrdersServer();
    OrderKey unused = orders.place(TEA);
    unused = orders.place(new Order("8", "milk", 1));
    return orders
        .addTo(Server.builder().build())
        .handle(
            FIND,
            (context, keys) ->
                new Found(keys.ids().stream().map(id -> orders.find(new OrderKey(id))).toList()))
        .listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    client.close();
    one.close();
    two.close();
  }

  private Request<OrderKey, Order> atBoth() {
    return Request.of(Orders.GET, KEY).at("list://" + one.address() + "," + two.address());
  }

  @Test
  void allAtOnce() {
    // guide: combined-all
    CompletableFuture<Page> page =
        Combine.all(
            List.of(client.callAsync(Orders.GET, KEY), client.callAsync(Orders.GET, OTHER)),
            orders -> new Page(orders));
    // guide end
    assertThat(page.join().orders()).extracting(Order::item).containsExactly("tea", "milk");
  }

  @Test
  void someOfThem() {
    // guide: combined-quorum
    List<CompletableFuture<Order>> replicas =
        List.of(
            client.callAsync(Orders.GET, KEY),
            client.callAsync(Orders.GET, KEY),
            client.callAsync(Orders.GET, KEY));
    CompletableFuture<Order> agreed = Combine.quorum(2, replicas, orders -> orders.getFirst());
    // guide end
    assertThat(agreed.join()).isEqualTo(TEA);
  }

  @Test
  void whatComesInTime() {
    List<CompletableFuture<Order>> calls =
        List.of(client.callAsync(Orders.GET, KEY), client.callAsync(Orders.GET, new OrderKey("9")));
    Duration limit = Duration.ofSeconds(50); // Here both end before.
    // guide: combined-partial
    CompletableFuture<List<Order>> found =
        Combine.partial(
            client,
            limit,
            1,
            calls,
            parts -> parts.stream().filter(Part::isOk).map(Part::value).toList());
    // guide end
    assertThat(found.join()).containsExactly(TEA);
  }

  @Test
  void everyEndpoint() {
    Request<OrderKey, Order> request = atBoth();
    List<String> failed = new ArrayList<>();
    // guide: combined-broadcast
    for (Part<Reply<Order>> each : Combine.broadcast(client, request).join()) {
      if (!each.isOk()) {
        failed.add(each.endpoint() + ": " + each.status());
      }
    }
    // guide end
    assertThat(failed).isEmpty();
  }

  @Test
  void oneOfSeveralPlaces() {
    String east = "ip://" + one.address();
    String west = "ip://" + two.address();
    // guide: combined-selective
    Function<Request<OrderKey, Order>, CompletableFuture<Reply<Order>>> anywhere =
        Combine.selective(
            client,
            List.of(
                request -> client.sendAsync(request.at(east)),
                request -> client.sendAsync(request.at(west))));
    Order order = anywhere.apply(Request.of(Orders.GET, KEY)).join().body();
    // guide end
    assertThat(order).isEqualTo(TEA);
  }

  @Test
  void eachPartition() throws Exception {
    Path list = folder.resolve("orders.list");
    Files.writeString(
        list,
        """
        %s partition=0/2
        %s partition=1/2
        """
            .formatted(one.address(), two.address()));
    Request<Keys, Found> request =
        Request.of(FIND, new Keys(List.of("7", "8"))).at("file://" + list);
    // guide: combined-partitioned
    CompletableFuture<List<Order>> orders =
        Combine.partitioned(
            client,
            request,
            count -> split(request.body(), count),
            parts ->
                parts.stream().flatMap(part -> part.value().body().orders().stream()).toList());
    // guide end
    assertThat(orders.join()).extracting(Order::item).containsExactlyInAnyOrder("tea", "milk");
  }

  // guide: combined-partitioned
  static List<Keys> split(Keys all, int count) {
    return IntStream.range(0, count)
        .mapToObj(part ->
            all.ids().stream().filter(id -> Math.floorMod(id.hashCode(), count) == part).toList())
        .map(ids -> ids.isEmpty() ? null : new Keys(ids))
        .toList();
  }
  // guide end
}
