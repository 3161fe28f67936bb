package erpc.center;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Incoming;
import erpc.call.Names;
import erpc.call.Outgoing;
import erpc.call.Peer;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.discovery.Endpoint;
import erpc.discovery.Scheduler;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryReply;
import erpc.discovery.wire.DiscoveryRequest;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListReply;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the center answers, as plain functions of a call's context and its request, one for each
 * method of {@link erpc.discovery.CenterMethods}. They may block, so they run on virtual threads.
 * Thread-safe.
 *
 * <p>Reads take immutable views and no lock. Writes go through the engine and answer once they are
 * visible here. Somebody calls {@link #tick()} about every second; nothing here runs by itself but
 * the follower of the engine.
 */
final class CenterService implements AutoCloseable {
  /** The most that how an instance is held takes in a list. */
  private static final int LEASE_BYTES = 32;

  /** How long an explicit stop waits until it has been sent to the watches. */
  private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(1);

  /**
   * So many changes in a row a watch sends at once; while more come, as when a large service
   * starts, each waits for the pause, and those meanwhile go together.
   */
  private static final int AT_ONCE = 20;

  private static final Duration BUSY_PAUSE = Duration.ofMillis(100);
  private static final String CLOSING = "the center is closing";

  private final CenterSettings settings;
  private final Ticker ticker;
  private final Supplier<RandomGenerator> picks;
  private final RegistrationRules rules;
  private final Services services = new Services();
  private final Watchers watchers;
  private final Registry registry;
  private final Follower follower;
  private final String center;

  /** Only the ticking thread's. */
  private long completeAt;

  /** Whether living servers may not have registered again since the start. */
  private volatile boolean incomplete;

  private volatile boolean outOfMemory;
  private volatile boolean closed;

  /** A center on the machine's clock, over an engine that it does not close. */
  CenterService(Engine engine, CenterSettings settings) {
    this(
        engine,
        settings,
        Ticker.system(),
        new SecureRandom(),
        ThreadLocalRandom::current,
        Scheduler.system());
  }

  /**
   * A center with everything handed to it.
   *
   * @param random draws the numbers of leases, so it must not be guessable where strangers call;
   *     thread-safe
   * @param picks what {@code center.discovery} draws from, asked for with each call
   * @param later has a lease looked at again whose connection was lost
   */
  CenterService(
      Engine engine,
      CenterSettings settings,
      Ticker ticker,
      RandomGenerator random,
      Supplier<RandomGenerator> picks,
      Scheduler later) {
    this.settings = settings;
    this.ticker = ticker;
    this.picks = picks;
    this.rules = new RegistrationRules(settings);
    this.watchers = new Watchers(settings.maxWatchers(), settings.watchBytes());
    this.center = engine.history();
    boolean remembers = engine.snapshot().revision() > 0;
    services.reset(Registry.start(engine));
    this.incomplete = !remembers;
    this.completeAt = ticker.nanos() + settings.ttl().toNanos();
    this.follower = new Follower(engine, services, watchers::wake, this::met);
    this.registry = new Registry(engine, settings, ticker, random, services, follower, later);
  }

  /** {@code center.register}. */
  RegisterReply register(Context context, RegisterRequest request) {
    refuseIfClosed();
    Peer peer = context.peer();
    String host = RegistrationRules.observedHost(peer);
    List<Instance> instances = rules.check(request, peer);
    Registry.Written done =
        registry.register(
            RegistrationRules.owner(request),
            RegistrationRules.isGuessable(request),
            request.getEpoch(),
            instances,
            peer);
    follower.await(done.revision());
    return RegisterReply.newBuilder()
        .setLease(done.lease().id())
        .setTtlMillis(ttlMillis())
        .setRevision(done.revision())
        .setObservedHost(host)
        .setHolds(done.holds())
        .build();
  }

  /**
   * {@code center.heartbeat} and {@code center.heateat}: NOT_FOUND once the lease is over, so that
   * it is registered anew.
   */
  HeartbeatReply heartbeat(Context context, HeartbeatRequest request) {
    refuseIfClosed();
    return alive(registry.renew(request.getLease(), context.peer()));
  }

  private HeartbeatReply alive(long holds) {
    return HeartbeatReply.newBuilder().setTtlMillis(ttlMillis()).setHolds(holds).build();
  }

  /**
   * {@code center.hold}: answers each beat, and is what tells a process of this machine that is
   * gone from one whose connections change.
   *
   * @throws RpcException NOT_FOUND once the lease is over; ABORTED if another stream holds it;
   *     INVALID_ARGUMENT if a beat names another lease, or none comes; UNAVAILABLE if the center is
   *     closing
   */
  void hold(Context context, Incoming<HeartbeatRequest> beats, Outgoing<HeartbeatReply> replies) {
    HeartbeatRequest beat = beats.next();
    if (beat == null) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, "a hold begins with a beat");
    }
    refuseIfClosed();
    long lease = beat.getLease();
    Hold hold = registry.hold(lease, context.peer());
    Runnable onCancel = hold::cancelled;
    context.onCancel(onCancel);
    try {
      for (; beat != null; beat = beats.next()) {
        if (beat.getLease() != lease) {
          throw new RpcException(
              Status.Code.INVALID_ARGUMENT, "a hold is of one lease; open another for another");
        }
        replies.send(alive(registry.beat(hold)));
        refuseIfClosed(); // Its end may have come before there was a hold to be ended.
      }
    } catch (RpcException e) {
      Status why = hold.end();
      throw why == null ? e : why.toException(e);
    } finally {
      context.removeOnCancel(onCancel);
      registry.letGo(hold);
    }
  }

  /**
   * {@code center.deregister}: answers once it has been sent to the watches, or after one second.
   */
  DeregisterReply deregister(Context context, DeregisterRequest request) {
    refuseIfClosed();
    List<String> stopping = registry.services(request.getLease(), request.getIdsList());
    List<Watchers.Waiter> waiting = watchers.of(stopping);
    Registry.Written done = registry.deregister(request.getLease(), request.getIdsList());
    follower.await(done.revision());
    awaitDelivered(waiting, done.revision());
    return DeregisterReply.newBuilder().setRevision(done.revision()).setHolds(done.holds()).build();
  }

  private static void awaitDelivered(List<Watchers.Waiter> waiting, long revision) {
    Deadline deadline = Deadline.after(DELIVERED_WITHIN);
    try {
      for (Watchers.Waiter waiter : waiting) {
        if (!waiter.awaitDelivered(revision, deadline.remainingNanos())) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The stop itself is done; whoever asked is answered.
    }
  }

  /** {@code center.discovery}: one instance, by chance in proportion to the weights. */
  DiscoveryReply discovery(Context context, DiscoveryRequest request) {
    RegistrationRules.checkName("service", request.getService(), Names::checkService);
    List<Instance> all = services.view(request.getService()).instances();
    List<Instance> able = request.getMethod().isEmpty() ? all : able(all, request.getMethod());
    if (able.isEmpty()) {
      throw new RpcException(
          all.isEmpty() ? Status.Code.NOT_FOUND : Status.Code.UNIMPLEMENTED,
          all.isEmpty()
              ? "no instance of service '%s' is registered; %s"
                  .formatted(
                      request.getService(),
                      incomplete
                          ? "the center has just started, so it may register again soon"
                          : "is its server running at this center?")
              : "none of the %d instances of service '%s' has this method"
                  .formatted(all.size(), request.getService()));
    }
    return DiscoveryReply.newBuilder().setInstance(pick(able)).setIncomplete(incomplete).build();
  }

  private static List<Instance> able(List<Instance> all, String method) {
    RegistrationRules.checkName("method", method, Names::checkMethod);
    List<Instance> able = new ArrayList<>();
    for (Instance instance : all) {
      if (instance.getMethodsList().contains(method)) {
        able.add(instance);
      }
    }
    return able;
  }

  private Instance pick(List<Instance> from) {
    long total = 0;
    for (Instance instance : from) {
      total += weight(instance);
    }
    long at = picks.get().nextLong(total);
    for (Instance instance : from) {
      at -= weight(instance);
      if (at < 0) {
        return instance;
      }
    }
    throw new AssertionError("a draw below the total falls on somebody");
  }

  private static int weight(Instance instance) {
    return instance.getWeight() == 0 ? Endpoint.DEFAULT_WEIGHT : instance.getWeight();
  }

  /** {@code center.list}: one service, or all of them sorted by name. */
  ListReply list(Context context, ListRequest request) {
    ListReply.Builder reply =
        ListReply.newBuilder().setRevision(services.revision()).setIncomplete(incomplete);
    if (!request.getService().isEmpty()) {
      RegistrationRules.checkName("service", request.getService(), Names::checkService);
      ServiceView view = services.view(request.getService());
      view.checkList(request.getService());
      return withLeases(reply.addAllInstances(view.instances()), request, view.listBytes());
    }
    List<Map.Entry<String, ServiceView>> all =
        services.all().entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
    long bytes = 0;
    for (Map.Entry<String, ServiceView> entry : all) {
      bytes += entry.getValue().listBytes();
      reply.addAllInstances(entry.getValue().instances());
    }
    if (bytes > ServiceView.MAX_LIST_BYTES) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "the list of all %d services takes %d bytes, the limit is %d; ask for one service at a time"
              .formatted(all.size(), bytes, ServiceView.MAX_LIST_BYTES));
    }
    return withLeases(reply, request, bytes);
  }

  private ListReply withLeases(ListReply.Builder reply, ListRequest request, long listBytes) {
    long most = listBytes + (long) LEASE_BYTES * reply.getInstancesCount();
    return request.getWithLeases() && most <= ServiceView.MAX_LIST_BYTES
        ? reply.addAllLeases(registry.leases(reply.getInstancesList())).build()
        : reply.build();
  }

  /**
   * {@code center.watch}: the service's list, each time that it differs from what the caller has;
   * that it does not is said first if so, and whenever nothing else was for a while.
   *
   * @throws RpcException how every watch ends: RESOURCE_EXHAUSTED if too many are open already, or
   *     the list is too long for one message; CANCELLED and the like if the call was; UNAVAILABLE
   *     if the center is closing
   */
  void watch(Context context, WatchRequest request, Outgoing<WatchReply> replies) {
    RegistrationRules.checkName("service", request.getService(), Names::checkService);
    refuseIfClosed();
    Watchers.Waiter waiter = watchers.enter(request.getService(), context.peer());
    Runnable wake = waiter::wake;
    context.onCancel(wake);
    try {
      follow(context, request, waiter, replies);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.of(Status.Code.CANCELLED, "the watch was interrupted").toException(e);
    } finally {
      context.removeOnCancel(wake);
      watchers.leave(request.getService(), waiter);
    }
  }

  private void follow(
      Context context, WatchRequest from, Watchers.Waiter waiter, Outgoing<WatchReply> replies)
      throws InterruptedException {
    String service = from.getService();
    // Another center's revision says nothing here.
    long after = from.getCenter().equals(center) ? from.getAfterRevision() : 0;
    boolean due = true;
    boolean partial = false;
    for (int inRow = 0; ; ) {
      boolean whole = !incomplete;
      // What was incomplete is sent once more, changed or not, when it is so no longer.
      WatchReply news = news(service, whole && partial ? 0 : after, !whole);
      partial = !whole;
      if (due || news.getChanged()) {
        send(news, waiter, replies);
        after = news.getRevision();
        waiter.delivered(after);
      }
      inRow = news.getChanged() ? inRow + 1 : 0;
      if (inRow > AT_ONCE) {
        TimeUnit.NANOSECONDS.sleep(BUSY_PAUSE.toNanos());
      }
      due = !waiter.await(settings.progress().toNanos());
      Status cancelled = context.cancellation();
      if (cancelled != null) {
        throw cancelled.toException();
      }
      refuseIfClosed();
    }
  }

  private void send(WatchReply news, Watchers.Waiter waiter, Outgoing<WatchReply> replies)
      throws InterruptedException {
    if (!news.getChanged()) {
      replies.send(news);
      return;
    }
    // The reply shares its instances with all others; what is its own is the bytes it becomes.
    int counted =
        watchers.awaitTurn(waiter, news.getSerializedSize(), settings.progress().toNanos());
    try {
      replies.send(news);
    } finally {
      watchers.sent(waiter, counted);
    }
  }

  /** The whole list if it has changed since, or else only up to where the caller knows it. */
  private WatchReply news(String service, long after, boolean partial) {
    // The revision is read first: the view is then at least as new as it says.
    long revision = services.revision();
    ServiceView view = services.view(service);
    WatchReply.Builder reply =
        WatchReply.newBuilder().setRevision(revision).setCenter(center).setIncomplete(partial);
    if (after > 0 && after <= revision && view.revision() <= after) {
      return reply.build();
    }
    view.checkList(service);
    return reply
        .setChanged(true)
        .setRevision(Math.max(revision, view.revision()))
        .addAllInstances(view.instances())
        .setEmptiedExplicitly(view.emptiedExplicitly(after))
        .build();
  }

  /** Ends the leases whose time is over. To be called about every second, by one thread. */
  void tick() {
    tick(ticker.nanos(), 0);
  }

  /**
   * The same, for a caller that knows his clock to be late.
   *
   * @param nowNanos when the tick began; a pause after it is the next one's
   * @param lateNanos by how much it should have begun earlier
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // Only who ticks writes it.
  void tick(long nowNanos, long lateNanos) {
    if (closed) {
      return;
    }
    if (lateNanos > Pauses.TOLERATED.toNanos()) {
      completeAt += lateNanos;
    }
    if (incomplete && nowNanos - completeAt >= 0) {
      incomplete = false;
      watchers.wakeAll();
    }
    registry.pardon(lateNanos, nowNanos);
    registry.expire(nowNanos);
  }

  /** How many watches are open now. */
  int openWatches() {
    return watchers.open();
  }

  /** How many instances are registered now. */
  int instances() {
    return registry.instances();
  }

  /** Takes note of a fault that is met here or beside: one of them is the end. Any thread. */
  void met(Throwable fault) {
    if (fault instanceof OutOfMemoryError) {
      outOfMemory = true;
    }
  }

  /** Whether it has met that there is no memory: what it answers from then on is worth nothing. */
  boolean isOutOfMemory() {
    return outOfMemory;
  }

  private int ttlMillis() {
    return (int) settings.ttl().toMillis();
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new RpcException(Status.Code.UNAVAILABLE, CLOSING);
    }
  }

  /**
   * Ends all watches and holds with UNAVAILABLE and refuses what follows. The engine stays open;
   * its instances stay in it.
   */
  @Override
  public void close() {
    closed = true;
    registry.endHolds(Status.of(Status.Code.UNAVAILABLE, CLOSING));
    watchers.wakeAll();
    follower.close();
  }
}
