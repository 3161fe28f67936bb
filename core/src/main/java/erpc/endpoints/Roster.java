package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.breaker.Panic;
import erpc.discovery.Endpoint;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/**
 * The endpoints of one list, filed by what a call can expect of them: of their connections, and of
 * the verdicts about them. An endpoint is filed anew whenever one of these tells that it has
 * changed, and by whoever finds it filed wrongly; so a call finds a good one without looking at
 * all. Within a grade, endpoints are drawn by their shares: their weights, times what {@link
 * Upkeep} makes of them. Thread-safe; the lock is held for as long as it takes to file one, and no
 * other is taken meanwhile.
 */
public final class Roster implements Balancer.Candidates {
  private static final int NONE = Balancer.NONE;

  /** As many idle endpoints are connected by one pick; lists are mostly shorter. */
  private static final int DIALS_PER_PICK = 16;

  /** What an endpoint's share is counted in: a whole one is its weight times this. */
  static final int ONE = 1 << 10;

  /** What is filed. */
  public interface Entry {
    Endpoint endpoint();

    /** What a call can expect of its connections. */
    EndpointState state();

    /** Whether there is no room for another call now. */
    boolean isFull();

    int inFlight();

    /** From now on its calls count in those of the place too. Told by one thread at a time. */
    void countInAll();

    /** What is remembered of it. */
    EndpointRecord record();

    /** Whether it is connected before a call goes there, since its connection serves them all. */
    boolean isShared();

    /** Dials, if nobody has yet. */
    void connect();
  }

  /** By what entries are filed, the best first. */
  enum Grade {
    /** Connected. */
    READY,
    /** To be connected yet. */
    POSSIBLE,
    /** It works, but others are to take the load: it is far away, or in nobody's subset. */
    SPARE,
    /** Its calls fail, though its connections don't. */
    BROKEN,
    /** Its connections fail. */
    FAILING
  }

  private static final Grade[] GRADES = Grade.values();

  private final List<? extends Entry> entries;
  private final Endpoint[] endpoints; // As this list had them; an entry may have changed since.
  private final int[] weights;
  private final String clientZone;

  /** The place's calls in flight, if a balancer has asked for them. */
  private final IntSupplier inFlightOfAll;

  private final WeightTree[] trees = new WeightTree[GRADES.length];

  // By what each is filed, and as what; written with the lock held.
  private final AtomicReferenceArray<EndpointState> states;
  private final AtomicReferenceArray<Grade> filedAs;

  // Guarded by this.
  private final AtomicLongArray shares; // read by any

  /** What is neither broken nor out of reach, by whole weights. Written by who holds the lock. */
  private volatile long healthyWeight;

  /** What a unit of weight has where all of it counts; 0 if that is everywhere. Set by upkeep. */
  private volatile double wholeShare;

  private final IdleRing idle;
  private final Accounting accounting;
  private final Upkeep upkeep;

  /**
   * Files all as they are now.
   *
   * @param inFlightOfAll the place's calls that entries count
   * @param accounting the place's books
   */
  public Roster(
      List<? extends Entry> entries,
      String clientZone,
      IntSupplier inFlightOfAll,
      Accounting accounting,
      long nowNanos) {
    this(entries, clientZone, inFlightOfAll, accounting, false, nowNanos);
  }

  /**
   * Files all as they are now.
   *
   * @param wantsAll whether calls are spread over all, wherever they are and however many
   */
  public Roster(
      List<? extends Entry> entries,
      String clientZone,
      IntSupplier inFlightOfAll,
      Accounting accounting,
      boolean wantsAll,
      long nowNanos) {
    this.entries = entries;
    this.clientZone = clientZone;
    this.inFlightOfAll = inFlightOfAll;
    int size = entries.size();
    weights = new int[size];
    endpoints = entries.stream().map(Entry::endpoint).toArray(Endpoint[]::new);
    Arrays.setAll(weights, i -> endpoints[i].weight());
    if (Arrays.stream(weights).allMatch(each -> each == 0)) {
      Arrays.fill(weights, 1);
    }
    Arrays.setAll(trees, i -> new WeightTree(size));
    states = new AtomicReferenceArray<>(size);
    filedAs = new AtomicReferenceArray<>(size);
    shares = new AtomicLongArray(size);
    idle = new IdleRing(size);
    this.accounting = accounting;
    Scope scope =
        new Scope(
            endpoints, weights, wantsAll ? "" : clientZone, wantsAll ? Subset.all(size) : subset());
    upkeep = new Upkeep(this, scope, accounting, nowNanos);
    for (int i = 0; i < size; i++) {
      states.set(i, EndpointState.CLOSED);
      filedAs.set(i, Grade.FAILING);
      shares.set(i, (long) weights[i] * ONE);
      tree(Grade.FAILING).add(i, shares.get(i));
      refile(i);
    }
    upkeep.work(nowNanos); // Those that calls are not spread over are not even connected.
  }

