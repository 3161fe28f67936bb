// guide: contract
package com.example.guide;

import erpc.call.Method;

/** What the service and its callers agree on. */
public final class Orders {
  public record OrderKey(String id) {}

  public record Order(String id, String item, int count) {}

  public static final Method<OrderKey, Order> GET =
      Method.unary("shop.Orders.get", OrderKey.class, Order.class).idempotent();

  public static final Method<Order, OrderKey> PLACE =
      Method.unary("shop.Orders.place", Order.class, OrderKey.class);

  private Orders() {}
}
// guide end
