// guide: client
package com.example.guide;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.client.Client;

public final class OrdersClient {
  private OrdersClient() {}

  static Order buy(Client client) {
    OrderKey key = client.call(Orders.PLACE, new Order("7", "tea", 2));
    return client.call(Orders.GET, key);
  }

  public static void main(String[] args) {
    try (Client client = Client.builder().target("shop.Orders", "ip://127.0.0.1:8877").build()) {
      System.out.println(buy(client));
    }
  }
}
// guide end
