package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Status;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DnsResolverTest {
  private static final Duration REFRESH = Duration.ofSeconds(30);

  private final ManualScheduler scheduler = new ManualScheduler();
  private final Heard heard = new Heard();
  private final Random random = new Random(5);
  private final List<String> asked = new ArrayList<>();

  /** What the name server says; no address at all means that it fails. */
  private List<String> answer = List.of();

  private boolean broken;

  private final DnsResolver resolver =
      new DnsResolver(this::lookUp, scheduler, () -> random, REFRESH, scheduler::nanos);

  private InetAddress[] lookUp(String host) throws UnknownHostException {
    asked.add(host);
    if (broken) {
      throw new IllegalStateException("no\nnetwork");
    }
    if (answer.isEmpty()) {
      throw new UnknownHostException(host);
    }
    InetAddress[] found = new InetAddress[answer.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.getAllByName(answer.get(i))[0];
    }
    return found;
  }

  private void waitForNextLook() {
    Duration next = scheduler.untilNext();
    assertThat(next).isNotNull();
    scheduler.advance(next);
  }

  @Test
  void tellsAllAddressesOfBothKinds() {
    answer = List.of("10.0.0.2", "2001:db8::1", "10.0.0.1", "10.0.0.2");
    try (var watch = resolver.watch("Demo.Example:8877", heard)) {
      assertThat(heard.all).isEmpty();
      scheduler.advance(Duration.ZERO);
      assertThat(heard.all)
          .containsExactly(List.of("10.0.0.1:8877", "10.0.0.2:8877", "[2001:db8::1]:8877"));
      assertThat(asked).containsExactly("demo.example");
    }
  }

  @Test
  void asksAgainAfterTheRefreshTimeGiveOrTakeAFifth() {
    answer = List.of("10.0.0.1");
    List<Duration> pauses = new ArrayList<>();
    try (var watch = resolver.watch("demo:1", heard)) {
      scheduler.advance(Duration.ZERO);
      for (int i = 0; i < 50; i++) {
        pauses.add(scheduler.untilNext());
        waitForNextLook();
      }
    }
    assertThat(asked).hasSize(51);
    assertThat(pauses)
        .allSatisfy(
            pause -> assertThat(pause).isBetween(Duration.ofSeconds(24), Duration.ofSeconds(36)));
    assertThat(pauses).anySatisfy(pause -> assertThat(pause).isLessThan(Duration.ofSeconds(27)));
    assertThat(pauses).anySatisfy(pause -> assertThat(pause).isGreaterThan(Duration.ofSeconds(33)));
  }

  @Test
  void tellsChangesButNotAnotherOrder() {
    answer = List.of("10.0.0.1", "10.0.0.2");
    try (var watch = resolver.watch("demo:1", heard)) {
      scheduler.advance(Duration.ZERO);
      answer = List.of("10.0.0.2", "10.0.0.1");
      waitForNextLook();
      assertThat(heard.all).hasSize(1);
      answer = List.of("10.0.0.2");
      waitForNextLook();
      assertThat(heard.all)
          .containsExactly(List.of("10.0.0.1:1", "10.0.0.2:1"), List.of("10.0.0.2:1"));
    }
  }

  @Test
  void keepsTheLastListWhenTheSourceFails() {
    answer = List.of("10.0.0.1");
    try (var watch = resolver.watch("demo:1", heard)) {
      scheduler.advance(Duration.ZERO);
      answer = List.of();
      waitForNextLook();
      waitForNextLook();
      // A failure that lasts is told once, and no list takes the place of the last one.
      assertThat(heard.lists).hasSize(1);
      assertThat(heard.failures)
          .containsExactly(
              Status.of(
                  Status.Code.UNAVAILABLE,
                  "dns://demo:1: no name server knows 'demo', or none answers"));
      answer = List.of("10.0.0.1");
      waitForNextLook();
      assertThat(heard.last()).isEqualTo(List.of("10.0.0.1:1"));
    }
  }

  @Test
  void failuresBackOffFromOneSecondToThirty() {
    try (var watch = resolver.watch("demo:1", heard)) {
      scheduler.advance(Duration.ZERO);
      for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30, 30}) {
        assertPause(seconds);
        waitForNextLook();
      }
      answer = List.of("10.0.0.1");
      waitForNextLook();
      assertPause(30);
      answer = List.of();
      waitForNextLook();
      assertPause(1);
    }
  }

  private void assertPause(int seconds) {
    assertThat(scheduler.untilNext())
        .isBetween(Duration.ofMillis(seconds * 800L), Duration.ofMillis(seconds * 1_200L));
  }

  @Test
  void survivesALookupThatThrows() {
    broken = true;
    try (var watch = resolver.watch("demo:1", heard)) {
      scheduler.advance(Duration.ZERO);
      assertThat((String) heard.last())
          .isEqualTo(
              "dns://demo:1: looking up 'demo' failed: java.lang.IllegalStateException:"
                  + " no\\u000anetwork");
      broken = false;
      answer = List.of("10.0.0.1");
      waitForNextLook();
      assertThat(heard.last()).isEqualTo(List.of("10.0.0.1:1"));
    }
  }

  @Test
  void doesNotAskForAnIpAddress() {
    try (var watch = resolver.watch("[::1]:8877", heard)) {
      assertThat(heard.all).containsExactly(List.of("[::1]:8877"));
      assertThat(scheduler.untilNext()).isNull();
    }
  }

  @Test
  void asksNoMoreOnceClosed() {
    answer = List.of("10.0.0.1");
    Resolver.Watch watch = resolver.watch("demo:1", heard);
    scheduler.advance(Duration.ZERO);
    watch.close();
    assertThat(scheduler.untilNext()).isNull();
    scheduler.advance(Duration.ofHours(1));
    assertThat(asked).hasSize(1);
  }

  @Test
  void anAnswerThatComesAfterTheCloseIsNotTold() {
    Resolver.Watch[] watch = new Resolver.Watch[1];
    DnsResolver slow =
        new DnsResolver(
            host -> {
              watch[0].close();
              return new InetAddress[] {InetAddress.getLoopbackAddress()};
            },
            scheduler,
            () -> random,
            REFRESH);
    watch[0] = slow.watch("demo:1", heard);
    scheduler.advance(Duration.ofHours(1));
    assertThat(heard.all).isEmpty();
    assertThat(scheduler.untilNext()).isNull();
  }

  @Test
  void asksAgainAtOnceIfAllRefuseButNotTwiceWithinASecond() {
    answer = List.of("10.0.0.1");
    try (var watch = resolver.watch("demo:1", heard)) {
      scheduler.advance(Duration.ofSeconds(5));
      assertThat(asked).hasSize(1);
      answer = List.of("10.0.0.2");
      watch.refresh();
      watch.refresh();
      scheduler.advance(Duration.ZERO);
      assertThat(asked).hasSize(2);
      assertThat(heard.last()).isEqualTo(List.of("10.0.0.2:1"));
      scheduler.advance(Duration.ofMillis(300));
      watch.refresh();
      watch.refresh();
      scheduler.advance(Duration.ofMillis(699));
      assertThat(asked).hasSize(2);
      scheduler.advance(Duration.ofMillis(1));
      assertThat(asked).hasSize(3);
      // And then as ever.
      assertThat(scheduler.untilNext()).isGreaterThan(Duration.ofSeconds(23));
    }
  }

  @Test
  void certificatesMustHaveTheNameThatWasAskedFor() {
    assertThat(resolver.serverName("Demo.Example:8877")).isEqualTo("demo.example");
    assertThat(resolver.serverName("10.0.0.1:8877")).isNull();
  }

  @Test
  void refusesMalformedPlaces() {
    assertThatThrownBy(() -> resolver.watch("demo.example", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("dns://demo.example: address 'demo.example' has no port");
    assertThatThrownBy(() -> resolver.watch("unix:/run/demo.sock", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("a Unix socket is unix:///run/demo.sock");
  }
}
