package erpc.discovery;

import erpc.call.Names;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves the names of services by watching the center. Each watch is a virtual thread with one
 * long poll on its way, which resumes by revision. Thread-safe.
 *
 * <p>While the center is away the last list stays and failure is told once per outage. A list is
 * exchanged for an empty one only if the center says that each member was stopped; a service the
 * center has never heard of is not told at all, so calls of it wait.
 */
public final class CenterResolver implements Resolver {
  /** How long the center is asked to wait for a change. */
  static final Duration WAIT = Duration.ofSeconds(20);

  /** What a reply may take beyond that. */
  static final Duration MARGIN = Duration.ofSeconds(3);

  /**
   * So many polls in a row may be answered at once, as when servers come and go; then each waits
   * for the pause.
   */
  static final int QUICK_POLLS = 20;

  static final Duration QUICK_PAUSE = Duration.ofMillis(100);

  private static final Logger LOG = LoggerFactory.getLogger(CenterResolver.class);

  private final CenterCalls calls;
  private final Supplier<RandomGenerator> random;
  private final Supplier<CenterPause> pauses;

  /** A resolver that asks the center by this function. */
  public CenterResolver(CenterCalls calls) {
    this(calls, ThreadLocalRandom::current, CenterPause::system);
  }

  CenterResolver(
      CenterCalls calls, Supplier<RandomGenerator> random, Supplier<CenterPause> pauses) {
    this.calls = calls;
    this.random = random;
    this.pauses = pauses;
  }

  @Override
  public String scheme() {
    return Target.CENTER;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if this cannot be the name of a service
   */
  @Override
  public Watch watch(String where, Listener listener) {
    Following following = new Following(Names.checkService(where), listener);
    following.thread.start();
    return following;
  }

  /** One watch. */
  private final class Following implements Watch {
    private final String service;
    private final Delivery delivery;
    private final CenterPause pause = pauses.get();
    private final Thread thread;
    private volatile boolean closed;

    // Only the thread's own.
    private long revision;
    private String center = "";
    private @Nullable List<Endpoint> last;
    private boolean failed;
    private int quick;

    Following(String service, Listener listener) {
      this.service = service;
      this.delivery = new Delivery("service " + service + " at the center", listener);
      this.thread = Thread.ofVirtual().name("center-watch-" + service).unstarted(this::run);
    }

    private void run() {
      CenterBackoff backoff = new CenterBackoff(random.get());
      while (!closed) {
        try {
          quick = poll() ? quick + 1 : 0;
          backoff.reset();
          if (quick > QUICK_POLLS) {
            pause.await(QUICK_PAUSE);
          }
        } catch (InterruptedException e) {
          return;
        } catch (RuntimeException e) {
          fail(e);
          waitFor(backoff);
        }
      }
    }

    private void waitFor(CenterBackoff backoff) {
      try {
        if (!closed) {
          pause.await(backoff.next());
        }
      } catch (InterruptedException e) {
        LOG.trace("woken to close the watch of {}", service);
      }
    }

    /** Asks once; true if something had changed. */
    private boolean poll() {
      WatchRequest request =
          WatchRequest.newBuilder()
              .setService(service)
              .setAfterRevision(revision)
              .setWaitMillis((int) WAIT.toMillis())
              .setCenter(center)
              .build();
      WatchReply reply =
          calls.call(CenterMethods.WATCH.name(), request, WatchReply.class, WAIT.plus(MARGIN));
      List<Endpoint> list = reply.getChanged() ? endpoints(reply.getInstancesList()) : last;
      revision = reply.getRevision();
      center = reply.getCenter();
      if (list != null && list.isEmpty() && reply.getChanged() && !reply.getEmptiedExplicitly()) {
        keep();
        list = last;
      }
      tell(list);
      return reply.getChanged();
    }

    private void keep() {
      if (last != null && !last.isEmpty()) {
        LOG.info(
            "the center lists no instance of {}, but none of {} was stopped: keeping them",
            service,
            last.size());
      }
    }

    /** The list that is already told is dropped by the delivery, except after a failure. */
    private void tell(@Nullable List<Endpoint> list) {
      failed = false;
      if (list != null) {
        last = list;
        delivery.endpoints(list);
      }
    }

    /** Told once an outage, whatever its later tries say. */
    private void fail(RuntimeException e) {
      if (failed || closed) {
        return;
      }
      failed = true;
      Status status =
          e instanceof RpcException rpc
              ? rpc.status()
              : Status.of(Status.Code.INTERNAL, String.valueOf(e.getMessage()));
      String rest =
          last == null ? "no list has come yet" : "going on with the last list of " + last.size();
      delivery.failed(
          status.withMessage(
              "watching service %s at the center failed, %s: %s"
                  .formatted(service, rest, Printable.of(status.message()))));
    }

    @Override
    public void close() {
      closed = true;
      delivery.close(); // First, so that the interrupt meets the poll and never the listener.
      if (Thread.currentThread() != thread) {
        thread.interrupt();
      }
    }
  }

  private static List<Endpoint> endpoints(List<Instance> instances) {
    List<Endpoint> endpoints = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      try {
        endpoints.add(endpoint(instance));
      } catch (IllegalArgumentException e) {
        LOG.warn(
            "left out an instance of the center's list: {}",
            Printable.of(String.valueOf(e.getMessage())));
      }
    }
    return List.copyOf(endpoints);
  }

  private static Endpoint endpoint(Instance instance) {
    return new Endpoint(
        instance.getAddress(),
        instance.getWeight() <= 0 ? Endpoint.DEFAULT_WEIGHT : instance.getWeight(),
        instance.getZone(),
        Set.copyOf(instance.getMethodsList()),
        instance.getTagsMap());
  }
}
