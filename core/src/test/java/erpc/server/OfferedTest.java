package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Ticker;
import org.junit.jupiter.api.Test;

class OfferedTest {
  private final MethodTable methods = new MethodTable(Ticker.system());

  private void add(String name) {
    methods.add(
        Method.unary(name, byte[].class, byte[].class),
        (context, request) -> request,
        Execution.virtual());
  }

  @Test
  void namesAreNoLongerThanAStatusTakes() {
    for (int i = 0; i < 500; i++) {
      add("shop.Stock.AMethodWithANameOfSomeLength" + i);
      add("shop.Service" + i + ".Get");
    }
    assertThat(methods.offered().insteadOf("shop.Stock.None"))
        .hasSizeBetween(300, 500)
        .endsWith(", …");
    assertThat(methods.offered().insteadOf("shop.None.Get"))
        .hasSizeBetween(300, 500)
        .endsWith(", …");
  }

  @Test
  void whatWasAddedSinceIsNamedToo() {
    add("shop.Stock.Get");
    assertThat(methods.offered().insteadOf("shop.Stock.None")).endsWith("shop.Stock: Get");
    add("shop.Stock.Add");
    assertThat(methods.offered().insteadOf("shop.Stock.None")).endsWith("shop.Stock: Add, Get");
  }

  @Test
  void erpcsOwnAreNotNamed() {
    add("erpc.describe");
    add("erpc.health.check");
    assertThat(methods.offered().insteadOf("shop.Stock.Get")).isEqualTo("; it has none yet");
    assertThat(methods.offered().insteadOf("erpc.descirbe")).isEqualTo("; it has none yet");
  }
}
