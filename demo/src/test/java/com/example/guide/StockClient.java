// guide: client
package com.example.guide;

import erpc.client.Client;

public final class StockClient {
  private StockClient() {}

  static int addTwo(Stock stock) {
    Item tea = Item.newBuilder().setName("tea").setCount(2).build();
    return stock.add(tea).getCount();
  }

  public static void main(String[] args) {
    try (Client client = Client.builder().target("shop.Stock", "ip://127.0.0.1:8877").build()) {
      Stock stock = client.of(Stock.SERVICE);
      System.out.println("pieces of tea: " + addTwo(stock));
    }
  }
}
// guide end
