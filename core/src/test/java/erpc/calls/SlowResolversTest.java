package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.server.Server;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A resolver that is slow to begin with one place, as it should not be. */
@Timeout(60)
class SlowResolversTest {
  private final Rig rig = new Rig();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private String address = "";

  /** Knows one server by all names, but not "bad"; "fast" at once, others once it may go on. */
  private final class Slow implements Resolver {
    @Override
    public String scheme() {
      return "slow";
    }

    @Override
    public Watch watch(String where, Listener listener) {
      if (!where.equals("fast")) {
        asked.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      if (where.equals("bad")) {
        throw new IllegalArgumentException("a bad place");
      }
      listener.endpoints(List.of(new Endpoint(address, 1, "", Set.of(), Map.of())));
      return closed::countDown;
    }
  }

  @BeforeEach
  void serve() throws Exception {
    Server server = rig.serve(Rig::echo);
    address = server.address();
  }

  @AfterEach
  void stop() throws Exception {
    goOn.countDown();
    rig.close();
  }

  private Client client() {
    return rig.client(Client.builder().resolvers(Resolvers.standard().with(new Slow())));
  }

  /** What the first call of a place gave, or threw; it is in the resolver when this returns. */
  private CompletableFuture<Object> first(Client client, String place) throws Exception {
    CompletableFuture<Object> result = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        result.complete(client.send(Rig.to(place)).body().getMsg());
      } catch (Throwable e) {
        result.complete(e);
      }
    });
    asked.await();
    return result;
  }

  @Test
  void holdsUpNoCallsOfOtherPlaces() throws Exception {
    Client client = client();
    CompletableFuture<Object> first = first(client, "slow://slow");
    assertThat(client.send(Rig.to("slow://fast")).body().getMsg()).isEqualTo("hi");
    // Not even the thread of another call of the same place.
    var second = client.sendAsync(Rig.to("slow://slow"));
    assertThat(second).isNotDone();
    goOn.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo("hi");
    assertThat(second.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void callsThatWaitForAPlaceWhichIsMalformedAreTold() throws Exception {
    Client client = client();
    CompletableFuture<Object> first = first(client, "slow://bad");
    var second = client.sendAsync(Rig.to("slow://bad"));
    goOn.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalArgumentException.class);
    assertThat(Rig.failure(second).code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(catchThrowable(() -> client.send(Rig.to("slow://bad"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void watchThatBeginsAfterItsClientWasClosedIsClosed() throws Exception {
    Client client = client();
    CompletableFuture<Object> first = first(client, "slow://slow");
    client.close();
    goOn.countDown();
    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(RuntimeException.class);
  }
}
