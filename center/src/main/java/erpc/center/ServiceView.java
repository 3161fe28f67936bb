package erpc.center;

import erpc.discovery.wire.Instance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service as it was at a revision. Immutable: readers share it and lock nobody.
 *
 * @param instances sorted by id
 * @param stopped whether those who left last were stopped, and not lost
 * @param lostRevision the latest revision at which an instance was lost rather than stopped; 0 if
 *     never
 */
record ServiceView(long revision, List<Instance> instances, boolean stopped, long lostRevision) {
  static final ServiceView UNKNOWN = new ServiceView(0, List.of(), false, 0);

  /**
   * Whether an empty list means that nobody is there any more, to someone whose list is of that
   * revision (0: who has none).
   */
  boolean emptiedExplicitly(long sinceRevision) {
    return instances.isEmpty() && stopped && (sinceRevision == 0 || lostRevision <= sinceRevision);
  }

  @Nullable Instance find(String id) {
    int at = index(instances, id);
    return at < 0 ? null : instances.get(at);
  }

  /** What one batch makes of a view. */
  static final class Edit {
    private final ServiceView before;
    private final ArrayList<Instance> instances;
    private @Nullable Byte mark;
    private boolean forgotten;

    Edit(ServiceView before) {
      this.before = before;
      this.instances = new ArrayList<>(before.instances);
    }

    void put(Instance instance) {
      int at = index(instances, instance.getId());
      if (at >= 0) {
        instances.set(at, instance);
      } else {
        instances.add(-at - 1, instance);
      }
    }

    void remove(String id) {
      int at = index(instances, id);
      if (at >= 0) {
        instances.remove(at);
      }
    }

    void mark(byte value) {
      mark = value;
      forgotten = false;
    }

    void unmark() {
      forgotten = true;
    }

    /** The view after the batch, or null if the service is forgotten. */
    @Nullable ServiceView at(long revision) {
      if (instances.isEmpty() && (forgotten || (mark == null && before.revision == 0))) {
        return null;
      }
      boolean lost = mark != null && mark != Keys.STOPPED;
      return new ServiceView(
          revision,
          Collections.unmodifiableList(instances),
          mark == null ? before.stopped : mark == Keys.STOPPED,
          lost ? revision : before.lostRevision);
    }
  }

  /** Where the id is, or -(where it belongs) - 1. */
  private static int index(List<Instance> sorted, String id) {
    int low = 0;
    int high = sorted.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = sorted.get(middle).getId().compareTo(id);
      if (order == 0) {
        return middle;
      } else if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }
}
