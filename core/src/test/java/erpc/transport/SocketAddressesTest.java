package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses to listen on. */
class SocketAddressesTest {
  @Test
  void readsWhatCanBeListenedOn() throws Exception {
    assertThat(SocketAddresses.parse("127.0.0.1:0")).isEqualTo(address(0, "127.0.0.1"));
    assertThat(SocketAddresses.parse(":8877")).isEqualTo(new InetSocketAddress(8877));
    assertThat(SocketAddresses.parse("[::1]:8877")).isEqualTo(address(8877, "::1"));
  }

  private static InetSocketAddress address(int port, String literal) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getAllByName(literal)[0], port);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost            | must be host:port, [ipv6]:port, :port or unix:/path",
        "http://127.0.0.1:80  | must be host:port",
        "::1:8877             | [ipv6]:port",
        "127.0.0.1:port       | with a port from 0 to 65535",
        "256.1.1.1:8877       | host '256.1.1.1' is no valid IPv4 address",
        "127.1:8877           | host '127.1' is no valid IPv4 address",
      })
  void saysHowAnAddressIsWritten(String text, String what) {
    assertThatThrownBy(() -> SocketAddresses.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
  }
}