  private BitSet subset() {
    return accounting.protection().subset()
        ? Subset.of(List.of(endpoints), 0, accounting.seed())
        : Subset.all(size());
  }

  // ---- picking

  /**
   * The index of the endpoint that a try goes to: one that wants to be tried out, else the one that
   * the picker picks. {@link Balancer#NONE} if that picks none.
   */
  public int pick(Balancer.Picker picker, TryPick pick) {
    connectSome();
    int probe = upkeep.probe(pick);
    return probe == NONE ? picker.pick(pick) : probe;
  }

  // ---- filing

  /** The verdict about an entry has changed. */
  public void judged(int index, long nowNanos) {
    refile(index);
    upkeep.dueAt(nowNanos);
  }

  /** Files an entry as it is now. */
  public void refile(int index) {
    Entry entry = entries.get(index);
    boolean moved;
    synchronized (this) {
      boolean failed = filedAs.get(index) == Grade.FAILING;
      EndpointState now =
          entry.state(); // With the lock held, so that the last one to ask files it.
      EndpointState before = states.get(index);
      states.set(index, now);
      long share = shares.get(index);
      file(index, grade(now, entry.record().isBroken(), share > 0), share);
      moved = failed != (filedAs.get(index) == Grade.FAILING);
      boolean wanted = entry.isShared() || before == EndpointState.BACKING_OFF;
      if (now == EndpointState.IDLE && before != now && wanted && share > 0) {
        idle.add(index);
      }
    }
    if (moved) {
      upkeep.reachabilityChanged();
    }
  }

