package erpc.center;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.center.Lease.Held;
import erpc.discovery.wire.Instance;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is room for what is to be registered: for its owner, for its host, for each service
 * and in all. Every refusal is RESOURCE_EXHAUSTED and names the limit. Guarded by the registry's
 * lock for writes.
 */
final class Room {
  private final CenterSettings settings;
  private final Services services;
  private final Leases leases;

  Room(CenterSettings settings, Services services, Leases leases) {
    this.settings = settings;
    this.services = services;
    this.leases = leases;
  }

  /**
   * Makes sure that these instances have room.
   *
   * @param own the lease they come to, or null for a new one
   * @param host where a new lease's owner registers from
   * @return how many services must be forgotten before, because their names are as many as may be
   * @throws RpcException RESOURCE_EXHAUSTED at a limit
   */
  int check(@Nullable Lease own, String host, List<Instance> instances) {
    int added = 0;
    int addedToLease = 0;
    long bytes = own == null ? Held.OWNER.bytes() : 0;
    Set<String> unknown = new LinkedHashSet<>();
    for (Instance instance : instances) {
      String key = Keys.of(instance);
      Held before = own == null ? null : own.find(key);
      added += leases.holder(key) == null ? 1 : 0;
      addedToLease += before == null ? 1 : 0;
      bytes += Held.bytesOf(instance.getSerializedSize()) - (before == null ? 0 : before.bytes());
      if (!services.isKnown(instance.getService())) {
        unknown.add(instance.getService());
      }
    }
    checkLease(own, addedToLease, bytes);
    checkAll(added, own == null ? host : own.host(), bytes);
    checkLists(instances);
    int missing = services.count() + unknown.size() - settings.maxServices();
    return unknown.isEmpty() ? 0 : Math.max(0, missing);
  }

  private void checkLease(@Nullable Lease own, int more, long moreBytes) {
    int instances = more + (own == null ? 0 : own.instances());
    long bytes = moreBytes + (own == null ? 0 : own.bytes());
    if (more > 0 && instances > settings.maxInstancesPerLease()) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "this owner would have %d instances, the limit is %d (maxInstancesPerLease)"
              .formatted(instances, settings.maxInstancesPerLease()));
    }
    if (moreBytes > 0 && bytes > settings.maxLeaseBytes()) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "this owner's instances would take %d bytes, the limit is %d (maxLeaseBytes)"
              .formatted(bytes, settings.maxLeaseBytes()));
    }
  }

  private void checkAll(int more, String host, long moreBytes) {
    if (leases.instances() + more > settings.maxInstances()) {
      throw full(settings.maxInstances() + " instances are registered (maxInstances)");
    }
    if (!leases.hasRoom(host, moreBytes)) {
      throw full(
          "instances may take %d bytes in all (maxBytes), and those of one host as much of them as is still free"
              .formatted(settings.instanceBytes()));
    }
  }

  /** A list that is too long for one message could be had by nobody any more. */
  private void checkLists(List<Instance> instances) {
    Map<String, Long> added = new HashMap<>();
    for (Instance instance : instances) {
      Instance before = services.view(instance.getService()).find(instance.getId());
      long more =
          ServiceView.listBytes(instance) - (before == null ? 0 : ServiceView.listBytes(before));
      added.merge(instance.getService(), more, Long::sum);
    }
    added.forEach((service, more) -> {
      long bytes = services.view(service).listBytes() + more;
      if (more > 0 && bytes > ServiceView.MAX_LIST_BYTES) {
        throw new RpcException(
            Status.Code.RESOURCE_EXHAUSTED,
            "the list of service '%s' would take %d bytes, the limit is %d; register fewer instances or methods, or split the service"
                .formatted(service, bytes, ServiceView.MAX_LIST_BYTES));
      }
    });
  }

  /** There is no room for more names of services, since all that are known are served. */
  RpcException servicesAreFull() {
    return full(settings.maxServices() + " services are registered (maxServices)");
  }

  private static RpcException full(String what) {
    return new RpcException(Status.Code.RESOURCE_EXHAUSTED, "the center is full: " + what);
  }
}
