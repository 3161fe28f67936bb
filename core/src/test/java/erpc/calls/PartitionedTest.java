package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.Combine;
import erpc.client.Combine.Part;
import erpc.discovery.Endpoint;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One request split over the partitions of its place. */
@Timeout(60)
class PartitionedTest {
  private final Rig rig = new Rig();
  private final ManualResolver resolver = new ManualResolver();
  private final Client client =
      rig.client(Client.builder().resolvers(resolver.among()).random(new Random(7)));
  private final Request<EchoRequest, EchoReply> request = Rig.to("manual://data");
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** A server of this partition, which notes what it is asked. */
  private Endpoint serving(String partition) throws Exception {
    return tagged(partition, 100, server(partition).address());
  }

  private Server server(String partition) throws Exception {
    return rig.serve((context, message) -> {
      asked.add(partition + "<" + message.getMsg());
      return reply(partition);
    });
  }

  private static Endpoint tagged(String partition, int weight, String address) {
    return new Endpoint(address, weight, "", Set.of(), Map.of(Endpoint.PARTITION, partition));
  }

  /** A message for each part, which tells its number. */
  private static List<EchoRequest> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> Rig.request("" + i)).toList();
  }

  private static String merged(List<Part<Reply<EchoReply>>> parts) {
    List<String> texts = new ArrayList<>();
    for (Part<Reply<EchoReply>> each : parts) {
      Reply<EchoReply> value = each.value();
      texts.add(each.index() + "=" + (value == null ? "" : value.body().getMsg()));
    }
    return String.join(" ", texts);
  }

  private CompletableFuture<String> call(
      IntFunction<? extends List<? extends @Nullable EchoRequest>> split) {
    return Combine.partitioned(client, request, split, PartitionedTest::merged);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void eachPartGoesToItsPartitionAndTheRepliesAreMergedInOrder() throws Exception {
    CompletableFuture<String> early = call(PartitionedTest::numbered);
    resolver.tell("data", serving("2/3"), serving("0/3"), serving("1/3"));
    assertThat(get(early)).isEqualTo("0=0/3 1=1/3 2=2/3");
    for (int i = 0; i < 20; i++) {
      assertThat(get(call(PartitionedTest::numbered))).isEqualTo("0=0/3 1=1/3 2=2/3");
    }
    assertThat(Set.copyOf(asked)).containsExactlyInAnyOrder("0/3<0", "1/3<1", "2/3<2");
  }

  @Test
  void partWithNothingToAskIsNotAsked() throws Exception {
    CompletableFuture<String> call = call(count -> Arrays.asList(null, Rig.request("one"), null));
    resolver.tell("data", serving("0/3"), serving("1/3"), serving("2/3"));
    assertThat(get(call)).isEqualTo("1=1/3");
    assertThat(asked).containsExactly("1/3<one");
    assertThat(get(call(count -> Arrays.asList(null, null, null)))).isEmpty();
  }

  @Test
  void missingPartitionIsNamed() throws Exception {
    CompletableFuture<String> call = call(PartitionedTest::numbered);
    resolver.tell("data", serving("0/3"), serving("2/3"), serving("0/8"));
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.message()).isEqualTo("no endpoint of manual://data has partition 1/3");
    assertThat(asked).isEmpty();
  }

  @Test
  void placeWithoutPartitionsSaysWhatToSet() throws Exception {
    CompletableFuture<String> call = call(PartitionedTest::numbered);
    resolver.tell("data", serving("3/3"), Endpoint.of(server("none").address()));
    assertThat(failure(call).message())
        .isEqualTo(
            "none of the 2 endpoints of manual://data says which partition it has"
                + " (erpc.partition, as 0/3)");
    resolver.tell("data", new Endpoint[0]);
    assertThat(failure(call(PartitionedTest::numbered)).message())
        .isEqualTo("manual://data has no endpoints");
  }

  @Test
  void severalSplitsTakeCallsByTheirWeight() throws Exception {
    String[] servers = new String[7];
    for (int i = 0; i < 7; i++) {
      servers[i] = server(i < 3 ? i + "/3" : (i - 3) + "/4").address();
    }
    CompletableFuture<String> first = call(PartitionedTest::numbered);
    resolver.tell(
        "data",
        IntStream.range(0, 7)
            .mapToObj(i ->
                i < 3
                    ? tagged(i + "/3", 100, servers[i])
                    : tagged((i - 3) + "/4", i == 3 ? 25 : 300, servers[i]))
            .toArray(Endpoint[]::new));
    var unused = get(first);
    int three = 0;
    for (int i = 0; i < 400; i++) {
      three += get(call(PartitionedTest::numbered)).equals("0=0/3 1=1/3 2=2/3") ? 1 : 0;
    }
    // 3 × 100 to 4 × 25, what the weakest of each has: three quarters.
    assertThat(three).isBetween(260, 340);
  }

  @Test
  void partGoesToAnotherEndpointOfItsPartitionIfOneIsDown() throws Exception {
    Server down = server("0/2");
    Endpoint gone = tagged("0/2", 100, down.address());
    down.close();
    CompletableFuture<String> early = call(PartitionedTest::numbered);
    resolver.tell("data", gone, serving("0/2"), serving("1/2"));
    assertThat(get(early)).isEqualTo("0=0/2 1=1/2");
    for (int i = 0; i < 20; i++) {
      assertThat(get(call(PartitionedTest::numbered))).isEqualTo("0=0/2 1=1/2");
    }
  }

  @Test
  void otherCallsGoToAllEndpoints() throws Exception {
    CompletableFuture<String> early = call(PartitionedTest::numbered);
    resolver.tell("data", serving("0/2"), serving("1/2"), Endpoint.of(server("none").address()));
    var unused = get(early);
    Set<String> met = new java.util.HashSet<>();
    for (int i = 0; i < 200; i++) {
      met.add(client.send(request).body().getMsg());
    }
    assertThat(met).containsExactlyInAnyOrder("0/2", "1/2", "none");
  }

  @Test
  void firstPartThatFailsIsTheFailureAndCancelsTheOthers() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Server hanging =
        rig.serve((context, message) -> {
          CountDownLatch over = new CountDownLatch(1);
          context.onCancel(over::countDown);
          running.countDown();
          over.await();
          cancelled.countDown();
          return reply("late");
        });
    Server failing =
        rig.serve((context, message) -> {
          running.await();
          throw Status.of(Code.NOT_FOUND, "no such row").toException();
        });
    CompletableFuture<String> call = call(PartitionedTest::numbered);
    resolver.tell(
        "data", tagged("0/2", 100, hanging.address()), tagged("1/2", 100, failing.address()));
    assertThat(failure(call).message()).isEqualTo("no such row");
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void splitThatIsNoneIsSaid() throws Exception {
    CompletableFuture<String> call = call(count -> List.of(Rig.request("only")));
    resolver.tell("data", serving("0/2"), serving("1/2"));
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.message())
        .startsWith("the request was split into 1 parts, but there are 2 partitions");
    assertThat(
            failure(
                    call(count -> {
                      throw new IllegalStateException("cannot split");
                    }))
                .message())
        .contains("splitting the request threw", "cannot split");
    assertThat(asked).isEmpty();
  }
}
