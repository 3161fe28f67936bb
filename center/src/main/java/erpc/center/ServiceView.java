package erpc.center;

import com.google.protobuf.CodedOutputStream;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListReply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service as it was at a revision. Immutable: readers share it and lock nobody.
 *
 * @param instances sorted by id
 * @param listBytes what the instances take in a list, on the wire
 * @param stopped whether those who left last were stopped, and not lost
 * @param lostRevision the latest revision at which an instance was lost rather than stopped; 0 if
 *     never
 */
record ServiceView(
    long revision, List<Instance> instances, long listBytes, boolean stopped, long lostRevision) {
  static final ServiceView UNKNOWN = new ServiceView(0, List.of(), 0, false, 0);

  /** What the instances of a list may take, beside what else is said with it. */
  static final int MAX_LIST_BYTES = CenterMethods.MAX_LIST_BYTES - 4096;

  /** What an instance takes in a list, on the wire. */
  static long listBytes(Instance instance) {
    return CodedOutputStream.computeMessageSize(ListReply.INSTANCES_FIELD_NUMBER, instance);
  }

  /**
   * Makes sure that the list can be sent.
   *
   * @throws RpcException RESOURCE_EXHAUSTED if it is too long for one message
   */
  void checkList(String service) {
    if (listBytes > MAX_LIST_BYTES) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "the list of service '%s' takes %d bytes, the limit is %d; register fewer instances or methods, or split the service"
              .formatted(service, listBytes, MAX_LIST_BYTES));
    }
  }

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
    private long listBytes;
    private @Nullable Byte mark;
    private boolean forgotten;

    Edit(ServiceView before) {
      this.before = before;
      this.instances = new ArrayList<>(before.instances);
      this.listBytes = before.listBytes;
    }

    void put(Instance instance) {
      int at = index(instances, instance.getId());
      listBytes += ServiceView.listBytes(instance);
      if (at >= 0) {
        listBytes -= ServiceView.listBytes(instances.set(at, instance));
      } else {
        instances.add(-at - 1, instance);
      }
    }

    void remove(String id) {
      int at = index(instances, id);
      if (at >= 0) {
        listBytes -= ServiceView.listBytes(instances.remove(at));
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
          listBytes,
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
