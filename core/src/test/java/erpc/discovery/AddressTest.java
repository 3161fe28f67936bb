package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8877, 127.0.0.1, 8877, true, 127.0.0.1:8877",
    "0.0.0.0:1, 0.0.0.0, 1, true, 0.0.0.0:1",
    "255.255.255.255:65535, 255.255.255.255, 65535, true, 255.255.255.255:65535",
    "Demo.Example:80, demo.example, 80, false, demo.example:80",
    "demo.example.:80, demo.example., 80, false, demo.example.:80",
    "my_service-1:80, my_service-1, 80, false, my_service-1:80",
    "1and1.example:80, 1and1.example, 80, false, 1and1.example:80",
    "localhost:80, localhost, 80, false, localhost:80",
    "[::1]:8877, ::1, 8877, true, [::1]:8877",
    "[::]:8877, ::, 8877, true, [::]:8877",
    "[0:0:0:0:0:0:0:1]:80, ::1, 80, true, [::1]:80",
    "[2001:DB8::0:1]:80, 2001:db8::1, 80, true, [2001:db8::1]:80",
    "[2001:db8:0:0:1:0:0:1]:80, 2001:db8::1:0:0:1, 80, true, [2001:db8::1:0:0:1]:80",
    "[1:0:2:3:4:5:6:7]:80, 1:0:2:3:4:5:6:7, 80, true, [1:0:2:3:4:5:6:7]:80",
    "[2001:db8::]:80, 2001:db8::, 80, true, [2001:db8::]:80",
    "[::ffff:10.0.0.1]:80, 10.0.0.1, 80, true, 10.0.0.1:80",
    "[fe80::1%eth0]:80, fe80::1%eth0, 80, true, [fe80::1%eth0]:80",
    "[FE80:0::1%2]:80, fe80::1%2, 80, true, [fe80::1%2]:80",
  })
  void readsHostAndPort(String text, String host, int port, boolean literal, String usual) {
    Address address = Address.parse(text);
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
    assertThat(address.unixPath()).isNull();
    assertThat(address.isLiteral()).isEqualTo(literal);
    assertThat(address).hasToString(usual);
    assertThat(Address.parse(usual)).isEqualTo(address);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | has no port",
        "localhost | has no port",
        "user:word@demo:80 | has 'user:word@demo', which is no valid host name",
        "[::1] | has no port",
        "localhost: | has no port after the colon",
        ":8877 | has no host before the port",
        "localhost:0 | has port '0', which is not a number from 1 to 65535",
        "localhost:65536 | has port '65536'",
        "localhost:99999999999 | has port '99999999999'",
        "localhost:080 | has port '080'",
        "localhost:+80 | has port '+80'",
        "localhost:-1 | has port '-1'",
        "localhost:http | has port 'http'",
        "::1:8877 | has an IPv6 address without its brackets; write [::1:8877]:8877 with its port, or [::1]:8877",
        "::1 | has an IPv6 address without its brackets; write [::1]:8877 with its port",
        "1:2:3:80 | has an IPv6 address without its brackets, as in [::1]:80",
        "::1:80:x | has port 'x'",
        "http://localhost:80/x | is a URL; write localhost:80",
        "http://localhost | is a URL; write host and port of it alone",
        "[::1:80 | has an IPv6 address without its brackets",
        "[127.0.0.1]:80 | has '127.0.0.1', which is no valid IPv6 address",
        "[demo.example]:80 | has 'demo.example', which is no valid IPv6 address",
        "[face]:80 | has 'face', which is no valid IPv6 address",
        "[]:80 | has '', which is no valid IPv6 address",
        "[:::]:80 | has ':::', which is no valid IPv6 address",
        "[1:2:3]:80 | has '1:2:3', which is no valid IPv6 address",
        "[1::2::3]:80 | has '1::2::3', which is no valid IPv6 address",
        "[fe80::1%]:80 | has 'fe80::1%', which is no valid IPv6 address",
        "[fe80::1%a b]:80 | has 'fe80::1%a b', which is no valid IPv6 address",
        "256.0.0.1:80 | has '256.0.0.1', which is no valid IPv4 address",
        "127.1:80 | has '127.1', which is no valid IPv4 address",
        "127.0.0.01:80 | has '127.0.0.01', which is no valid IPv4 address",
        "1.2.3.4.:80 | has '1.2.3.4.', which is no valid IPv4 address",
        "2130706433:80 | has '2130706433', which is no valid IPv4 address",
        "demo..example:80 | has 'demo..example', which is no valid host name",
        "-demo:80 | has '-demo', which is no valid host name",
        "demo example:80 | has 'demo example', which is no valid host name",
        "user@demo:80 | has 'user@demo', which is no valid host name",
        "démo:80 | has 'démo', which is no valid host name",
      })
  void saysWhatIsWrongAndHowAnAddressLooks(String text, String what) {
    assertThatThrownBy(() -> Address.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("address '" + text + "' " + what)
        .hasMessageEndingWith(
            "; an address is host:port, [IPv6]:port or unix:/path, as in 127.0.0.1:8877");
  }

  @Test
  void refusesNamesThatAreTooLong() {
    String label = "a".repeat(63);
    String longest = label + "." + label + "." + label + "." + "a".repeat(61);
    assertThat(Address.parse(longest + ":80").host()).hasSize(253);
    assertThatThrownBy(() -> Address.parse(longest + "a:80")).hasMessageContaining("host name");
    assertThatThrownBy(() -> Address.parse("a" + label + ":80")).hasMessageContaining("host name");
  }

  @Test
  void escapesWhatAStrangerWrote() {
    assertThatThrownBy(() -> Address.parse("demo\n\u001b[31m:80"))
        .hasMessageContaining("'demo\\u000a\\u001b[31m:80'")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void readsUnixPaths() {
    Address address = Address.parse("unix:/run/demo.sock");
    assertThat(address.unixPath()).isEqualTo("/run/demo.sock");
    assertThat(address.isLiteral()).isTrue();
    assertThat(address)
        .hasToString("unix:/run/demo.sock")
        .isEqualTo(Address.unix("/run/demo.sock"));
  }

  @Test
  void countsTheBytesOfUnixPaths() {
    assertThat(Address.unix("/" + "a".repeat(106)).unixPath()).hasSize(107);
    assertThatThrownBy(() -> Address.unix("/" + "a".repeat(107)))
        .hasMessageEndingWith("has 108 bytes; the system's limit is 107");
    assertThatThrownBy(() -> Address.unix("/" + "é".repeat(54))).hasMessageContaining("109 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix:", "unix:run/demo.sock", "unix:/", "unix:/run/", "unix:@demo"})
  void wantsUnixPathsAbsolute(String text) {
    assertThatThrownBy(() -> Address.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("must be absolute and name a file, as in /run/demo.sock");
  }

  @Test
  void refusesControlCharactersInUnixPaths() {
    assertThatThrownBy(() -> Address.unix("/run/\u0000demo"))
        .hasMessage("path of a Unix socket '/run/\\u0000demo' has a control character");
  }

  @Test
  void writesWhatANameServerAnswered() throws UnknownHostException {
    byte[] six = {0x20, 0x01, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
    assertThat(Address.of(InetAddress.getByAddress("demo", six), 80))
        .hasToString("[2001:db8::9]:80");
    assertThat(Address.of(InetAddress.getByAddress("demo", new byte[] {10, 0, 0, 1}), 80))
        .hasToString("10.0.0.1:80");
  }
}
