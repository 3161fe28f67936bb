package erpc.discovery;

import erpc.call.Deadline;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a server's instances registered, on a virtual thread of its own: registers as soon as there
 * is a center, beats while there is one, registers again when it was away. The server serves all
 * the while. Thread-safe.
 *
 * <p>It beats every third of the lease's TTL, but each second to a center on the same machine,
 * where that costs nothing and finds a restarted center quickly; elsewhere whoever sees the
 * connection break calls {@link #nudge}.
 */
public final class Registrar implements AutoCloseable {
  /** The longest time between beats to a center on this machine. */
  static final Duration LOCAL_BEAT = Duration.ofSeconds(1);

  /** How long one call of the center may take. */
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

  /** How long {@link #close} may take, a call that is on its way included. */
  public static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Registrar.class);

  private enum State {
    NEW,
    SEARCHING,
    REGISTERED,
    LOST
  }

  private final CenterCalls calls;
  private final RandomGenerator random;
  private final CenterPause pause;
  private final CenterBackoff backoff;
  private final String owner = UUID.randomUUID().toString();
  private final Thread thread;
  private final CountDownLatch registered = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile List<Instance> wanted;
  private volatile State state = State.NEW;
  private volatile long lease;

  // Only the thread's own.
  private @Nullable List<Instance> known;
  private final Set<String> knownIds = new HashSet<>();
  private long epoch;
  private Duration beat = LOCAL_BEAT;

  private Registrar(
      CenterCalls calls, List<Instance> instances, RandomGenerator random, CenterPause pause) {
    this.calls = calls;
    this.wanted = List.copyOf(instances);
    this.random = random;
    this.pause = pause;
    this.backoff = new CenterBackoff(random);
    this.thread = Thread.ofVirtual().name("center-registrar").unstarted(this::run);
  }

  /**
   * Starts registering these instances; returns at once, whether there is a center or not.
   *
   * @param instances at least one; their ids are chosen anew with every start of the server
   */
  public static Registrar start(CenterCalls calls, List<Instance> instances) {
    return start(calls, instances, RandomGenerator.getDefault(), CenterPause.system());
  }

  static Registrar start(
      CenterCalls calls, List<Instance> instances, RandomGenerator random, CenterPause pause) {
    Registrar registrar = new Registrar(calls, instances, random, pause);
    registrar.thread.start();
    return registrar;
  }

  /**
   * Registers these from now on, as after a method was added; those that are not among them any
   * more are stopped.
   */
  public void update(List<Instance> instances) {
    wanted = List.copyOf(instances);
    pause.wake();
  }

  /** Looks after the center at once, as after its connection broke. */
  public void nudge() {
    pause.wake();
  }

  /** Whether the center had the registration when it was last heard of. */
  public boolean isRegistered() {
    return state == State.REGISTERED;
  }

  /** Waits for the first registration; false if the time is over. */
  public boolean awaitRegistered(Duration atMost) throws InterruptedException {
    return registered.await(Deadline.saturatedNanos(atMost), TimeUnit.NANOSECONDS);
  }

  private void run() {
    while (!closed) {
      Duration wait;
      try {
        wait = step();
      } catch (RuntimeException e) {
        lost(e);
        wait = backoff.next();
      }
      try {
        if (!closed) {
          pause.await(wait);
        }
      } catch (InterruptedException e) {
        return; // Only close interrupts.
      }
    }
  }

  /** Registers or beats, and says how long to wait after it. */
  private Duration step() {
    if (state == State.REGISTERED && wanted.equals(known)) {
      HeartbeatRequest request = HeartbeatRequest.newBuilder().setLease(lease).build();
      try {
        HeartbeatReply reply =
            calls.call(CenterMethods.HEARTBEAT.name(), request, HeartbeatReply.class, CALL_TIMEOUT);
        beat = beat(reply.getTtlMillis(), beat.compareTo(LOCAL_BEAT) <= 0);
      } catch (RpcException e) {
        if (e.code() != Status.Code.NOT_FOUND) {
          throw e;
        }
        lost(e); // The center is there: nothing to wait for.
        register();
      }
    } else {
      register();
    }
    backoff.reset();
    return jittered(beat);
  }

  private void register() {
    List<Instance> instances = wanted;
    RegisterRequest request =
        RegisterRequest.newBuilder()
            .addAllInstances(instances)
            .setOwner(owner)
            .setEpoch(++epoch)
            .build();
    RegisterReply reply =
        calls.call(CenterMethods.REGISTER.name(), request, RegisterReply.class, CALL_TIMEOUT);
    lease = reply.getLease();
    stopOthers(instances);
    known = instances;
    beat = beat(reply.getTtlMillis(), isLoopback(reply.getObservedHost()));
    if (state != State.REGISTERED) {
      LOG.info(
          "{} at the center: {} instances, lease of {} ms",
          state == State.LOST ? "registered again" : "registered",
          instances.size(),
          reply.getTtlMillis());
    }
    state = State.REGISTERED;
    registered.countDown();
  }

  /** A registration adds and replaces; what it leaves out must be stopped by name. */
  private void stopOthers(List<Instance> instances) {
    for (Instance instance : instances) {
      knownIds.add(instance.getId());
    }
    Set<String> gone = new HashSet<>(knownIds);
    instances.forEach(instance -> gone.remove(instance.getId()));
    if (!gone.isEmpty()) {
      deregister(gone, CALL_TIMEOUT);
      knownIds.removeAll(gone);
    }
  }

  private void deregister(Set<String> ids, Duration timeout) {
    DeregisterRequest request =
        DeregisterRequest.newBuilder().setLease(lease).addAllIds(ids).build();
    calls.call(CenterMethods.DEREGISTER.name(), request, DeregisterReply.class, timeout);
  }

  /** One line for each change, not for each try. */
  private void lost(RuntimeException e) {
    Object why = e instanceof RpcException rpc ? rpc.status() : e;
    if (closed) {
      LOG.debug("closing, so it does not matter: {}", why);
    } else if (state == State.NEW) {
      state = State.SEARCHING;
      LOG.warn("no center yet: {}; serving without, and registering as soon as it is there", why);
    } else if (state == State.REGISTERED) {
      state = State.LOST;
      LOG.warn(
          "the center was lost: {}; serving on, and registering again as soon as it is there", why);
    }
  }

  private static Duration beat(int ttlMillis, boolean local) {
    Duration third = Duration.ofMillis(Math.max(1, ttlMillis / 3));
    return local && third.compareTo(LOCAL_BEAT) > 0 ? LOCAL_BEAT : third;
  }

  private static boolean isLoopback(String host) {
    return host.startsWith("127.") || host.equals("::1");
  }

  /** Up to a tenth less, so that servers started together do not beat together. */
  private Duration jittered(Duration time) {
    return time.minusNanos(random.nextLong(time.toNanos() / 10 + 1));
  }

  /**
   * Stops the instances at the center; returns once it and the watches that waited there know it,
   * or after two seconds. Never throws: a center that is away finds out by itself.
   */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // Who is interrupted still has to say goodbye.
    synchronized (this) {
      if (!closed) {
        closed = true;
        interrupted |= sayGoodbye();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean sayGoodbye() {
    Deadline deadline = Deadline.after(CLOSE_WITHIN);
    pause.wake();
    boolean interrupted = false;
    try {
      // A registration on its way must come first, or it would come after the goodbye.
      if (!thread.join(CLOSE_WITHIN.dividedBy(2))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      thread.interrupt();
    }
    if (lease != 0) {
      try {
        deregister(Set.of(), deadline.remaining());
      } catch (RuntimeException e) {
        LOG.debug("the center could not be told that this server stops; its lease runs out", e);
      }
    }
    return interrupted;
  }
}
