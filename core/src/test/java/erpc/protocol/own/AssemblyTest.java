package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AssemblyTest {
  private static boolean add(Assembly assembly, byte[] bytes) {
    return assembly.add(Unpooled.wrappedBuffer(bytes), bytes.length);
  }

  @Test
  void holdsWhatHasArrivedAndNotWhatWasAnnounced() {
    Assembly assembly = new Assembly(5, Integer.MAX_VALUE, 0);
    assertThat(assembly.capacity()).isLessThanOrEqualTo(4_096);
    int arrived = 0;
    while (arrived < 1 << 20) {
      assertThat(add(assembly, new byte[1_000])).isTrue();
      arrived += 1_000;
      assertThat(assembly.capacity())
          .isLessThanOrEqualTo(Math.max(Assembly.LEAST_BYTES, 2 * Assembly.GROWTH * arrived));
    }
    assertThat(assembly.isWhole()).isFalse();
  }

  @Test
  void neverHoldsMoreThanWasAnnounced() {
    Assembly assembly = new Assembly(5, 5_000, 0);
    assertThat(add(assembly, new byte[4_500])).isTrue();
    assertThat(assembly.capacity()).isLessThanOrEqualTo(5_000);
    assertThat(add(assembly, new byte[501])).isFalse();
    assertThat(assembly.length()).isEqualTo(4_500);
    assertThat(add(assembly, new byte[500])).isTrue();
    assertThat(assembly.isWhole()).isTrue();
    assertThat(add(assembly, new byte[0])).isTrue();
    assertThat(add(assembly, new byte[1])).isFalse();
  }

  @Test
  void joinsItsPartsInOrder() {
    byte[] whole = new byte[100_000];
    new Random(3).nextBytes(whole);
    Assembly assembly = new Assembly(0x15, whole.length, 0);
    for (int at = 0; at < whole.length; at += 7_001) {
      add(assembly, java.util.Arrays.copyOfRange(whole, at, Math.min(whole.length, at + 7_001)));
    }
    assertThat(Frames.bytes(assembly.deliver())).isEqualTo(whole);
  }

  @Test
  void takesAnArrayForAllOfItIfOneIsSpare() throws Exception {
    int total = 1 << 20;
    List<Integer> capacities = new ArrayList<>();
    // On a thread that has no other spare arrays.
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              Assembly first = new Assembly(5, total, 0);
              add(first, new byte[total]);
              first.release();
              for (int i = 0; i < 2; i++) {
                Assembly next = new Assembly(5, total, 0);
                add(next, new byte[1_000]);
                capacities.add(next.capacity());
              }
            });
    thread.join();
    assertThat(capacities).containsExactly(total, Assembly.GROWTH * 1_000);
  }

  @Test
  void isWholeAtOnceIfNothingWasAnnounced() {
    assertThat(new Assembly(5, 0, 0).isWhole()).isTrue();
  }
}
