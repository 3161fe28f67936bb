package erpc.discovery;

import erpc.call.Status;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A listener that remembers all it hears: lists of addresses, and messages of failures. */
final class Heard implements Resolver.Listener {
  final List<Object> all = new CopyOnWriteArrayList<>();
  final List<List<Endpoint>> lists = new CopyOnWriteArrayList<>();
  final List<Status> failures = new CopyOnWriteArrayList<>();

  @Override
  public void endpoints(List<Endpoint> endpoints) {
    lists.add(endpoints);
    all.add(endpoints.stream().map(Endpoint::address).toList());
  }

  @Override
  public void failed(Status why) {
    failures.add(why);
    all.add(why.message());
  }

  /** The last thing heard: a list of addresses or a message; empty if nothing was. */
  Object last() {
    return all.isEmpty() ? "" : all.get(all.size() - 1);
  }
}
