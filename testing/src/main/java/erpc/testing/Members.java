package erpc.testing;

import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The servers of a simulation by their names: {@code cluster://all}, {@code cluster://a,b}.
 * Thread-safe.
 */
final class Members implements Resolver {
  static final String SCHEME = "cluster";
  static final String ALL = "all";

  // Guarded by this.
  private final Map<String, Endpoint> byName = new LinkedHashMap<>();
  private final List<Watched> watches = new ArrayList<>();

  @Override
  public String scheme() {
    return SCHEME;
  }

  /** One that follows all servers, those to come included. */
  private final class Watched implements Watch {
    private final Listener listener;

    Watched(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void close() {
      synchronized (Members.this) {
        watches.remove(this);
      }
    }
  }

  synchronized void add(String name, String address) {
    byName.put(name, Endpoint.of(address));
    tellAll();
  }

  synchronized void remove(String name) {
    byName.remove(name);
    tellAll();
  }

  private void tellAll() {
    List<Endpoint> now = List.copyOf(byName.values());
    watches.forEach(each -> each.listener.endpoints(now));
  }

  @Override
  public synchronized Watch watch(String where, Listener listener) {
    if (where.equals(ALL)) {
      Watched watched = new Watched(listener);
      watches.add(watched);
      if (!byName.isEmpty()) {
        listener.endpoints(List.copyOf(byName.values()));
      }
      return watched;
    }
    listener.endpoints(Arrays.stream(where.split(",")).map(this::named).toList());
    return () -> {};
  }

  private Endpoint named(String name) {
    Endpoint found = byName.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "no server '" + name + "' in this simulation; there are " + byName.keySet());
    }
    return found;
  }
}
