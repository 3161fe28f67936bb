package erpc.center;

import com.google.protobuf.InvalidProtocolBufferException;
import erpc.center.Engine.Batch;
import erpc.center.Engine.Change;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.center.Engine.Snapshot;
import erpc.discovery.wire.Instance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything the engine has said so far, by service, as immutable views. One thread at a time
 * writes, anyone reads without a lock.
 */
final class Services {
  private volatile Views views = new Views();
  private volatile long revision;

  /**
   * The services there are.
   *
   * @param emptied those without instances, emptied longest ago first
   */
  private record Views(
      ConcurrentHashMap<String, ServiceView> byName, ConcurrentSkipListSet<Emptied> emptied) {
    Views() {
      this(new ConcurrentHashMap<>(), new ConcurrentSkipListSet<>());
    }

    ServiceView of(String service) {
      return byName.getOrDefault(service, ServiceView.UNKNOWN);
    }

    void put(String service, @Nullable ServiceView after) {
      ServiceView before = after == null ? byName.remove(service) : byName.put(service, after);
      if (before != null && before.instances().isEmpty()) {
        emptied.remove(new Emptied(before.revision(), service));
      }
      if (after != null && after.instances().isEmpty()) {
        emptied.add(new Emptied(after.revision(), service));
      }
    }
  }

  private record Emptied(long revision, String service) implements Comparable<Emptied> {
    private static final Comparator<Emptied> ORDER =
        Comparator.comparingLong(Emptied::revision).thenComparing(Emptied::service);

    @Override
    public int compareTo(Emptied other) {
      return ORDER.compare(this, other);
    }
  }

  /** All of it has been applied; views read afterwards are at least as new. */
  long revision() {
    return revision;
  }

  /** The service, or {@link ServiceView#UNKNOWN}. */
  ServiceView view(String service) {
    return views.of(service);
  }

  boolean isKnown(String service) {
    return views.byName.containsKey(service);
  }

  int count() {
    return views.byName.size();
  }

  /** The views as they are; not one consistent cut through all services. */
  Map<String, ServiceView> all() {
    return views.byName;
  }

  /** Services that nobody serves, those first that were emptied longest ago; at most so many. */
  List<String> emptiedLongestAgo(int most) {
    return views.emptied.stream().limit(most).map(Emptied::service).toList();
  }

  /**
   * Starts over from a snapshot; returns the services that may have changed. Readers see the old
   * views or the new ones, never none. Who was lost on the way is not known, so every service
   * counts as having lost somebody.
   */
  Set<String> reset(Snapshot snapshot) {
    List<Change> changes = new ArrayList<>();
    snapshot.data().forEach((key, value) -> changes.add(new Put(key, value)));
    Views fresh = new Views();
    ServiceView before = new ServiceView(0, List.of(), 0, false, snapshot.revision());
    Set<String> changed = new HashSet<>(views.byName.keySet());
    changed.addAll(apply(new Batch(snapshot.revision(), changes), name -> before, fresh));
    views = fresh;
    revision = snapshot.revision();
    return changed;
  }

  /** Applies a batch; returns the services it changed. */
  Set<String> apply(Batch batch) {
    Set<String> changed = apply(batch, this::view, views);
    revision = batch.revision();
    return changed;
  }

  private static Set<String> apply(Batch batch, Function<String, ServiceView> before, Views to) {
    Map<String, ServiceView.Edit> edits = new HashMap<>();
    for (Change change : batch.changes()) {
      String key = change.key();
      if (Keys.isInstance(key) || Keys.isService(key)) {
        edit(
            change,
            edits.computeIfAbsent(
                Keys.serviceOf(key), name -> new ServiceView.Edit(before.apply(name))));
      }
    }
    edits.forEach((name, edit) -> to.put(name, edit.at(batch.revision())));
    return edits.keySet();
  }

  private static void edit(Change change, ServiceView.Edit edit) {
    boolean instance = Keys.isInstance(change.key());
    switch (change) {
      case Put put when instance -> edit.put(decode(put));
      case Put put -> edit.mark(put.value()[0]);
      case Remove remove when instance -> edit.remove(Keys.idOf(remove.key()));
      case Remove remove -> edit.unmark();
    }
  }

  private static Instance decode(Put put) {
    try {
      return Instance.parseFrom(put.value());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the engine holds no instance under '" + put.key() + "'", e);
    }
  }
}
