package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostNamesTest {
  @TempDir Path folder;
  private NameServer server;
  private Path hosts;
  private Path nameServers;
  private HostNames names;

  @BeforeEach
  void open() throws Exception {
    server = new NameServer();
    hosts = Files.writeString(folder.resolve("hosts"), "10.1.0.1 listed Other.Example\n");
    nameServers = folder.resolve("resolv.conf");
    Files.writeString(nameServers, "nameserver 127.0.0.1." + server.port() + "\n");
    names = new HostNames(false, hosts, nameServers, 10_000);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private List<String> addresses(String host) throws UnknownHostException {
    return Arrays.stream(names.addresses(host)).map(InetAddress::getHostAddress).toList();
  }

  @Test
  void asksTheNameServerAnewEachTimeWhateverItSaysOfTheAnswersLife() throws Exception {
    server.addresses.put("demo.example", "10.0.0.1");
    assertThat(addresses("demo.example")).containsExactly("10.0.0.1");
    server.addresses.put("demo.example", "10.0.0.2");
    assertThat(addresses("demo.example")).containsExactly("10.0.0.2");
  }

  @Test
  void theThreadThatAsksEndsWhenNothingIsAskedAndTheNextQuestionStartsAnother() throws Exception {
    names = new HostNames(false, hosts, nameServers, 50);
    server.addresses.put("demo.example", "10.0.0.1");
    for (int i = 0; i < 2; i++) {
      Set<Thread> before = asking();
      assertThat(addresses("demo.example")).containsExactly("10.0.0.1");
      await().until(() -> before.containsAll(asking()));
    }
  }

  private static Set<Thread> asking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().startsWith("erpc-dns"))
        .collect(Collectors.toSet());
  }

  @Test
  void doesNotRememberThatANameWasUnknown() throws Exception {
    assertThatThrownBy(() -> addresses("late.example"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("late.example");
    server.addresses.put("late.example", "10.0.0.1");
    assertThat(addresses("late.example")).containsExactly("10.0.0.1");
  }

  @Test
  void theHostsFileGoesFirstAndIsReadAgainWhenItChanges() throws Exception {
    server.addresses.put("listed", "10.0.0.1");
    assertThat(addresses("Listed")).containsExactly("10.1.0.1");
    assertThat(addresses("other.example")).containsExactly("10.1.0.1");
    assertThat(server.asked).isEmpty();
    Files.writeString(hosts, "10.1.0.2 listed\n10.1.0.3 listed\n::1 listed\n");
    assertThat(addresses("listed")).containsExactly("10.1.0.2", "10.1.0.3", "0:0:0:0:0:0:0:1");
    Files.delete(hosts);
    assertThat(addresses("listed")).containsExactly("10.0.0.1");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aHostsFileThatCannotBeReadKeepsWhatItSaidAndIsTriedAgain() throws Exception {
    assertThat(addresses("listed")).containsExactly("10.1.0.1");
    Files.delete(hosts);
    Files.createSymbolicLink(
        hosts, Path.of("/proc/self/mem")); // A file whose start nobody can read.
    Path readable = Files.writeString(folder.resolve("readable"), "10.1.0.2 listed\n");
    assertThat(addresses("listed")).containsExactly("10.1.0.1");
    assertThat(addresses("listed")).containsExactly("10.1.0.1");
    Files.delete(hosts);
    Files.move(readable, hosts);
    assertThat(addresses("listed")).containsExactly("10.1.0.2");
  }

  @Test
  void nameServersAreReadAgainWhenTheyChange() throws Exception {
    server.addresses.put("demo.example", "10.0.0.1");
    assertThat(addresses("demo.example")).containsExactly("10.0.0.1");
    try (NameServer other = new NameServer()) {
      other.addresses.put("demo.example", "10.0.0.9");
      Files.writeString(nameServers, "# moved\nnameserver 127.0.0.1." + other.port() + "\n");
      assertThat(addresses("demo.example")).containsExactly("10.0.0.9");
    }
  }

  @Test
  void saysWhichFileCannotBeUsed() throws Exception {
    Files.writeString(nameServers, "# nobody\n");
    assertThatThrownBy(() -> addresses("demo.example"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("demo.example")
        .hasMessageContaining(nameServers.toString());
  }

  @Test
  void asksNobodyForAddressesAndForThisMachine() throws Exception {
    assertThat(addresses("10.0.0.7")).containsExactly("10.0.0.7");
    assertThat(addresses("::1")).containsExactly("0:0:0:0:0:0:0:1");
    assertThat(addresses("localhost")).contains("127.0.0.1");
    assertThat(server.asked).isEmpty();
  }
}
