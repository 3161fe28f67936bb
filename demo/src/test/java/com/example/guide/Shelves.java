// guide: server
package com.example.guide;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.server.Server;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

public final class Shelves implements Stock {
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  @Override
  public Item get(ItemKey request) {
    Integer count = counts.get(request.getName());
    if (count == null) {
      throw new RpcException(Status.Code.NOT_FOUND, "no item " + request.getName());
    }
    return item(request.getName(), count);
  }

  @Override
  public Item add(Item request) {
    int count = counts.merge(request.getName(), request.getCount(), Integer::sum);
    return item(request.getName(), count);
  }

  static Item item(String name, int count) {
    return Item.newBuilder().setName(name).setCount(count).build();
  }

  public static void main(String[] args) throws IOException {
    Server server = Server.builder().build().handle(Stock.SERVICE, new Shelves());
    server.listen(":8877").closeOnExit();
  }
}
// guide end
