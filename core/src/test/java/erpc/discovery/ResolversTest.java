package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Target;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResolversTest {
  private final Resolvers standard = Resolvers.standard();

  @Test
  void theStandardOnesAreFoundByTheirSchemes() {
    assertThat(standard.schemes()).containsExactlyInAnyOrder("dns", "file", "ip", "list", "unix");
    for (String scheme : standard.schemes()) {
      assertThat(standard.resolver(scheme).scheme()).isEqualTo(scheme);
    }
  }

  @Test
  void anUnknownSchemeIsToldTheKnownOnes() {
    assertThatThrownBy(() -> standard.resolver("http"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown scheme 'http'; known are dns, file, ip, list, unix");
    assertThatThrownBy(() -> standard.resolver("a\nb")).hasMessageContaining("'a\\u000ab'");
  }

  @Test
  void oneMoreLeavesTheOthersAsTheyWere() {
    Resolver mine = named("demo");
    Resolvers more = standard.with(mine);
    assertThat(more.resolver("demo")).isSameAs(mine);
    assertThat(more.resolver("ip")).isSameAs(standard.resolver("ip"));
    assertThat(standard.schemes()).doesNotContain("demo");
  }

  @Test
  void theLastOfASchemeCounts() {
    Resolver mine = named("dns");
    assertThat(standard.with(mine).resolver("dns")).isSameAs(mine);
  }

  @Test
  void refusesSchemesThatNoAddressCouldName() {
    for (String scheme : List.of("", "Demo", "1st", "a b", "a/b", "a".repeat(33))) {
      assertThatThrownBy(() -> standard.with(named(scheme)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("scheme '" + scheme + "' must be");
    }
  }

  private static Resolver named(String scheme) {
    return new FixedResolver(scheme, where -> List.of());
  }

  @Test
  void whereOfATargetIsWhatResolversTake() {
    assertThat(told("ip://[::1]:8877/demo.hello")).isEqualTo(List.of("[::1]:8877"));
    assertThat(told("list://a:1,b:2/demo.hello")).isEqualTo(List.of("a:1", "b:2"));
    assertThat(told("unix:///run/demo.sock/demo.hello")).isEqualTo(List.of("unix:/run/demo.sock"));
    assertThat((String) told("file:///nowhere/demo.list/demo.hello"))
        .startsWith("file:///nowhere/demo.list: no such file");
  }

  @Test
  void dnsAsksTheSystem() {
    // Its order and number differ from machine to machine; loopback is in it on all of them.
    assertThat(told("dns://localhost:8877/demo.hello").toString()).contains(":8877");
  }

  private Object told(String address) {
    Target target = Target.parse(address);
    Heard heard = new Heard();
    try (var watch = standard.resolver(target.scheme()).watch(target.where(), heard)) {
      await().atMost(Duration.ofSeconds(10)).until(() -> !heard.all.isEmpty());
      return heard.last();
    }
  }

  @Test
  void pausesHaveBounds() {
    Resolvers.Settings usual = Resolvers.Settings.DEFAULTS;
    assertThatThrownBy(() -> usual.withDnsRefresh(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dnsRefresh must be from 10 ms to 1 day, not PT0S");
    assertThatThrownBy(() -> usual.withFilePoll(Duration.ofDays(2)))
        .hasMessage("filePoll must be from 10 ms to 1 day, not PT48H");
  }
}
