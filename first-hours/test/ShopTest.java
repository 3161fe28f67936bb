package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import erpc.client.Client;
import erpc.server.Server;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ShopTest {
  @Test
  void sellsTea() throws Exception {
    Path certificates = Path.of(System.getProperty("certificates"));
    AtomicInteger seen = new AtomicInteger();
    try (Server server = Shop.server(certificates, seen);
        Client client = Shop.client(certificates, server)) {
      assertEquals("2 tea", client.call(Shop.BUY, new Shop.Order("tea", 2)).text());
      assertEquals(1, seen.get());
    }
  }
}
