package erpc.balance;

import erpc.call.Criticality;
import erpc.call.Method;
import erpc.call.Request;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Candidates that a test sets as it likes, and a try that looks at all of them. */
final class FakeCandidates implements Balancer.Candidates, Balancer.Pick {
  private static final Request<?, ?> REQUEST =
      Request.of(Method.unary("demo.hello", String.class, String.class), "");

  final int[] weights;
  final int[] inFlight;
  final boolean[] excluded;
  final double[] latencies;
  final double[] othersLoad;
  final String[] addresses;
  private IntUnaryOperator inFlightOf;
  private IntSupplier inFlightOfAll;
  long nowNanos;
  @Nullable String key;
  boolean[] unfit;

  /** How often it was asked whether one fits. */
  int asked;

  private final RandomGenerator random;

  private FakeCandidates(int[] weights, RandomGenerator random) {
    this.weights = weights;
    this.inFlight = new int[weights.length];
    this.excluded = new boolean[weights.length];
    this.latencies = new double[weights.length];
    this.unfit = new boolean[weights.length];
    this.othersLoad = new double[weights.length];
    this.inFlightOf = index -> inFlight[index];
    this.inFlightOfAll = this::sumInFlight;
    this.addresses = new String[weights.length];
    Arrays.setAll(addresses, i -> "127.0.0.1:" + (i + 1));
    this.random = random;
  }

  private int sumInFlight() {
    int sum = 0;
    for (int each : inFlight) {
      sum += each;
    }
    return sum;
  }

  static FakeCandidates equal(int size) {
    int[] weights = new int[size];
    Arrays.fill(weights, 100);
    return weighted(weights);
  }

  static FakeCandidates weighted(int... weights) {
    return weighted(new Random(29), weights);
  }

  static FakeCandidates weighted(RandomGenerator random, int... weights) {
    return new FakeCandidates(weights.clone(), random);
  }

  /** Equal ones, whose calls somebody else counts. */
  static FakeCandidates counted(int size, IntUnaryOperator inFlight, IntSupplier all) {
    FakeCandidates made = equal(size);
    made.inFlightOf = inFlight;
    made.inFlightOfAll = all;
    return made;
  }

  FakeCandidates excluding(int... indexes) {
    for (int index : indexes) {
      excluded[index] = true;
    }
    return this;
  }

  FakeCandidates inFlight(int... counts) {
    System.arraycopy(counts, 0, inFlight, 0, counts.length);
    return this;
  }

  FakeCandidates latencies(double... each) {
    System.arraycopy(each, 0, latencies, 0, each.length);
    return this;
  }

  /** The same endpoints without some, and in another order if there is chance for it. */
  FakeCandidates without(@Nullable RandomGenerator order, int... gone) {
    int[] left =
        IntStream.range(0, weights.length)
            .filter(i -> IntStream.of(gone).noneMatch(each -> each == i))
            .toArray();
    for (int i = left.length - 1; order != null && i > 0; i--) {
      int with = order.nextInt(i + 1);
      int held = left[i];
      left[i] = left[with];
      left[with] = held;
    }
    FakeCandidates made = weighted(IntStream.of(left).map(i -> weights[i]).toArray());
    Arrays.setAll(made.addresses, i -> addresses[left[i]]);
    return made;
  }

  int pick(Balancer balancer) {
    return balancer.picker(this).pick(this);
  }

  /** How often each index is picked in so many picks; a pick of none counts at the end. */
  int[] picks(Balancer balancer, int times) {
    return picksBy(balancer.picker(this), times);
  }

  int[] picksBy(Balancer.Picker picker, int times) {
    int[] counts = new int[weights.length + 1];
    for (int i = 0; i < times; i++) {
      int index = picker.pick(this);
      counts[index == Balancer.NONE ? weights.length : index]++;
    }
    return counts;
  }

  // ---- what a balancer sees

  @Override
  public int size() {
    return weights.length;
  }

  @Override
  public String address(int index) {
    return addresses[index];
  }

  @Override
  public int weight(int index) {
    return weights[index];
  }

  @Override
  public String zone(int index) {
    return "";
  }

  @Override
  public Map<String, String> tags(int index) {
    return Map.of();
  }

  @Override
  public EndpointState state(int index) {
    return EndpointState.READY;
  }

  @Override
  public int inFlight(int index) {
    return inFlightOf.applyAsInt(index);
  }

  @Override
  public double load(int index) {
    return inFlight(index) + othersLoad[index];
  }

  @Override
  public IntSupplier inFlightOfAll() {
    return inFlightOfAll;
  }

  @Override
  public String clientZone() {
    return "";
  }

  @Override
  public Request<?, ?> request() {
    return REQUEST;
  }

  @Override
  public Criticality criticality() {
    return Criticality.DEFAULT;
  }

  @Override
  public boolean isCriticalityInherited() {
    return false;
  }

  @Override
  public @Nullable String affinityKey() {
    return key;
  }

  @Override
  public boolean isRetry() {
    for (boolean each : excluded) {
      if (each) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean isExcluded(int index) {
    return excluded[index];
  }

  @Override
  public boolean fits(int index) {
    asked++;
    return !excluded[index] && !unfit[index] && weights[index] > 0;
  }

  @Override
  public int draw() {
    int drawn = draw(Balancer.NONE, false);
    return drawn == Balancer.NONE ? draw(Balancer.NONE, true) : drawn;
  }

  @Override
  public int drawAnother(int than) {
    return draw(than, excluded[than]);
  }

  private int draw(int not, boolean ofExcluded) {
    int held = Balancer.NONE;
    long total = 0;
    for (int i = 0; i < weights.length; i++) {
      if (i != not && excluded[i] == ofExcluded && weights[i] > 0 && !unfit[i]) {
        total += weights[i];
        held = random.nextLong(total) < weights[i] ? i : held;
      }
    }
    return held;
  }

  @Override
  public double latency(int index) {
    return latencies[index];
  }

  @Override
  public long nowNanos() {
    return nowNanos;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
