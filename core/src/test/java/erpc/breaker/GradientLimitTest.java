package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.QueueOfCalls.Call;
import erpc.breaker.QueueOfCalls.Source;
import erpc.call.Criticality;
import erpc.settings.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A limit per method, on a queue that is simulated. */
class GradientLimitTest {
  private static final long MICRO = 1_000L;
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final long END = 30 * SECOND;

  private final Map<String, GradientLimit> limits = new HashMap<>();
  private final List<String> news = new ArrayList<>();
  private Mode mode = Mode.ON;

  private final class Limits implements QueueOfCalls.Guard {
    private GradientLimit of(Call call) {
      return limits.computeIfAbsent(call.source.caller, method -> new GradientLimit(0));
    }

    @Override
    public boolean admits(Call call, long now) {
      return of(call).enters(mode);
    }

    @Override
    public boolean begins(Call call, long delay, long now) {
      return true;
    }

    @Override
    public void ended(Call call, long now) {
      of(call).leave(true, now - call.arrivedNanos, mode, now);
      String said = of(call).news();
      if (said != null) {
        news.add(said);
      }
    }
  }

  private QueueOfCalls server(int processors, long seed) {
    return new QueueOfCalls(processors, SECOND, seed, new Limits());
  }

  private static Source method(String name, double perSecond, long service, long from, long until) {
    return new Source(name, Criticality.DEFAULT, perSecond, service, from, until);
  }

  @Test
  void fiveTimesTooMuchKeepsTheServerAtWork() {
    for (long seed = 1; seed <= 5; seed++) {
      GradientLimitTest fresh = new GradientLimitTest();
      QueueOfCalls server = fresh.server(1, seed);
      Source usual = method("a", 500, MILLI, 0, 20 * SECOND);
      Source flood = method("a", 5_000, MILLI, 20 * SECOND, 40 * SECOND);
      server.add(usual);
      server.add(flood);
      server.run();
      assertThat(usual.refused).isZero();
      assertThat(flood.workedNanos).isGreaterThan(20 * SECOND * 9 / 10);
    }
  }

  @Test
  void limitsAreToldWithNumbersAndEndSoonAfterTheOverload() {
    QueueOfCalls server = server(1, 3);
    server.add(method("a", 500, MILLI, 0, 20 * SECOND));
    server.add(method("a", 5_000, MILLI, 20 * SECOND, 30 * SECOND));
    Source later = method("a", 500, MILLI, 34 * SECOND, 50 * SECOND);
    server.add(later);
    server.run();
    assertThat(later.refused).isZero();
    assertThat(news.getFirst())
        .startsWith("is limited to ")
        .contains(" calls at a time: they take ")
        .endsWith(" ms in the long run");
    assertThat(news.getLast()).startsWith("is limited no more: calls take ");
  }

  @Test
  void dryRunRefusesNothingAndCountsAndSaysWhatItWould() {
    mode = Mode.DRY_RUN;
    QueueOfCalls server = server(1, 3);
    server.add(method("a", 500, MILLI, 0, 5 * SECOND));
    Source flood = method("a", 2_000, MILLI, 5 * SECOND, 8 * SECOND);
    server.add(flood);
    server.run();
    assertThat(flood.refused).isZero();
    assertThat(limits.get("a").refusals()).isPositive();
    assertThat(news.getFirst()).startsWith("would, were it no dry run, be limited to ");
  }

  @Test
  void burstThatAnIdleServerFinishesWithinAWindowIsNeverRefused() {
    QueueOfCalls server = server(1, 4);
    server.add(method("a", 100, 20 * MICRO, 0, 20 * SECOND));
    Source burst = method("a", 1, 20 * MICRO, 0, 0);
    for (long at = 20 * SECOND; at < END; at += 137 * MILLI) {
      server.at(
          at,
          () -> {
            for (int i = 0; i < 1_000; i++) {
              server.arrives(burst);
            }
          });
    }
    server.run();
    assertThat(burst.refused).isZero();
  }

  @Test
  void slowAndQuickMethodsSideBySideAreNotRefused() {
    for (long seed = 1; seed <= 5; seed++) {
      GradientLimitTest fresh = new GradientLimitTest();
      QueueOfCalls server = fresh.server(4, seed);
      Source slow = method("slow", 0.2 * 4 * 5, 200 * MILLI, 0, END);
      Source quick = method("quick", 0.2 * 4 * 5_000, 200 * MICRO, 0, END);
      server.add(slow);
      server.add(quick);
      server.run();
      assertThat(slow.refused).isZero();
      assertThat(quick.refused).isZero();
    }
  }

  @Test
  void methodThatIsSlowButSeldomAtWorkIsNotLimited() {
    GradientLimit limit = new GradientLimit(0);
    long now = 0;
    for (int i = 0; i < 5_000; i++) { // Twenty at a time; later ten times as slow.
      for (int j = 0; j < 20; j++) {
        assertThat(limit.enters(Mode.ON)).isTrue();
      }
      long nanos = i < 2_500 ? 20 * MILLI : 200 * MILLI;
      now += nanos;
      for (int j = 0; j < 20; j++) {
        limit.leave(true, nanos, Mode.ON, now);
      }
    }
    assertThat(limit.limit()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void whatIsSlowForGoodIsTakenForUsualInTheEnd() {
    // A hundred calls at a time that take five times as long from one moment on, limit or not.
    GradientLimit limit = new GradientLimit(0);
    long now = 0;
    int limited = 0;
    for (int i = 0; i < 12_000; i++) {
      long nanos = i < 1_000 ? 20 * MILLI : 100 * MILLI;
      now += 100 * MILLI;
      int entered = 100;
      while (limit.inFlight() < 100 && limit.enters(Mode.ON)) {
        entered++;
      }
      assertThat(entered).isPositive();
      limited += limit.limit() < Integer.MAX_VALUE ? 1 : 0;
      // They leave one by one, as others come in their place.
      for (int j = 0; j < 50 && limit.inFlight() > 1; j++) {
        limit.leave(true, nanos, Mode.ON, now);
        boolean again = limit.enters(Mode.ON);
        assertThat(again || limit.limit() < Integer.MAX_VALUE).isTrue();
      }
    }
    assertThat(limited).isPositive();
    assertThat(limit.limit()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void neverLimitsToLessThanForty() {
    GradientLimit limit = new GradientLimit(0);
    long now = 0;
    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.enters(Mode.ON)).isTrue();
    }
    for (int i = 0; i < 500; i++) {
      now += 10 * MILLI;
      limit.leave(true, i < 20 ? MILLI : SECOND, Mode.ON, now);
      boolean unused = limit.enters(Mode.ON);
      assertThat(limit.limit()).isGreaterThanOrEqualTo(40);
    }
    assertThat(limit.limit()).isLessThan(100);
  }
}
