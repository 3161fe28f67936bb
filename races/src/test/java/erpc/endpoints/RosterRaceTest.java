package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth.Modes;
import erpc.call.Method;
import erpc.call.Request;
import erpc.discovery.Endpoint;
import erpc.endpoints.Roster.Grade;
import erpc.races.Interleavings;
import erpc.transport.EndpointState;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Endpoints that are filed anew by several threads, while others pick. */
class RosterRaceTest {
  private static final Request<?, ?> REQUEST =
      Request.of(Method.unary("demo.hello", String.class, String.class), "");
  private static final long NOW = 1_000_000_000L;

  private static final class Fake implements Roster.Entry {
    private final Endpoint endpoint;
    private final EndpointRecord record;
    private volatile EndpointState state = EndpointState.READY;

    Fake(Accounting accounting, String address) {
      endpoint = Endpoint.of(address, 100, "");
      record = accounting.record(address, 0);
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public EndpointState state() {
      return state;
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public int inFlight() {
      return 0;
    }

    @Override
    public void countInAll() {}

    @Override
    public EndpointRecord record() {
      return record;
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public void connect() {}
  }

  /** Two endpoints, whose connections come and go, and of which calls fail. */
  @Param(name = "index", gen = IntGen.class, conf = "0:1")
  public static class Two {
    private final Accounting accounting =
        new Accounting(
            () -> Protection.ALL_ON, new SplittableRandom(1), Runnable::run, line -> {}, 0);
    private final List<Fake> fakes =
        Stream.of("a:1", "b:1").map(each -> new Fake(accounting, each)).toList();
    private final Roster roster = new Roster(fakes, "", () -> 0, accounting, 0);

    public Two() {
      for (int i = 0; i < fakes.size(); i++) {
        int index = i;
        fakes.get(i).record.onJudged(nanos -> roster.judged(index, nanos));
        for (int failure = 1; failure < 5; failure++) {
          fails(i);
        }
      }
    }

    @Operation
    public void comes(@Param(name = "index") int index) {
      becomes(index, EndpointState.READY);
    }

    @Operation
    public void goes(@Param(name = "index") int index) {
      becomes(index, EndpointState.BACKING_OFF);
    }

    private void becomes(int index, EndpointState state) {
      fakes.get(index).state = state;
      roster.refile(index);
    }

    @Operation
    public final void fails(@Param(name = "index") int index) {
      EndpointRecord record = fakes.get(index).record;
      var unused = record.health().failed(NOW - 1, Modes.ALL_ON, () -> Double.NaN, NOW);
      record.judge(Modes.ALL_ON, NOW);
    }

    @Operation
    public boolean isOnePicked() {
      TryPick pick = new TryPick(roster, REQUEST, null, List.of(), new SplittableRandom(2), NOW);
      return roster.pick(Balancer.Pick::draw, pick) != Balancer.NONE;
    }

    @Validate
    public void areFiledAsTheyAre() {
      for (Grade grade : Grade.values()) {
        boolean is = fakes.stream().anyMatch(each -> grade(each) == grade);
        boolean filed = roster.drawn(grade, new SplittableRandom(3)) < fakes.size();
        if (is != filed) {
          throw new IllegalStateException(
              is ? "none is filed as " + grade : "one is still filed as " + grade);
        }
      }
    }

    private static Grade grade(Fake fake) {
      boolean broken = fake.record.health().share(Modes.ALL_ON, NOW) == 0;
      return Roster.grade(fake.state, broken, true);
    }
  }

  @Test
  void endpointsAreFiledAsTheyAreInTheEndAndOneIsAlwaysPicked() {
    Interleavings.areHarmless(Two.class, 5, 60);
  }
}
