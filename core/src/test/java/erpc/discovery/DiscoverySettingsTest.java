package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.client.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoverySettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:8081",
        "localhost:8081",
        "[::1]:8081",
        "a:1, b.example:2,[fd00::7]:3",
        "unix:/run/center.sock"
      })
  void takesAddressesOfACenter(String text) {
    assertThat(DiscoverySettings.DEFAULTS.withCenter(text).center()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost             | has no port; write localhost:8081",
        "http://127.0.0.1:8081 | is a URL; write 127.0.0.1:8081",
        "::1                   | write [::1]:",
        "::1:8081              | [::1]:8081",
        "[::1]                 | has no port; write [::1]:8081",
        "256.1.1.1:8081        | is no valid IPv4 address",
        "a:1,localhost         | has no port",
        "a:1,,b:2              | has nothing where an address should be",
        "a:1,                  | has nothing where an address should be",
        ":8081                 | has no host before the port",
        "localhost:0           | is not a number from 1 to 65535",
        "a:1;b:2               | is no valid host name",
      })
  void refusesWhatIsNoAddressOfACenter(String text, String why) {
    assertThatThrownBy(() -> DiscoverySettings.DEFAULTS.withCenter(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
    assertThatThrownBy(() -> Client.builder().center(text).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.7, 10.0.0.7:8877",
    "demo.example, demo.example:8877",
    "localhost, localhost:8877",
    "[fd00::7], [fd00::7]:8877",
    "10.0.0.7:30877, 10.0.0.7:30877",
    "demo.example:30877, demo.example:30877",
    "[fd00::7]:30877, [fd00::7]:30877",
  })
  void advertisesAHostOrAHostWithAPortOfItsOwn(String text, String address) {
    String advertise = DiscoverySettings.DEFAULTS.withAdvertise(text).advertise();
    assertThat(DiscoverySettings.advertised(advertise, "8877")).isEqualTo(address);
    assertThat(Endpoint.of(address).address()).isEqualTo(address);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://10.0.0.7:8877 | is a URL; write 10.0.0.7:8877",
        "http://demo          | is a URL",
        "::1                  | write [::1]",
        "fd00::7              | write [fd00::7]",
        "[::1                 | IPv6",
        "256.1.1.1            | is no valid IPv4 address",
        "256.1.1.1:80         | is no valid IPv4 address",
        "demo:                | has no port after the colon",
        "demo:http            | has port 'http'",
        ":8877                | has no host",
        "unix:/run/demo.sock  | is a path",
        "0.0.0.0              | stands for all addresses of a machine",
        "0.0.0.0:8877         | stands for all addresses of a machine",
        "[::]                 | stands for all addresses of a machine",
        "a,b                  | is no valid host name",
      })
  void refusesWhatNobodyCouldDial(String text, String why) {
    assertThatThrownBy(() -> DiscoverySettings.DEFAULTS.withAdvertise(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void boundsTheAddressesOfACenter() {
    String many = "a:1" + ",a:1".repeat(FixedResolver.MAX_LIST);
    assertThatThrownBy(() -> DiscoverySettings.checkCenter(many))
        .hasMessage("1001 addresses pass the limit of 1000");
  }
}
