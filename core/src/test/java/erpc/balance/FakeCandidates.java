package erpc.balance;

import erpc.call.Criticality;
import erpc.call.Method;
import erpc.call.Request;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
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
  long nowNanos;
  private final RandomGenerator random;

  private FakeCandidates(int[] weights, RandomGenerator random) {
    this.weights = weights;
    this.inFlight = new int[weights.length];
    this.excluded = new boolean[weights.length];
    this.latencies = new double[weights.length];
    this.random = random;
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

  int pick(Balancer balancer) {
    return balancer.picker(this).pick(this);
  }

  /** How often each index is picked in so many picks; a pick of none counts at the end. */
  int[] picks(Balancer balancer, int times) {
    Balancer.Picker picker = balancer.picker(this);
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
    return "127.0.0.1:" + (index + 1);
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
    return inFlight[index];
  }

  @Override
  public double load(int index) {
    return inFlight[index];
  }

  @Override
  public IntSupplier inFlightOfAll() {
    return () -> IntStream.of(inFlight).sum();
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
    return null;
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
    return !excluded[index] && weights[index] > 0;
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
      if (i != not && excluded[i] == ofExcluded && weights[i] > 0) {
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
