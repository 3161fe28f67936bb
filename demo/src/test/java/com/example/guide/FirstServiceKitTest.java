// guide: kit
package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.client.Client;
import erpc.testing.ErpcExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FirstServiceKitTest {
  @RegisterExtension final ErpcExtension erpc = ErpcExtension.serving(new OrdersServer()::addTo);

  @Test
  void anOrderThatWasPlacedIsFound(Client client) {
    OrderKey key = client.call(Orders.PLACE, new Order("7", "tea", 2));
    assertThat(client.call(Orders.GET, key).item()).isEqualTo("tea");
  }
}
// guide end
