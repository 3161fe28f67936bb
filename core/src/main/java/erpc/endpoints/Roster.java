package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.discovery.Endpoint;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/**
 * The endpoints of one list, filed by what a call can expect of them. An endpoint is filed anew
 * whenever its connections tell that they have changed, and by whoever finds it filed wrongly; so a
 * call finds a good one without looking at all. Thread-safe; the lock is held for as long as it
 * takes to file one, and no other is taken meanwhile.
 */
public final class Roster implements Balancer.Candidates {
  /** As many idle endpoints are connected by one pick; lists are mostly shorter. */
  private static final int DIALS_A_PICK = 16;

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

    /** Whether it is connected before a call goes there, since its connection serves them all. */
    boolean isShared();

    /** Dials, if nobody has yet. */
    void connect();
  }

  /** By what entries are filed, the best first. */
  enum Grade {
    READY,
    POSSIBLE,
    FAILING
  }

  private final List<? extends Entry> entries;
  private final Endpoint[] endpoints; // As this list had them; an entry may have changed since.
  private final int[] weights;
  private final String clientZone;

  /** The place's calls in flight, if a balancer has asked for them. */
  private final IntSupplier inFlightOfAll;

  private final WeightTree[] trees = new WeightTree[Grade.values().length];

  /** By what each is filed; written with the lock held. */
  private final AtomicReferenceArray<EndpointState> states;

  // Guarded by this.
  private final int[] idle; // a ring of those that wait to be connected
  private final boolean[] isIdleListed;
  private int firstIdle;

  private volatile int idleCount;

  /**
   * Files all as they are now.
   *
   * @param inFlightOfAll the place's calls that entries count
   */
  public Roster(List<? extends Entry> entries, String clientZone, IntSupplier inFlightOfAll) {
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
    idle = new int[size];
    isIdleListed = new boolean[size];
    for (int i = 0; i < size; i++) {
      states.set(i, EndpointState.CLOSED);
      tree(Grade.FAILING).add(i, weights[i]);
      refile(i);
    }
  }

  // ---- filing

  /** Files an entry as it is now. */
  public void refile(int index) {
    Entry entry = entries.get(index);
    synchronized (this) {
      EndpointState now =
          entry.state(); // With the lock held, so that the last one to ask files it.
      EndpointState before = states.get(index);
      if (now == before) {
        return;
      }
      states.set(index, now);
      if (grade(now) != grade(before)) {
        tree(grade(now)).add(index, weights[index]);
        tree(grade(before)).add(index, -weights[index]);
      }
      boolean wanted = entry.isShared() || before == EndpointState.BACKING_OFF;
      if (now == EndpointState.IDLE && wanted && weights[index] > 0 && !isIdleListed[index]) {
        isIdleListed[index] = true;
        idle[(firstIdle + idleCount) % idle.length] = index;
        idleCount++;
      }
    }
  }

  static Grade grade(EndpointState state) {
    return switch (state) {
      case READY -> Grade.READY;
      case IDLE, CONNECTING -> Grade.POSSIBLE;
      case BACKING_OFF, CLOSED -> Grade.FAILING;
    };
  }

  /** The first of those that have any weight; the last if none has. */
  Grade best() {
    return trees[0].total() > 0
        ? Grade.READY
        : trees[1].total() > 0 ? Grade.POSSIBLE : Grade.FAILING;
  }

  /** Whether no endpoint is connected or may be soon. */
  public boolean isFailing() {
    return best() == Grade.FAILING;
  }

  /**
   * Connects idle ones, a few at a time: whoever calls a place is likely to call all of it, and
   * connecting early keeps calls from waiting for it later.
   */
  public void connectSome() {
    for (int i = 0; i < DIALS_A_PICK && idleCount > 0; i++) {
      connectOne();
    }
  }

  /** The same with all. */
  public void connectAll() {
    for (int i = 0; i < idle.length && idleCount > 0; i++) {
      connectOne();
    }
  }

  private void connectOne() {
    int index;
    synchronized (this) {
      if (idleCount == 0) {
        return;
      }
      index = idle[firstIdle];
      firstIdle = (firstIdle + 1) % idle.length;
      idleCount--;
      isIdleListed[index] = false;
      if (states.get(index) != EndpointState.IDLE) {
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
    return total <= 0 ? size() : tree.at(random.nextLong(total));
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
  public double load(int index) {
    return inFlight(index);
  }

  @Override
  public IntSupplier inFlightOfAll() {
    entries.forEach(Entry::countInAll);
    return inFlightOfAll;
  }

  /** Its state now; files it by that, for those that are no longer usable don't say so at once. */
  EndpointState current(int index) {
    EndpointState now = entries.get(index).state();
    if (now != states.get(index)) {
      refile(index);
    }
    return now;
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
