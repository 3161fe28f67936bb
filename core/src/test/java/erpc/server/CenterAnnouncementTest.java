package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterCalls;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CenterAnnouncementTest {
  private static final List<String> METHODS = List.of("demo.hello", "demo.echo");

  /** A center that takes down what it is asked and is never there. */
  private static final class Absent implements CenterCalls {
    final BlockingQueue<Message> asked = new LinkedBlockingQueue<>();

    @Override
    public <Q extends Message, R extends Message> R call(
        String method, Q request, Class<R> replyType, Duration timeout) {
      asked.add(request);
      throw new RpcException(Status.Code.UNAVAILABLE, "away");
    }

    @Override
    public <Q extends Message, R extends Message> Incoming<R> stream(
        String method, Q request, Class<R> replyType) {
      throw new RpcException(Status.Code.UNAVAILABLE, "away");
    }
  }

  /** The addresses of the first registration that has so many: one may go out between two calls. */
  private static List<String> registered(int count, @Nullable String advertise, String... bound)
      throws Exception {
    Absent center = new Absent();
    CenterAnnouncement announcement =
        new CenterAnnouncement(center, DiscoverySettings.DEFAULTS.withAdvertise(advertise));
    for (String each : bound) {
      announcement.listening(List.of(each), METHODS);
    }
    try {
      List<String> addresses = List.of();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (System.nanoTime() - end < 0) { // The first try may have been made before the last.
        RegisterRequest request = (RegisterRequest) center.asked.poll(20, TimeUnit.SECONDS);
        assertThat(request).isNotNull();
        addresses = request.getInstancesList().stream().map(Instance::getAddress).toList();
        if (addresses.size() == count) {
          break;
        }
      }
      return addresses;
    } finally {
      assertThat(announcement.withdraw()).isFalse();
    }
  }

  @Test
  void letsTheCenterSeeTheHostOfAllAddresses() throws Exception {
    assertThat(registered(1, null, "0.0.0.0:8877")).containsExactly(":8877");
    assertThat(registered(1, null, "[0:0:0:0:0:0:0:0]:8877")).containsExactly(":8877");
    assertThat(registered(1, null, "10.0.0.7:8877")).containsExactly("10.0.0.7:8877");
  }

  @Test
  void tellsZoneWeightAndPartition() throws Exception {
    Absent center = new Absent();
    CenterAnnouncement announcement =
        new CenterAnnouncement(
            center, DiscoverySettings.DEFAULTS.withZone("a").withWeight(7).withPartition("0/3"));
    announcement.listening(List.of("127.0.0.1:8877", "127.0.0.1:8878"), METHODS);
    RegisterRequest request = (RegisterRequest) center.asked.poll(20, TimeUnit.SECONDS);
    announcement.withdraw();
    assertThat(request.getInstancesList())
        .hasSize(2)
        .allSatisfy(instance -> {
          assertThat(instance.getZone()).isEqualTo("a");
          assertThat(instance.getWeight()).isEqualTo(7);
          assertThat(instance.getTagsMap()).containsExactly(Map.entry("partition", "0/3"));
        });
  }

  @Test
  void advertisesAHostWithThePortsThatItListensOn() throws Exception {
    assertThat(registered(1, "demo.example", "0.0.0.0:8877")).containsExactly("demo.example:8877");
    assertThat(registered(2, "[fd00::7]", "127.0.0.1:8877", "127.0.0.1:8878"))
        .containsExactly("[fd00::7]:8877", "[fd00::7]:8878");
  }

  @Test
  void advertisesAMappedPortInThePlaceOfAllThatItListensOn() throws Exception {
    assertThat(registered(1, "10.0.0.7:30877", "0.0.0.0:8877", "127.0.0.1:8878"))
        .containsExactly("10.0.0.7:30877");
    assertThat(registered(1, "10.0.0.7:30877", "unix:/run/demo.sock"))
        .containsExactly("unix:/run/demo.sock");
  }
}
