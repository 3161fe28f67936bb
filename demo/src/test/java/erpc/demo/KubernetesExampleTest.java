package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.discovery.DiscoverySettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/operating.md shows for Kubernetes fits erpc: names, ports, probes and times. */
class KubernetesExampleTest {
  private static final String PAGE = "docs/operating.md";

  @Test
  void isWellFormed() throws IOException {
    Deque<Character> open = new ArrayDeque<>();
    for (String line : yaml().lines().toList()) {
      assertThat(line).doesNotContain("\t");
      assertThat(line.length() - line.stripLeading().length()).as(line).isEven();
      for (char each : line.replaceAll("\"[^\"]*\"", "").toCharArray()) {
        switch (each) {
          case '{', '[' -> open.push(each);
          case '}' -> assertThat(open.pop()).as(line).isEqualTo('{');
          case ']' -> assertThat(open.pop()).as(line).isEqualTo('[');
          default -> {}
        }
      }
      assertThat(open).as(line).isEmpty();
    }
  }

  @Test
  void namesSettingsThatExist() throws IOException {
    String settings = Documents.text("docs/settings.md");
    assertThat(all("ERPC_[A-Z_]+", yaml()))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(settings).contains("`" + name + "`"));
  }

  @Test
  void probesThePortOfTheServerByTcp() throws IOException {
    List<String> ports = all("containerPort: (\\d+)", yaml());
    assertThat(ports).hasSize(1);
    assertThat(all("Probe: \\{(\\w+): ", yaml())).containsExactly("tcpSocket", "tcpSocket");
    assertThat(all("tcpSocket: \\{port: (\\d+)\\}", yaml()))
        .containsExactly(ports.getFirst(), ports.getFirst());
    String center = DiscoverySettings.DEFAULTS.center();
    assertThat(all("ERPC_CENTER, value: \"[a-z.]+(:\\d+)\"", yaml()))
        .containsExactly(center.substring(center.lastIndexOf(':')));
  }

  @Test
  void leavesAServerTheTimeThatItTakesToClose() throws IOException {
    List<String> seconds = all("terminationGracePeriodSeconds: (\\d+)", yaml());
    Server server = Server.builder().settings(ServerSettings.DEFAULTS).build();
    assertThat(Duration.ofSeconds(Long.parseLong(seconds.getFirst())))
        .isGreaterThan(server.longestClose());
    server.close();
  }

  @Test
  void hasTheFlagsThatThePageAdvisesForSoMuchMemory() throws IOException {
    String memory = all("memory: (\\w+)", yaml()).getFirst().replace("Gi", " GiB");
    List<String> advised = all("(?m)^\\| " + memory + " \\| `(.*?)`", Documents.text(PAGE));
    assertThat(advised).hasSize(1);
    assertThat(yaml()).contains("value: " + advised.getFirst() + " ");
  }

  private static String yaml() throws IOException {
    return String.join("", Documents.blocks(PAGE, "yaml"));
  }

  /** What a pattern finds: its group, if it has one. */
  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult each) -> each.group(each.groupCount()))
        .toList();
  }
}
