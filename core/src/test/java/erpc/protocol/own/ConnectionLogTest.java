package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import org.junit.jupiter.api.Test;

/** What is an error of a connection, and what is only its end. */
class ConnectionLogTest {
  @Test
  void anEndIsNoError() {
    assertThat(ConnectionLog.isOrdinary(new IOException("reset by peer"))).isTrue();
    assertThat(ConnectionLog.isOrdinary(new ClosedChannelException())).isTrue();
    assertThat(ConnectionLog.isOrdinary(new NotYetConnectedException())).isTrue();
    assertThat(ConnectionLog.isOrdinary(new IllegalStateException("a bug"))).isFalse();
  }
}
