package erpc.bench.layers;

import erpc.balance.Balancer;
import erpc.call.Criticality;
import erpc.call.Method;
import erpc.call.Request;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Picking an endpoint of several that have the same weight and are all there. */
@State(Scope.Thread)
public class BalancerBenchmark {
  private static final int WEIGHT = 100;

  /** The policy, as settings name it. */
  @Param({"round_robin", "random", "least_request", "p2c", "locality_aware", "ring_hash", "maglev"})
  public String policy = "round_robin";

  /** How many endpoints there are. */
  @Param({"10", "1000", "10000"})
  public int endpoints = 10;

  private Alike candidates = new Alike(1);
  private Balancer.Picker picker = pick -> 0;

  @Setup
  public void choose() {
    candidates = new Alike(endpoints);
    picker = Balancer.named(policy).picker(candidates);
  }

  /** One pick without what a client knows of its connections; it allocates nothing. */
  @Benchmark
  public int pick() {
    candidates.next();
    return picker.pick(candidates);
  }

  /** What picks among a new list; hashes build their tables here, away from calls. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public Balancer.Picker build() {
    return Balancer.named(policy).picker(candidates);
  }

  private static final class Alike implements Balancer.Candidates, Balancer.Pick {
    private static final int KEYS = 1 << 14;

    private final int size;
    private final String[] addresses;
    private final String[] keys = new String[KEYS];
    private int turn;
    private final Request<?, ?> request =
        Request.of(Method.unary("demo.hello", byte[].class, byte[].class), new byte[0]);

    Alike(int size) {
      this.size = size;
      addresses = new String[size];
      Arrays.setAll(addresses, i -> "127.0.0.1:" + (i + 1));
      Arrays.setAll(keys, i -> "customer-" + i);
    }

    /** Another call, a microsecond later, with another key. */
    void next() {
      turn++;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public String address(int index) {
      return addresses[index];
    }

    @Override
    public int weight(int index) {
      return WEIGHT;
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
      return index % 4;
    }

    @Override
    public double load(int index) {
      return inFlight(index);
    }

    @Override
    public IntSupplier inFlightOfAll() {
      return () -> 2 * size;
    }

    @Override
    public String clientZone() {
      return "";
    }

    @Override
    public Request<?, ?> request() {
      return request;
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
      return keys[turn & KEYS - 1];
    }

    @Override
    public boolean isRetry() {
      return false;
    }

    @Override
    public boolean isExcluded(int index) {
      return false;
    }

    @Override
    public boolean fits(int index) {
      return true;
    }

    @Override
    public int draw() {
      return random().nextInt(size);
    }

    @Override
    public int drawAnother(int than) {
      int drawn = random().nextInt(size - 1);
      return drawn < than ? drawn : drawn + 1;
    }

    @Override
    public double latency(int index) {
      return 1 + index % 3;
    }

    @Override
    public long nowNanos() {
      return 1_000L * turn;
    }

    @Override
    public RandomGenerator random() {
      return ThreadLocalRandom.current();
    }
  }
}
