// guide: test
package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.client.Client;
import erpc.testing.ErpcExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StockTest {
  @RegisterExtension
  final ErpcExtension erpc =
      ErpcExtension.serving(server -> server.handle(Stock.SERVICE, new Shelves()));

  @Test
  void whatWasAddedIsThere(Client client) {
    Stock stock = client.of(Stock.SERVICE);
    assertThat(StockClient.addTwo(stock)).isEqualTo(2);
    ItemKey tea = ItemKey.newBuilder().setName("tea").build();
    assertThat(stock.get(tea).getCount()).isEqualTo(2);
  }
}
// guide end
