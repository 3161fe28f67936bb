// guide: server
package com.example.guide;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.server.Server;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

public final class OrdersServer {
  private final Map<String, Order> orders = new ConcurrentHashMap<>();

  Server listen(String address) throws IOException {
    return addTo(Server.builder().build()).listen(address);
  }

  Server addTo(Server server) {
    return server
        .handle(Orders.PLACE, (context, order) -> place(order))
        .handle(Orders.GET, (context, key) -> find(key));
  }

  OrderKey place(Order order) {
    orders.put(order.id(), order);
    return new OrderKey(order.id());
  }

  Order find(OrderKey key) {
    Order order = orders.get(key.id());
    if (order == null) {
      throw new RpcException(Status.Code.NOT_FOUND, "no order " + key.id());
    }
    return order;
  }

  public static void main(String[] args) throws IOException {
    new OrdersServer().listen(":8877").closeOnExit();
  }
}
// guide end
