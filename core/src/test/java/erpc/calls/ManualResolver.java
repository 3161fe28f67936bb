package erpc.calls;

import static org.awaitility.Awaitility.await;

import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Resolves {@code manual://anything} to what a test says, once it does. */
final class ManualResolver implements Resolver {
  private final Map<String, Listener> listeners = new ConcurrentHashMap<>();

  Resolvers among() {
    return Resolvers.standard().with(this);
  }

  @Override
  public String scheme() {
    return "manual";
  }

  @Override
  public Watch watch(String where, Listener listener) {
    listeners.put(where, listener);
    return () -> listeners.remove(where);
  }

  /** Whether anybody watches the place. */
  boolean isWatched(String where) {
    return listeners.containsKey(where);
  }

  /** Tells who is there, once somebody has asked. */
  void tell(String where, Endpoint... endpoints) {
    if (!isWatched(where)) {
      await().until(() -> isWatched(where));
    }
    listeners.get(where).endpoints(List.of(endpoints));
  }

  void tell(String where, String... addresses) {
    tell(where, Arrays.stream(addresses).map(Endpoint::of).toArray(Endpoint[]::new));
  }
}
