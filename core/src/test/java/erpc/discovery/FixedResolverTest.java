package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FixedResolverTest {
  private final Heard heard = new Heard();

  private Object told(Resolver resolver, String where) {
    try (var watch = resolver.watch(where, heard)) {
      assertThat(heard.all).hasSize(1);
      return heard.last();
    }
  }

  @Test
  void ipTakesOneAddressAndPort() {
    assertThat(told(FixedResolver.ip(), "127.0.0.1:8877")).isEqualTo(List.of("127.0.0.1:8877"));
  }

  @Test
  void ipTakesIpv6InBrackets() {
    assertThat(told(FixedResolver.ip(), "[::1]:8877")).isEqualTo(List.of("[::1]:8877"));
  }

  @Test
  void ipPointsToDnsForAHostName() {
    assertThatThrownBy(() -> FixedResolver.ip().watch("demo.example:8877", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "ip://demo.example:8877: 'demo.example' is a host name and ip:// takes an IP address;"
                + " use dns://demo.example:8877");
  }

  @Test
  void ipPointsToUnixForAPath() {
    assertThatThrownBy(() -> FixedResolver.ip().watch("unix:/run/demo.sock", heard))
        .hasMessageEndingWith("a Unix socket is unix:///run/demo.sock");
  }

  @Test
  void ipNeedsAHost() {
    assertThatThrownBy(() -> FixedResolver.ip().watch(":8877", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("ip://:8877: address ':8877' has no host before the port");
    assertThat(heard.all).isEmpty();
  }

  @Test
  void listKeepsItsOrderAndDropsWhatStandsTwice() {
    assertThat(told(FixedResolver.list(), "b:2,A:1, b:2 ,a:1,[::0:1]:3,[::1]:3"))
        .isEqualTo(List.of("b:2", "a:1", "[::1]:3"));
  }

  @Test
  void listNamesItsBrokenMember() {
    assertThatThrownBy(() -> FixedResolver.list().watch("a:1,b", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("list://a:1,b: address 'b' has no port");
    assertThatThrownBy(() -> FixedResolver.list().watch("a:1,", heard))
        .hasMessageStartingWith("list://a:1,: address '' has no port");
    assertThatThrownBy(() -> FixedResolver.list().watch("", heard))
        .hasMessageContaining("has no port");
  }

  @Test
  void listIsBounded() {
    String longest =
        IntStream.rangeClosed(1, 1_000).mapToObj(i -> "a:" + i).collect(Collectors.joining(","));
    assertThat((List<?>) told(FixedResolver.list(), longest)).hasSize(1_000);
    assertThatThrownBy(() -> FixedResolver.list().watch(longest + ",b:1", heard))
        .hasMessageEndingWith("1001 endpoints pass the limit of 1000; use file://");
  }

  @Test
  void unixTakesAnAbsolutePath() {
    assertThat(told(FixedResolver.unix(), "/run/demo.sock"))
        .isEqualTo(List.of("unix:/run/demo.sock"));
    assertThatThrownBy(() -> FixedResolver.unix().watch("run/demo.sock", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unix://run/demo.sock: path of a Unix socket 'run/demo.sock' must be absolute and name"
                + " a file, as in /run/demo.sock");
  }
}
