package erpc.center;

import erpc.center.Engine.Change;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.discovery.wire.Instance;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The changes that registrations, stops and losses propose to the engine. */
final class Changes {
  private Changes() {}

  /** Only what differs: a server that registers again unchanged wakes nobody. */
  static List<Change> puts(List<Instance> instances, Services services) {
    List<Change> changes = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      if (!instance.equals(services.view(instance.getService()).find(instance.getId()))) {
        changes.add(new Put(Keys.of(instance), instance.toByteArray()));
      }
    }
    return changes;
  }

  /** Removes these keys, and marks their services with how their instances went. */
  static List<Change> removals(List<String> keys, byte mark) {
    List<Change> changes = new ArrayList<>(2 * keys.size());
    Set<String> marked = new LinkedHashSet<>();
    for (String key : keys) {
      changes.add(new Remove(key));
      if (Keys.isInstance(key)) {
        marked.add(Keys.serviceOf(key));
      }
    }
    marked.forEach(service -> changes.add(new Put(Keys.service(service), new byte[] {mark})));
    return changes;
  }

  /** Forgets these services. */
  static List<Change> forgotten(List<String> services) {
    List<Change> changes = new ArrayList<>(services.size());
    services.forEach(service -> changes.add(new Remove(Keys.service(service))));
    return changes;
  }
}
