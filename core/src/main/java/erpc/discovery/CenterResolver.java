package erpc.discovery;

import erpc.call.Incoming;
import erpc.call.LastingLoop;
import erpc.call.Names;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.call.Ticker;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves the names of services by watching the center. Each watch is a virtual thread that reads
 * one stream, and opens it again from the last revision when it has ended. Thread-safe.
 *
 * <p>A center that has just started marks its lists as incomplete: until it does so no more, what
 * it has not seen again stays beside what it lists.
 *
 * <p>While the center is away the last list stays and failure is told once per outage. A list is
 * exchanged for an empty one only if the center says that each member was stopped; a service the
 * center has never heard of is not told at all, so calls of it wait.
 */
public final class CenterResolver implements Resolver {
  /**
   * How long a stream that has answered must last before the next pause is a short one again: a
   * center that answers and closes would else be asked without end.
   */
  static final Duration LASTING = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(CenterResolver.class);

  private final CenterCalls calls;
  private final Ticker ticker;
  private final Supplier<RandomGenerator> random;
  private final Supplier<CenterPause> pauses;

  /** A resolver that asks the center by this function. */
  public CenterResolver(CenterCalls calls) {
    this(calls, Ticker.system(), ThreadLocalRandom::current, CenterPause::system);
  }

  CenterResolver(
      CenterCalls calls,
      Ticker ticker,
      Supplier<RandomGenerator> random,
      Supplier<CenterPause> pauses) {
    this.calls = calls;
    this.ticker = ticker;
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
    private final LastingLoop loop;
    private final Thread thread;

    /** Set by whoever closes it, for good, before it interrupts the thread. */
    private volatile boolean closed;

    // Only the thread's own.
    private long revision;
    private String center = "";
    private @Nullable List<Endpoint> last;

    /** Those of the last list that a center which has just started has not seen yet. */
    private List<Endpoint> unconfirmed = List.of();

    private boolean failed;
    private boolean refused;

    Following(String service, Listener listener) {
      this.service = service;
      this.delivery = new Delivery("service " + service + " at the center", listener);
      this.loop = new LastingLoop(LOG, "watching service " + service + " at the center");
      this.thread = Thread.ofVirtual().name("center-watch-" + service).unstarted(this::run);
    }

    private void run() {
      CenterBackoff backoff = new CenterBackoff(random.get());
      while (!closed) {
        try {
          follow(backoff);
        } catch (Throwable e) { // Whatever it is: nobody else would ever look again.
          loop.met(e);
          loop.rest();
        }
      }
    }

    /** Reads one stream to its end, and waits. */
    private void follow(CenterBackoff backoff) {
      long openedAt = ticker.nanos();
      boolean answered = false;
      try (Incoming<WatchReply> replies = open()) {
        for (WatchReply reply : replies) {
          take(reply, calls.reachedAt(replies));
          if (closed) {
            return; // The listener may have done so.
          }
          answered = true;
        }
        throw new RpcException(Status.Code.UNAVAILABLE, "the center ended the watch");
      } catch (RuntimeException e) {
        if (answered && ticker.nanos() - openedAt >= LASTING.toNanos()) {
          backoff.reset();
        }
        fail(e);
        waitFor(Refusal.pause(e, backoff));
      }
    }

    private void waitFor(Duration time) {
      try {
        if (!closed) {
          pause.await(time);
        }
      } catch (InterruptedException e) {
        LOG.trace("woken to close the watch of {}", service);
      }
    }

    private Incoming<WatchReply> open() {
      WatchRequest request =
          WatchRequest.newBuilder()
              .setService(service)
              .setAfterRevision(unconfirmed.isEmpty() ? revision : 0)
              .setCenter(center)
              .build();
      return calls.stream(CenterMethods.WATCH.name(), request, WatchReply.class);
    }

    private void take(WatchReply reply, String host) {
      List<Endpoint> list = reply.getChanged() ? endpoints(reply.getInstancesList(), host) : null;
      boolean another = !reply.getCenter().equals(center);
      boolean lackedSome = !unconfirmed.isEmpty();
      revision = reply.getRevision();
      center = reply.getCenter();
      unconfirmed = unconfirmed(reply, another, list);
      if (list == null) {
        tell(last);
      } else if (!unconfirmed.isEmpty()) {
        List<Endpoint> together = new ArrayList<>(list);
        together.addAll(unconfirmed);
        tell(List.copyOf(together));
      } else if (list.isEmpty() && (lackedSome || !reply.getEmptiedExplicitly())) {
        keep();
        tell(last);
      } else {
        tell(list);
      }
    }

    /**
     * What this list is not to lose yet: a center that has just started does not know those that
     * have not registered again. Those that it has known since are its to tell.
     */
    private List<Endpoint> unconfirmed(
        WatchReply reply, boolean another, @Nullable List<Endpoint> list) {
      if (!reply.getIncomplete()) {
        return List.of();
      }
      List<Endpoint> before = another ? Objects.requireNonNullElse(last, List.of()) : unconfirmed;
      if (list == null || before.isEmpty()) {
        return before;
      }
      Set<String> known = new HashSet<>();
      list.forEach(endpoint -> known.add(endpoint.address()));
      return before.stream().filter(endpoint -> !known.contains(endpoint.address())).toList();
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
      refused = false;
      if (list != null) {
        last = list;
        delivery.endpoints(list);
      }
    }

    /** Told once per outage, whatever its later tries say, unless they say that it won't pass. */
    private void fail(RuntimeException e) {
      String advice = Refusal.advice(e);
      if (closed || (failed && (advice == null || refused))) {
        return;
      }
      failed = true;
      refused = advice != null;
      Status status =
          e instanceof RpcException rpc
              ? rpc.status()
              : Status.of(Status.Code.INTERNAL, String.valueOf(e.getMessage()));
      String goingOn =
          last == null ? "no list has come yet" : "going on with the last list of " + last.size();
      delivery.failed(
          status.withMessage(
              "watching service %s at the center failed, %s: %s"
                      .formatted(service, goingOn, Printable.of(status.message()))
                  + (advice == null ? "" : "; that does not pass by itself: " + advice)));
    }

    @Override
    public void close() {
      closed = true;
      delivery.close(); // First, so that the interrupt meets the stream and never the listener.
      if (Thread.currentThread() != thread) {
        thread.interrupt();
      }
    }
  }

  private static List<Endpoint> endpoints(List<Instance> instances, String host) {
    List<Endpoint> endpoints = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      try {
        endpoints.add(endpoint(instance, host));
      } catch (IllegalArgumentException e) {
        LOG.warn(
            "left out an instance of the center's list: {}",
            Printable.of(String.valueOf(e.getMessage())));
      }
    }
    return List.copyOf(endpoints);
  }

  private static Endpoint endpoint(Instance instance, String host) {
    return new Endpoint(
        CenterMethods.address(instance, host),
        instance.getWeight() <= 0 ? Endpoint.DEFAULT_WEIGHT : instance.getWeight(),
        instance.getZone(),
        Set.copyOf(instance.getMethodsList()),
        instance.getTagsMap());
  }
}
