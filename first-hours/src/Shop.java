package shop;

import com.google.protobuf.StringValue;
import erpc.call.CallOptions;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.client.Client;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.transport.Credentials;
import erpc.transport.TlsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A service of records and one of protobuf messages, with TLS, a token and a filter. */
public final class Shop {
  public record Order(String item, int count) {}

  public record Receipt(String text) {}

  static final Method<Order, Receipt> BUY =
      Method.unary("shop.Orders.buy", Order.class, Receipt.class).idempotent();

  static final Method<StringValue, StringValue> HELLO =
      Method.unary("shop.Greeter.hello", StringValue.class, StringValue.class).idempotent();

  private Shop() {}

  static Server server(Path certificates, AtomicInteger seen) throws Exception {
    Filter counting =
        (request, next) -> {
          seen.incrementAndGet();
          return next.call(request);
        };
    Server server =
        Server.builder()
            .tls(
                TlsSettings.server(certificates.resolve("cert.pem"), certificates.resolve("key.pem")))
            .authenticator(Authenticator.bearer(Map.of("secret", "till")))
            .filter(counting)
            .build();
    server.handle(BUY, (context, order) -> new Receipt(order.count() + " " + order.item()));
    server.handle(HELLO, (context, name) -> StringValue.of("hello " + name.getValue()));
    return server.listen("127.0.0.1:0");
  }

  static Client client(Path certificates, Server server) {
    return Client.builder()
        .target("ip://" + server.address())
        .tls(TlsSettings.client().withTrust(certificates.resolve("cert.pem")))
        .credentials(Credentials.bearer(() -> "secret"))
        .options(CallOptions.NONE.withTimeout(Duration.ofSeconds(30))) // the machine may be busy
        .build();
  }

  public static void main(String[] arguments) throws Exception {
    Path certificates = Path.of(arguments[0]);
    AtomicInteger seen = new AtomicInteger();
    try (Server server = server(certificates, seen);
        Client client = client(certificates, server)) {
      Receipt receipt = client.call(BUY, new Order("tea", 2));
      StringValue greeting = client.call(HELLO, StringValue.of("erpc"));
      System.out.println(
          "shop: " + receipt.text() + ", " + greeting.getValue() + ", " + seen + " calls");
    }
  }
}
