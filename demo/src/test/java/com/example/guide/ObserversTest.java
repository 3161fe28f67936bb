package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.guide.Orders.OrderKey;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ObserversTest {
  // guide: failures
  static final class Failures implements CallObserver {
    final Map<String, LongAdder> byMethod = new ConcurrentHashMap<>();

    @Override
    public Object begin(CallView call) {
      return this; // Null would mean: tell me nothing more of this call.
    }

    @Override
    public void ended(Object kept, CallView call, Status status) {
      if (!status.isOk()) {
        byMethod.computeIfAbsent(call.method(), name -> new LongAdder()).increment();
      }
    }
  }

  // guide end

  @Test
  void observersSeeEveryCall() throws Exception {
    Failures failures = new Failures();
    try (Server server = new OrdersServer().listen("127.0.0.1:0");
        Client client =
            Client.builder().target("ip://" + server.address()).observer(failures).build()) {
      assertThat(catchThrowable(() -> client.call(Orders.GET, new OrderKey("8"))))
          .isInstanceOf(RpcException.class);
      assertThat(failures.byMethod.get("shop.Orders.get").sum()).isEqualTo(1);
    }
  }
}
