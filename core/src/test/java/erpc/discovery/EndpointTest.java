package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EndpointTest {
  @Test
  void ofAnAddressAloneHasDefaults() {
    Endpoint endpoint = Endpoint.of("127.0.0.1:8877");
    assertThat(endpoint).isEqualTo(new Endpoint("127.0.0.1:8877", 100, "", Set.of(), Map.of()));
    assertThat(endpoint.host()).isEqualTo("127.0.0.1");
    assertThat(endpoint.port()).isEqualTo(8877);
    assertThat(endpoint.unixPath()).isNull();
  }

  @Test
  void equalAddressesAreEqualEndpoints() {
    assertThat(Endpoint.of("[0:0::1]:80")).isEqualTo(Endpoint.of("[::1]:80"));
    assertThat(Endpoint.of("DEMO:80")).isEqualTo(Endpoint.of("demo:80"));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> Endpoint.of("nowhere")).hasMessageContaining("has no port");
    assertThatThrownBy(() -> Endpoint.of("a:1", -1, ""))
        .hasMessage("weight of a:1 is negative: -1");
  }

  @Test
  void keepsCopies() {
    Set<String> methods = new HashSet<>(Set.of("demo.hello"));
    Map<String, String> tags = new HashMap<>(Map.of("version", "2"));
    Endpoint endpoint = new Endpoint("a:1", 1, "z", methods, tags);
    methods.add("demo.echo");
    tags.clear();
    assertThat(endpoint.methods()).containsExactly("demo.hello");
    assertThat(endpoint.tags()).containsEntry("version", "2");
  }

  @Test
  void servesAnyMethodIfNoneIsKnown() {
    assertThat(Endpoint.of("a:1").serves("demo.hello")).isTrue();
    Endpoint known = new Endpoint("a:1", 1, "", Set.of("demo.hello"), Map.of());
    assertThat(known.serves("demo.hello")).isTrue();
    assertThat(known.serves("demo.echo")).isFalse();
  }

  @Test
  void aUnixSocketHasAPathAndNoHost() {
    Endpoint endpoint = Endpoint.of("unix:/run/demo.sock");
    assertThat(endpoint.unixPath()).isEqualTo("/run/demo.sock");
    assertThatThrownBy(endpoint::host)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("unix:/run/demo.sock has no host and port, it is a Unix socket");
    assertThatThrownBy(endpoint::port).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void becomesASocketAddressWithoutALookup() throws UnknownHostException {
    InetAddress ten = InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
    assertThat(Endpoint.of("10.0.0.1:80").socketAddress())
        .isEqualTo(new InetSocketAddress(ten, 80));
    assertThat(((InetSocketAddress) Endpoint.of("[::1]:80").socketAddress()).isUnresolved())
        .isFalse();
    assertThat(Endpoint.of("localhost:80").socketAddress())
        .isEqualTo(InetSocketAddress.createUnresolved("localhost", 80));
    assertThat(Endpoint.of("[fe80::1%nowhere]:80").socketAddress())
        .isEqualTo(InetSocketAddress.createUnresolved("fe80::1%nowhere", 80));
    assertThat(Endpoint.of("unix:/run/demo.sock").socketAddress())
        .isEqualTo(UnixDomainSocketAddress.of("/run/demo.sock"));
  }
}
