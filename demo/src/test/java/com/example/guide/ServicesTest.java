package com.example.guide;

import static com.example.guide.Shelves.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.client.Client;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.testing.Fake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServicesTest {
  private static final ItemKey KEY = ItemKey.newBuilder().setName("tea").build();
  private static final Item TEA = item("tea", 2);
  private static final Item RICE = item("rice", 1);

  private final Shelves shelves = new Shelves();
  private Server server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = Server.builder().build().handle(Stock.SERVICE, shelves).listen("127.0.0.1:0");
    client = Guide.clientOf(server);
    assertThat(shelves.add(TEA)).isEqualTo(TEA);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  // ---- options

  @Test
  void optionsAreSaidOfACallAClientAMethod() {
    Stock stock = client.of(Stock.SERVICE);
    // guide: call-options
    Item tea = stock.get(KEY, CallOptions.NONE.withTimeout(Duration.ofSeconds(5)));
    // guide end
    // guide: client-options
    CallOptions options = CallOptions.NONE.withMetadata("app", "till");
    Stock till = client.of(Stock.SERVICE, options);
    // guide end
    // guide: method-options
    Stock patient = client.of(Stock.SERVICE.with(Stock.GET.timeout(Duration.ofSeconds(5))));
    // guide end
    assertThat(tea).isEqualTo(TEA).isEqualTo(till.get(KEY)).isEqualTo(patient.get(KEY));
  }

  @Test
  void aClientMayHaveAPlace() {
    // guide: place
    String place = "ip://" + server.address();
    Stock stock = client.of(Stock.SERVICE, place, CallOptions.NONE);
    // guide end
    assertThat(stock.get(KEY)).isEqualTo(TEA);
  }

  @Test
  void theConstantsAreMethodsForAllVerbs() {
    // guide: verbs
    Reply<Item> reply = client.send(Request.of(Stock.GET, KEY).withMetadata("app", "till"));
    String endpoint = reply.endpoint();
    // guide end
    assertThat(reply.body()).isEqualTo(TEA);
    assertThat(endpoint).isEqualTo(server.address());
  }

  // ---- implementations

  // guide: context
  static final class Ledger implements Stock {
    private final Stock shelves;

    Ledger(Stock shelves) {
      this.shelves = shelves;
    }

    @Override
    public Item get(ItemKey request) {
      return shelves.get(request);
    }

    @Override
    public Item add(Item request) {
      String app = Context.current().metadata().text("app"); // Null if there is none.
      System.out.println(app + " adds " + request.getCount());
      return shelves.add(request);
    }
  }

  // guide end

  @Test
  void implementationsAreWrappedAsAnyClass() throws Exception {
    try (Server ledger = Server.builder().build();
        Client caller = Client.builder().build()) {
      // guide: executions
      ledger.handle(
          Stock.SERVICE,
          new Ledger(shelves),
          method -> method == Stock.GET ? Execution.inline() : Execution.virtual());
      // guide end
      String place = "ip://" + ledger.listen("127.0.0.1:0").address();
      Stock stock = caller.of(Stock.SERVICE, place, CallOptions.NONE);
      assertThat(stock.get(KEY)).isEqualTo(TEA);
      assertThat(stock.add(TEA).getCount()).isEqualTo(4);
    }
  }

  // ---- async

  // guide: async-server
  static final class LaterStock implements Stock.Async {
    private final Stock.Async upstream;

    LaterStock(Stock.Async upstream) {
      this.upstream = upstream;
    }

    @Override
    public CompletableFuture<Item> get(ItemKey request) {
      return upstream.get(request);
    }

    @Override
    public CompletableFuture<Item> add(Item request) {
      return upstream.add(request);
    }
  }

  // guide end

  @Test
  void futuresOnBothSides() throws Exception {
    // guide: async
    Stock.Async stock = client.of(Stock.Async.SERVICE);
    CompletableFuture<Item> later = stock.get(KEY);
    // guide end
    assertThat(later.get()).isEqualTo(TEA);
    try (Server relay = Server.builder().build();
        Client caller = Client.builder().build()) {
      relay.handle(Stock.Async.SERVICE, new LaterStock(stock));
      String place = "ip://" + relay.listen("127.0.0.1:0").address();
      assertThat(caller.of(Stock.SERVICE, place, CallOptions.NONE).get(KEY)).isEqualTo(TEA);
    }
  }

  // ---- streams

  // guide: feed-server
  static final class Feed implements StockFeed {
    private final Stock stock;
    private final List<Item> items = new ArrayList<>();

    Feed(Stock stock) {
      this.stock = stock;
    }

    @Override
    public synchronized Incoming<Item> all(AllRequest request) {
      return Incoming.of(List.copyOf(items));
    }

    @Override
    public Loaded load(Incoming<Item> requests) {
      int pieces = 0;
      for (Item each : requests) { // Waits for the next one.
        add(each);
        pieces += each.getCount();
      }
      return Loaded.newBuilder().setPieces(pieces).build();
    }

    @Override
    public Incoming<Item> ask(Incoming<ItemKey> requests) {
      return Incoming.written(replies -> {
        for (ItemKey each : requests) {
          replies.send(stock.get(each)); // Waits while the caller is slower.
        }
      });
    }

    private synchronized void add(Item item) {
      items.add(item);
    }
  }

  // guide end

  @Test
  void streamsAreReadAndWritten() throws Exception {
    try (Server feeder = Server.builder().build();
        Client caller = Client.builder().build()) {
      feeder.handle(StockFeed.SERVICE, new Feed(shelves));
      String place = "ip://" + feeder.listen("127.0.0.1:0").address();
      // guide: feed-client
      StockFeed feed = caller.of(StockFeed.SERVICE, place, CallOptions.NONE);

      Loaded loaded = feed.load(Incoming.of(List.of(TEA, RICE)));
      assertThat(loaded.getPieces()).isEqualTo(3);

      List<Item> seen = new ArrayList<>();
      try (Incoming<Item> all = feed.all(AllRequest.getDefaultInstance())) {
        for (Item each : all) {
          seen.add(each);
        }
      }
      assertThat(seen).containsExactly(TEA, RICE);

      Incoming<ItemKey> keys =
          Incoming.written(to -> {
            to.send(KEY);
            to.send(KEY);
          });
      try (Incoming<Item> answers = feed.ask(keys)) {
        assertThat(answers).containsExactly(TEA, TEA);
      }
      // guide end
      // guide: forward
      Incoming<Item> allAndMore =
          Incoming.written(to -> {
            try (Incoming<Item> all = feed.all(AllRequest.getDefaultInstance())) {
              all.forwardTo(to);
            }
            to.send(RICE);
          });
      // guide end
      assertThat(feed.load(allAndMore).getPieces()).isEqualTo(4);
    }
  }

  // ---- changes

  @Test
  void aMethodThatTheServerLacksIsNamedBesideThoseItHas() {
    Method<ItemKey, Item> take = Method.unary("shop.Stock.Take", ItemKey.class, Item.class);
    assertThatThrownBy(() -> client.call(take, KEY))
        .hasMessageStartingWith(
            "UNIMPLEMENTED: no method shop.Stock.Take on this server;"
                + " it has these of shop.Stock: Add, Get (remote, ")
        .hasMessageEndingWith(", not started)");
  }

  // ---- tests

  // guide: fake
  @Test
  void theStockIsReadWithoutAServer() {
    Fake<Stock> fake = Fake.of(Stock.SERVICE).answering(Stock.GET, key -> item(key.getName(), 7));
    Stock stock = fake.client();
    assertThat(stock.get(KEY).getCount()).isEqualTo(7);
  }

  // guide end

  // guide: fake-served
  @Test
  void aFakeIsServedToo() throws Exception {
    Stock fake = Fake.of(Stock.SERVICE).answering(Stock.GET, key -> TEA).client();
    try (Server server = Server.builder().build().handle(Stock.SERVICE, fake);
        Client client = Client.builder().build()) {
      String place = "ip://" + server.listen("127.0.0.1:0").address();
      assertThat(client.of(Stock.SERVICE, place, CallOptions.NONE).get(KEY)).isEqualTo(TEA);
    }
  }
  // guide end
}