  /** From now on endpoints are drawn by these weights. */
  void share(double[] effective) {
    double most = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < effective.length; i++) {
      if (effective[i] > 0) {
        most = Math.max(most, effective[i] / weights[i]);
        least = Math.min(least, effective[i] / weights[i]);
      }
      share(i, Math.round(effective[i] * ONE));
    }
    wholeShare = least < most ? most * ONE : 0;
  }

  /** From now on one is drawn by this weight; that of the others is as it was. */
  void share(int index, double effective) {
    share(index, Math.round(effective * ONE));
  }

  private synchronized void share(int index, long share) {
    if (share != shares.get(index)) {
      boolean wanted = shares.get(index) == 0 && entries.get(index).isShared();
      EndpointState state = states.get(index);
      file(index, grade(state, entries.get(index).record().isBroken(), share > 0), share);
      if (wanted && state == EndpointState.IDLE) {
        idle.add(index);
      }
    }
  }

  /** Called with the lock held. */
  private void file(int index, Grade grade, long share) {
    Grade before = filedAs.get(index);
    // What has no share is drawn by its weight once nothing else is left.
    long weighs = weight(grade, index, share);
    long weighed = weight(before, index, shares.get(index));
    if (grade == before) {
      tree(grade).add(index, weighs - weighed);
    } else {
      filedAs.set(index, grade);
      tree(grade).add(index, weighs);
      tree(before).add(index, -weighed);
    }
    shares.set(index, share);
    long more = isHealthy(grade) ? registered(index) : 0;
    long less = isHealthy(before) ? registered(index) : 0;
    long healthy = healthyWeight + more - less;
    healthyWeight = healthy;
  }

  private static boolean isHealthy(Grade grade) {
    return grade.compareTo(Grade.BROKEN) < 0;
  }

  private long registered(int index) {
    return (long) weights[index] * ONE;
  }

  private long weight(Grade grade, int index, long share) {
    return grade == Grade.READY || grade == Grade.POSSIBLE ? share : registered(index);
  }

  static Grade grade(EndpointState state, boolean broken, boolean shares) {
    return switch (state) {
      case READY -> broken ? Grade.BROKEN : shares ? Grade.READY : Grade.SPARE;
      case IDLE, CONNECTING -> broken ? Grade.BROKEN : shares ? Grade.POSSIBLE : Grade.SPARE;
      case BACKING_OFF, CLOSED -> Grade.FAILING;
    };
  }

  /** The first of those that have any weight; the last if none has. */
  Grade best() {
    for (Grade each : GRADES) {
      if (tree(each).total() > 0) {
        return each;
      }
    }
    return Grade.FAILING;
  }

  /**
   * Whether a try is to go to a broken endpoint though others work: if so much is broken that these
   * could not take all the load.
   */
  boolean panics(RandomGenerator random) {
    double chance = panicChance();
    return chance > 0 && random.nextDouble() < chance;
  }

  /** With which chance a try goes to a broken endpoint though others work; 0 without panic. */
  double panicChance() {
    long broken = tree(Grade.BROKEN).total();
    if (broken == 0) {
      return 0;
    }
    long healthy = healthyWeight;
    double h = healthy / (double) (healthy + broken);
    return h > 0 && h < Panic.LEAST_HEALTHY && accounting.protection().panic() == Mode.ON
        ? 1 - 2 * h
        : 0;
  }

  /** Says when there are so few healthy ones that broken ones get calls, and when no more. */
  void tellPanic() {
    long healthy = 0;
    int healthyEndpoints = 0;
    long broken = 0;
    int count = 0;
    for (int i = 0; i < size(); i++) {
      Grade grade = filedAs.get(i);
      if (weights[i] > 0 && grade != Grade.FAILING) {
        count++;
        healthyEndpoints += isHealthy(grade) ? 1 : 0;
        healthy += isHealthy(grade) ? weights[i] : 0;
        broken += isHealthy(grade) ? 0 : weights[i];
      }
    }
    if (size() == accounting.size() && count > 0) {
      accounting.healthy((double) healthy, (double) (healthy + broken), healthyEndpoints, count);
    }
  }

  /**
   * Whether a pick that does not draw by shares is to take an endpoint: with a chance in proportion
   * to its share, if some have less than the others while they start or recover.
   */
  boolean takes(int index, RandomGenerator random) {
    double whole = wholeShare * weights[index];
    long share = shares.get(index);
    return share >= whole || random.nextDouble() * whole < share;
  }

  /** The same as a chance; 1 or more if it is to be taken in any case. */
  double takenPart(int index) {
    double whole = wholeShare;
    return whole == 0 ? 1 : shares.get(index) / (whole * weights[index]);
  }

  /** Whether no endpoint is connected or may be soon. */
  public boolean isFailing() {
    return best() == Grade.FAILING;
  }

  /**
   * Connects idle ones, a few at a time: whoever calls a place is likely to call all of it, and
   * connecting early keeps calls from waiting for it later.
   */
  void connectSome() {
    for (int i = 0; i < DIALS_PER_PICK && !idle.isEmpty(); i++) {
      connectOne();
    }
  }

  /** The same with all. */
  public void connectAll() {
    for (int i = 0; i < size() && !idle.isEmpty(); i++) {
      connectOne();
    }
  }

  private void connectOne() {
    int index;
    synchronized (this) {
      index = idle.take();
      if (index < 0 || states.get(index) != EndpointState.IDLE || shares.get(index) == 0) {
        return;
      }
    }
    entries.get(index).connect();
  }

  // ---- drawing

  /** Where a random place among those that are filed like this is; the size if there is none. */
  int drawn(Grade grade, RandomGenerator random) {
    WeightTree tree = tree(grade);
    long total = tree.total();
    if (total <= 0) {
      return size();
    }
    int index = tree.at(random.nextLong(total));
    // Behind all only while a weight is changed: then any other one will do.
    return index < size() ? index : tree.at(0);
  }

  /** The next one behind it that is filed like this, round the end; the size if there is none. */
  int after(Grade grade, int index) {
    WeightTree tree = tree(grade);
    long before = tree.before(index + 1);
    return tree.at(before < tree.total() ? before : 0);
  }

  // ---- what is known of each

  public Entry entry(int index) {
    return entries.get(index);
  }

  @Override
  public int size() {
    return weights.length;
  }

  @Override
  public String address(int index) {
    return endpoints[index].address();
  }

  @Override
  public int weight(int index) {
    return weights[index];
  }

  @Override
  public String zone(int index) {
    return endpoints[index].zone();
  }

  @Override
  public Map<String, String> tags(int index) {
    return endpoints[index].tags();
  }

  @Override
  public EndpointState state(int index) {
    return entries.get(index).state();
  }

  @Override
  public int inFlight(int index) {
    return entries.get(index).inFlight();
  }

  @Override
  public IntSupplier inFlightOfAll() {
    entries.forEach(Entry::countInAll);
    return inFlightOfAll;
  }

  /** As what it is filed now; anew, for those that are no longer usable don't say so at once. */
  Grade grade(int index) {
    if (entries.get(index).state() != states.get(index)) {
      refile(index);
    }
    return filedAs.get(index);
  }

  /** Whether it was connected when it was filed last. */
  boolean isFiledAsConnected(int index) {
    return states.get(index) == EndpointState.READY;
  }

  /** Whether calls can be sent there, as far as its connections go. */
  boolean isReachable(int index) {
    return grade(index) != Grade.FAILING;
  }

  /** What it weighs among those that are filed alike. */
  long drawWeight(int index) {
    WeightTree tree = tree(filedAs.get(index));
    return tree.before(index + 1) - tree.before(index);
  }

  /** What it weighs for calls of this client: its weight, times what the upkeep makes of that. */
  double share(int index) {
    return shares.get(index) / (double) ONE;
  }

  /** What is due for it now and then. */
  Upkeep upkeep() {
    return upkeep;
  }

  /** The place's books. */
  Accounting accounting() {
    return accounting;
  }

  /** Whether there is no room for another call now. */
  boolean isFull(int index) {
    return entries.get(index).isFull();
  }

  @Override
  public String clientZone() {
    return clientZone;
  }

  @SuppressWarnings("EnumOrdinal") // An array of one for each grade.
  private WeightTree tree(Grade grade) {
    return trees[grade.ordinal()];
  }
}
