package erpc.discovery;

import erpc.call.Deadline;
import erpc.call.Ending;
import erpc.call.LastingLoop;
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
 * is a center, holds the lease by an open stream and beats on it, registers again when the center
 * was away or has lost something. The server serves all the while. Thread-safe.
 *
 * <p>It beats every third of the lease's TTL, but each second to a center on the same machine,
 * where that costs nothing. Where there is no way to open a stream, or the center knows none, it
 * beats by calls, and the lease lives by its TTL.
 */
public final class Registrar implements AutoCloseable {
  /** The longest time between beats to a center on this machine. */
  static final Duration LOCAL_BEAT = Duration.ofSeconds(1);

  /** The longest time between beats, well below what a stream may be silent. */
  static final Duration LONGEST_BEAT = Duration.ofSeconds(10);

  /** How long one call of the center may take. */
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

  /** The most beats between registrations at a center that says after each that some are lost. */
  static final int MOST_BEATS_BETWEEN = 32;

  /** How long {@link #close} may take, a call that is on its way included. */
  public static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Registrar.class);

  private enum State {
    NEW,
    SEARCHING,
    REGISTERED,
    LOST,
    REFUSED
  }

  private final CenterCalls calls;
  private final RandomGenerator random;
  private final CenterPause pause;
  private final CenterBackoff backoff;
  private final String owner = UUID.randomUUID().toString();
  private final Thread thread;
  private final LastingLoop loop = new LastingLoop(LOG, "registering at the center");
  private final CountDownLatch registered = new CountDownLatch(1);

  /** Set by whoever closes it first, with the lock held, before it wakes the thread. */
  private volatile boolean closed;

  /** Written by whoever updates it, before it wakes the thread. */
  private volatile List<Instance> wanted;

  // Written by the thread; others ask how far it has come, and whoever closes it what to give up.
  private volatile State state = State.NEW;
  private volatile long lease;

  /**
   * Written by the thread, and by whoever closes it: that one waits for the thread a while, not for
   * ever. Closing a hold twice does no harm, and the thread closes what it opens after that.
   */
  private volatile @Nullable LeaseHold hold;

  /** Whether some were refused because others hold their ids. Written by the thread. */
  private volatile boolean partly;

  // Only the thread's own.
  private boolean holds = true; // whether the center may know how

  /** What the lease holds by the center's last word on it; 0 if it does not say. */
  private long held;

  /**
   * How many beats to let pass between registrations while the center's word keeps differing; 0 if
   * it doesn't. A center that will never agree is not to be asked with each beat.
   */
  private int beatsBetween;

  private int beatsLeft;
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
    return state == State.REGISTERED && !partly;
  }

  /** Waits for the first registration; false if the time is over. */
  public boolean awaitRegistered(Duration atMost) throws InterruptedException {
    return registered.await(Deadline.saturatedNanos(atMost), TimeUnit.NANOSECONDS);
  }

  private void run() {
    while (!closed) {
      try {
        Duration wait = stepOrBackoff();
        if (!closed) {
          pause.await(wait);
        }
      } catch (InterruptedException e) {
        break; // Only close interrupts.
      } catch (Throwable e) { // Whatever it is: nobody else would ever register again.
        state = state == State.REGISTERED ? State.LOST : state;
        loop.met(e);
        loop.rest();
      }
    }
    release();
  }

  private Duration stepOrBackoff() {
    try {
      return step();
    } catch (RuntimeException e) {
      lost(e);
      return Refusal.pause(e, backoff);
    }
  }

  /** Registers or beats, and says how long to wait after it. */
  private Duration step() {
    boolean fresh = state != State.REGISTERED || partly || !wanted.equals(known);
    if (fresh) {
      register();
    }
    boolean inOrder;
    try {
      inOrder = beat(fresh);
    } catch (RpcException e) {
      if (e.code() != Status.Code.NOT_FOUND) {
        throw e;
      }
      lost(e); // The center is there: nothing to wait for.
      register();
      inOrder = beat(true);
    }
    if (!inOrder) {
      Duration soon = backoff.next();
      return soon.compareTo(beat) < 0 ? soon : beat;
    }
    backoff.reset();
    return jittered(beat);
  }

  /**
   * Beats by the stream that holds the lease, or by a call; false if the stream is to be tried
   * again.
   */
  private boolean beat(boolean justRegistered) {
    LeaseHold by = holding();
    boolean inOrder = true;
    HeartbeatReply reply = null;
    try {
      reply = by == null ? null : by.beat(CALL_TIMEOUT);
    } catch (RpcException e) {
      release();
      if (e.code() == Status.Code.NOT_FOUND) {
        throw e;
      }
      LOG.debug("the lease cannot be held by a stream", e);
      // A center of before there was this method has none; one that is another may.
      holds = e.code() != Status.Code.UNIMPLEMENTED;
      inOrder = !holds;
    }
    if (reply == null && !(justRegistered && inOrder)) {
      HeartbeatRequest request = HeartbeatRequest.newBuilder().setLease(lease).build();
      reply =
          calls.call(CenterMethods.HEARTBEAT.name(), request, HeartbeatReply.class, CALL_TIMEOUT);
    }
    if (reply != null) {
      heard(reply);
    }
    return inOrder;
  }

  private void heard(HeartbeatReply reply) {
    beat = beat(reply.getTtlMillis(), beat.compareTo(LOCAL_BEAT) <= 0);
    if (reply.getHolds() == 0 || held == 0 || reply.getHolds() == held) {
      beatsBetween = 0;
      return;
    }
    if (beatsBetween == 0) {
      LOG.warn("the center has lost some of what was registered: registering again");
    } else if (--beatsLeft > 0) {
      return;
    }
    beatsBetween = Math.clamp(2L * beatsBetween, 1, MOST_BEATS_BETWEEN);
    beatsLeft = beatsBetween;
    register();
  }

  /** The stream that holds the lease, opened if there is none; null where none can be had. */
  private @Nullable LeaseHold holding() {
    LeaseHold open = hold;
    if (open != null && !open.hasEnded() && open.lease() == lease) {
      return open;
    }
    release();
    CenterLine<HeartbeatRequest, HeartbeatReply> line =
        holds && !closed ? calls.line(CenterMethods.HOLD) : null;
    open = line == null ? null : new LeaseHold(line, lease, pause::wake);
    hold = open;
    return open;
  }

  private void release() {
    LeaseHold open = hold;
    hold = null;
    if (open != null) {
      open.close();
    }
  }

  private void register() {
    List<Instance> instances = wanted;
    RegisterReply reply;
    try {
      reply = register(instances);
      partly = false;
    } catch (RpcException e) {
      if (e.code() != Status.Code.ALREADY_EXISTS || instances.size() == 1) {
        throw e;
      }
      reply = registerFree(instances, e);
    }
    holds |= lease != reply.getLease();
    lease = reply.getLease();
    held = reply.getHolds();
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

  private RegisterReply register(List<Instance> instances) {
    RegisterRequest request =
        RegisterRequest.newBuilder()
            .addAllInstances(instances)
            .setOwner(owner)
            .setEpoch(++epoch)
            .build();
    return calls.call(CenterMethods.REGISTER.name(), request, RegisterReply.class, CALL_TIMEOUT);
  }

  /** Somebody else holds an id of these: the others must not wait until he lets go of it. */
  private RegisterReply registerFree(List<Instance> instances, RpcException why) {
    RegisterReply last = null;
    for (Instance instance : instances) {
      try {
        last = register(List.of(instance));
      } catch (RpcException e) {
        if (e.code() != Status.Code.ALREADY_EXISTS) {
          throw e;
        }
      }
    }
    if (last == null) {
      throw why;
    }
    if (!partly) {
      LOG.warn("registered only in part, and trying again: {}", why.status());
    }
    partly = true;
    return last;
  }

  /** A registration adds and replaces; what it leaves out must be stopped by name. */
  private void stopOthers(List<Instance> instances) {
    for (Instance instance : instances) {
      knownIds.add(instance.getId());
    }
    Set<String> gone = new HashSet<>(knownIds);
    instances.forEach(instance -> gone.remove(instance.getId()));
    if (!gone.isEmpty()) {
      held = deregister(gone, CALL_TIMEOUT).getHolds();
      knownIds.removeAll(gone);
    }
  }

  private DeregisterReply deregister(Set<String> ids, Duration timeout) {
    DeregisterRequest request =
        DeregisterRequest.newBuilder().setLease(lease).addAllIds(ids).build();
    return calls.call(CenterMethods.DEREGISTER.name(), request, DeregisterReply.class, timeout);
  }

  /** One line for each change, not for each try. */
  private void lost(RuntimeException e) {
    Object why = e instanceof RpcException rpc ? rpc.status() : e;
    String advice = Refusal.advice(e);
    if (closed || Ending.hasBegun()) {
      LOG.debug("closing, so it does not matter: {}", why);
    } else if (advice != null) {
      if (state != State.REFUSED) {
        state = State.REFUSED;
        LOG.error(
            "the center refuses to register this server: {}. Nobody finds it by name, and that does not"
                + " pass by itself: {}. Asking again at least every {} s",
            why,
            advice,
            CenterBackoff.MOST_AFTER_REFUSAL.toSeconds());
      }
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
    Duration most = local ? LOCAL_BEAT : LONGEST_BEAT;
    return third.compareTo(most) > 0 ? most : third;
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
    // A registration on its way must come first, or it would come after the goodbye.
    boolean interrupted = awaitEnd(CLOSE_WITHIN.dividedBy(2));
    if (thread.isAlive()) {
      thread.interrupt();
      interrupted |= awaitEnd(CLOSE_WITHIN.dividedBy(4));
    }
    if (lease != 0) {
      try {
        deregister(Set.of(), deadline.remaining());
      } catch (RuntimeException e) {
        LOG.debug("the center could not be told that this server stops; its lease runs out", e);
      }
    }
    release();
    boolean interruptedAgain = awaitEnd(deadline.remaining());
    return interrupted || interruptedAgain;
  }

  /** Waits for the thread to end; true if the caller was interrupted meanwhile. */
  private boolean awaitEnd(Duration atMost) {
    try {
      boolean unused = thread.join(atMost);
      return false;
    } catch (InterruptedException e) {
      thread.interrupt();
      return true;
    }
  }
}
