package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** Memory that waits for a socket is counted as what it is. */
class HeldBytesTest {
  @Test
  void countsABufferAndNotTheFewBytesInIt() {
    ByteBuf mostlyEmpty = Unpooled.buffer(32 * 1024).writeLong(1);
    assertThat(HeldBytes.ESTIMATOR.size(mostlyEmpty)).isEqualTo(32 * 1024);
    assertThat(HeldBytes.ESTIMATOR.size(Unpooled.EMPTY_BUFFER)).isZero();
  }
}
