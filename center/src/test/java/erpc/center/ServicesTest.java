package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.center.Engine.Batch;
import erpc.center.Engine.Change;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.center.Engine.Snapshot;
import erpc.discovery.wire.Instance;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServicesTest {
  private final Services services = new Services();
  private long revision;

  private void apply(Change... changes) {
    var unused = services.apply(new Batch(++revision, List.of(changes)));
  }

  private static Instance instance(String service) {
    return Instance.newBuilder().setService(service).setId("i").build();
  }

  private static Put put(String service) {
    return new Put(Keys.instance(service, "i"), instance(service).toByteArray());
  }

  private void fillAndEmpty(String service) {
    apply(put(service));
    apply(new Remove(Keys.instance(service, "i")), mark(service));
  }

  private static Put mark(String service) {
    return new Put(Keys.service(service), new byte[] {Keys.STOPPED});
  }

  @Test
  void knowsWhichServicesWereEmptiedLongestAgo() {
    fillAndEmpty("c");
    fillAndEmpty("a");
    fillAndEmpty("b");
    apply(put("d"));
    assertThat(services.emptiedLongestAgo(2)).containsExactly("c", "a");
    apply(put("c")); // It is served again, and emptied again.
    assertThat(services.emptiedLongestAgo(9)).containsExactly("a", "b");
    fillAndEmpty("c");
    assertThat(services.emptiedLongestAgo(9)).containsExactly("a", "b", "c");
    apply(new Remove(Keys.service("a")));
    assertThat(services.emptiedLongestAgo(9)).containsExactly("b", "c");
    assertThat(services.isKnown("a")).isFalse();
  }

  @Test
  void knowsThemAfterASnapshotToo() {
    var unused =
        services.reset(
            new Snapshot(
                7,
                Map.of(
                    Keys.service("a"),
                    new byte[] {Keys.STOPPED},
                    Keys.instance("b", "i"),
                    instance("b").toByteArray())));
    assertThat(services.emptiedLongestAgo(9)).containsExactly("a");
  }

  @Test
  void countsWhatAListTakesOnTheWire() {
    apply(put("a"));
    long one = services.view("a").listBytes();
    assertThat(one).isEqualTo(ServiceView.listBytes(instance("a"))).isPositive();
    apply(put("a"));
    assertThat(services.view("a").listBytes()).isEqualTo(one);
    apply(new Remove(Keys.instance("a", "i")), mark("a"));
    assertThat(services.view("a").listBytes()).isZero();
  }
}
