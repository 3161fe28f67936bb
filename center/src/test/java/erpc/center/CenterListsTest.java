package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListReply;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchRequest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A list is one message, so what is in it is bounded where it is registered. */
@Timeout(120)
class CenterListsTest extends CenterServiceFixture {
  private static final int OF_ONE_OWNER = 60;

  /** Names that make an instance as large as one may be. */
  private static final String LONG = "s".repeat(200);

  @BeforeEach
  void haveRoom() {
    restart(
        MemoryEngine.open(),
        CenterSettings.DEFAULT.withMaxLeaseBytes(Integer.MAX_VALUE).withMaxBytes(4L << 30));
  }

  private static Instance large(String service, String id) {
    Instance.Builder large =
        Instance.newBuilder().setService(service).setId(id).setAddress("10.0.0.1:8877");
    for (int i = 0; i < 300; i++) {
      large.addMethods(service + ".m" + i);
    }
    return large.build();
  }

  private void registerLarge(String service, int owner) {
    List<Instance> instances =
        IntStream.range(0, OF_ONE_OWNER).mapToObj(i -> large(service, owner + "-" + i)).toList();
    var unused =
        center.register(
            TestPeer.local().call(),
            RegisterRequest.newBuilder()
                .setOwner(service.length() + "-" + owner)
                .addAllInstances(instances)
                .build());
  }

  private ListReply list(String service) {
    return center.list(
        TestPeer.local().call(), ListRequest.newBuilder().setService(service).build());
  }

  private int fill(String service) {
    int size = 300 * (service.length() + 7) * OF_ONE_OWNER;
    int owners = 0;
    while (list(service).getSerializedSize() + size < CenterMethods.MAX_LIST_BYTES) {
      registerLarge(service, owners++);
    }
    return owners;
  }

  @Test
  void aRegistrationThatWouldMakeAListTooLongIsRefused() {
    int owners = fill(LONG);
    refused(
        Status.Code.RESOURCE_EXHAUSTED,
        "the limit is " + ServiceView.MAX_LIST_BYTES,
        () -> {
          for (int i = owners; i < owners + 2; i++) {
            registerLarge(LONG, i);
          }
        });
    assertThat(list(LONG).getSerializedSize()).isLessThanOrEqualTo(CenterMethods.MAX_LIST_BYTES);
    registerLarge(LONG, 0); // The same again adds nothing.

    String other = LONG + "-other";
    registerLarge(other, 0);
    registerLarge(other, 1);
    assertThat(list(other).getInstancesCount()).isEqualTo(2 * OF_ONE_OWNER);
    refused(Status.Code.RESOURCE_EXHAUSTED, "the list of all 2 services", () -> list(""));
  }

  @Test
  void aListThatWasRegisteredBeforeThereWasALimitIsRefusedByName() {
    Engine before = MemoryEngine.open();
    for (int round = 0; round < 10; round++) {
      int from = round * OF_ONE_OWNER;
      long unused =
          before.propose(
              IntStream.range(from, from + OF_ONE_OWNER)
                  .mapToObj(i -> large(LONG, "i" + i))
                  .<Engine.Change>map(each -> new Engine.Put(Keys.of(each), each.toByteArray()))
                  .toList(),
              null);
    }
    restart(before, CenterSettings.DEFAULT);
    refused(Status.Code.RESOURCE_EXHAUSTED, "the list of service '" + LONG, () -> list(LONG));
    WatchRequest request = WatchRequest.newBuilder().setService(LONG).build();
    try (TestWatch watch = new TestWatch(center, TestPeer.local(), request)) {
      refused(Status.Code.RESOURCE_EXHAUSTED, "the limit is", watch::soon);
    }
  }
}
