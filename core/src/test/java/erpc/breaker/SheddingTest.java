package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.QueueOfCalls.Call;
import erpc.breaker.QueueOfCalls.Source;
import erpc.call.Criticality;
import erpc.settings.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A server that sheds, on a queue that is simulated. */
class SheddingTest {
  private static final long MICRO = 1_000L;
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final long END = 20 * SECOND;

  private final Shedding shedding = new Shedding(0);
  private final CallerShares shares = new CallerShares(0);
  private final List<String> news = new ArrayList<>();
  private boolean fair;
  private Mode mode = Mode.ON;

  private QueueOfCalls server(int processors, long seed) {
    return new QueueOfCalls(processors, SECOND, seed, new Sheds());
  }

  private final class Sheds implements QueueOfCalls.Guard {
    @Override
    public boolean admits(Call call, long now) {
      Criticality how = call.source.criticality;
      if (fair && shedding.isShedding()) {
        call.place = shares.place(call.source.caller, shedding.passing(how), call.chance, now);
      }
      boolean admitted = shedding.admits(how, call.place, mode, now);
      String said = shedding.news();
      if (said != null) {
        news.add(said);
      }
      return admitted;
    }

    @Override
    public boolean begins(Call call, long delay, long now) {
      return shedding.begins(call.source.criticality, call.place, delay, mode, now);
    }

    @Override
    public void ended(Call call, long now) {}
  }

  private static Source source(Criticality how, double perSecond, long service) {
    return new Source(how.name(), how, perSecond, service, 0, END);
  }

  @Test
  void fiveTimesTooMuchKeepsTheServerAtWorkAndRefusesInTime() {
    for (long seed = 1; seed <= 3; seed++) {
      SheddingTest fresh = new SheddingTest();
      QueueOfCalls server = fresh.server(1, seed);
      Source source = source(Criticality.DEFAULT, 5_000, MILLI);
      server.add(source);
      server.run();
      assertThat(source.workedNanos).isGreaterThan(END * 9 / 10);
      assertThat(source.longestRefusalNanos).isLessThan(500 * MILLI);
      assertThat(source.served + source.refused).isGreaterThan(source.offered * 98 / 100);
    }
  }

  @Test
  void sameHoldsOfManyProcessorsAndShortCalls() {
    QueueOfCalls server = server(4, 3);
    Source source = source(Criticality.DEFAULT, 20_000, MILLI);
    server.add(source);
    server.run();
    assertThat(source.workedNanos).isGreaterThan(4 * END * 9 / 10);
    assertThat(source.longestRefusalNanos).isLessThan(500 * MILLI);
  }

  @Test
  void withoutItNearlyAllCallsWouldBeLate() {
    QueueOfCalls server =
        new QueueOfCalls(
            1,
            SECOND,
            1,
            new QueueOfCalls.Guard() {
              @Override
              public boolean admits(Call call, long now) {
                return true;
              }

              @Override
              public boolean begins(Call call, long delay, long now) {
                return true;
              }

              @Override
              public void ended(Call call, long now) {}
            });
    Source source = source(Criticality.DEFAULT, 5_000, MILLI);
    server.add(source);
    server.run();
    assertThat(source.workedNanos).isLessThan(END / 10);
  }

  @Test
  void leastCriticalCallsAreShedFirst() {
    QueueOfCalls server = server(1, 9);
    List<Source> all = new ArrayList<>();
    for (Criticality each : Criticality.values()) { // Each is 60 % of what the server can do.
      Source source = source(each, 600, MILLI);
      all.add(source);
      server.add(source);
    }
    server.run();
    assertThat(all.get(0).servedShare()).isGreaterThan(0.97);
    assertThat(all.get(1).servedShare()).isBetween(0.5, 0.7);
    assertThat(all.get(2).servedShare()).isLessThan(0.05);
    assertThat(all.get(3).servedShare()).isLessThan(0.05);
  }

  @Test
  void criticalCallsAreServedAlsoWhileAnOverloadBegins() {
    for (long seed = 1; seed <= 5; seed++) {
      SheddingTest fresh = new SheddingTest();
      QueueOfCalls server = fresh.server(1, seed);
      Source critical = source(Criticality.CRITICAL, 400, MILLI);
      Source rest = source(Criticality.SHEDDABLE, 4_600, MILLI);
      server.add(critical);
      server.add(rest);
      server.run();
      assertThat(critical.servedShare()).isGreaterThan(0.995);
      assertThat(critical.workedNanos + rest.workedNanos).isGreaterThan(END * 95 / 100);
    }
  }

  @Test
  void burstThatAnIdleServerFinishesWithinAWindowIsNeverRefused() {
    QueueOfCalls server = server(1, 4);
    Source source = source(Criticality.SHEDDABLE_LATER, 1, 20 * MICRO);
    for (long at = 0; at < END; at += 37 * MILLI) { // At all moments of windows.
      server.at(
          at,
          () -> {
            for (int i = 0; i < 1_000; i++) {
              server.arrives(source);
            }
          });
    }
    server.run();
    assertThat(source.offered).isGreaterThan(100_000);
    assertThat(source.refused).isZero();
  }

  @Test
  void longBurstsOfAnIdleServerAreNotRefusedEither() {
    QueueOfCalls server = server(1, 4);
    Source source = source(Criticality.SHEDDABLE_LATER, 1, 95 * MICRO);
    for (long at = 0; at < END; at += 137 * MILLI) {
      server.at(
          at,
          () -> {
            for (int i = 0; i < 1_000; i++) {
              server.arrives(source);
            }
          });
    }
    server.run();
    assertThat(source.refused).isZero();
  }

  @Test
  void slowAndQuickMethodsSideBySideAreNotRefused() {
    for (long seed = 1; seed <= 20; seed++) {
      SheddingTest fresh = new SheddingTest();
      QueueOfCalls server = fresh.server(4, seed);
      Source slow = source(Criticality.DEFAULT, 0.2 * 4 * 5, 200 * MILLI);
      Source quick = source(Criticality.DEFAULT, 0.2 * 4 * 5_000, 200 * MICRO);
      server.add(slow);
      server.add(quick);
      server.run();
      assertThat(slow.refused).isZero();
      assertThat(quick.refused).isZero();
    }
  }

  @Test
  void nothingIsRefusedAtNineTenths() {
    QueueOfCalls server = server(1, 8);
    Source source = source(Criticality.SHEDDABLE_LATER, 4_500, 200 * MICRO);
    server.add(source);
    server.run();
    assertThat(source.refused).isZero();
  }

  @Test
  void allPassAgainSoonAfterAnOverload() {
    QueueOfCalls server = server(1, 2);
    Source flood = new Source("a", Criticality.DEFAULT, 5_000, MILLI, 0, 5 * SECOND);
    Source later = new Source("a", Criticality.DEFAULT, 500, MILLI, 7 * SECOND, END);
    server.add(flood);
    server.add(later);
    server.run();
    assertThat(later.refused).isZero();
    assertThat(news).hasSize(2);
    assertThat(news.getFirst())
        .startsWith("refuses calls: none has begun within ")
        .contains(" for 300 ms; ")
        .endsWith(" of those that are DEFAULT pass, and all that are more critical");
    assertThat(news.getLast()).isEqualTo("refuses no calls any more: there is no queue");
  }

  @Test
  void callerThatFloodsDoesNotTakeOthersShare() {
    fair = true;
    QueueOfCalls server = server(1, 6);
    Source flood = new Source("flood", Criticality.DEFAULT, 5_000, MILLI, 0, END);
    server.add(flood);
    List<Source> others = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Source other = new Source("other " + i, Criticality.DEFAULT, 50, MILLI, 0, END);
      others.add(other);
      server.add(other);
    }
    server.run();
    for (Source each : others) {
      assertThat(each.servedShare()).as(each.caller).isGreaterThan(0.9);
    }
    long worked = flood.workedNanos + others.stream().mapToLong(each -> each.workedNanos).sum();
    assertThat(worked).isGreaterThan(END * 9 / 10);
  }

  @Test
  void dryRunRefusesNothingAndCountsAndSaysWhatItWould() {
    mode = Mode.DRY_RUN;
    QueueOfCalls server = server(1, 2);
    Source flood = new Source("a", Criticality.DEFAULT, 2_000, MILLI, 0, 5 * SECOND);
    server.add(flood);
    server.run();
    assertThat(flood.refused).isZero();
    assertThat(shedding.refusals()).isPositive();
    assertThat(news.getFirst())
        .startsWith("would refuse calls, were it no dry run: none has begun");
  }

  @Test
  void whatIsOffRefusesNothingAndSaysNothingAndActsOnceItIsOn() {
    mode = Mode.OFF;
    QueueOfCalls server = server(1, 2);
    Source flood = new Source("a", Criticality.DEFAULT, 2_000, MILLI, 0, 10 * SECOND);
    server.add(flood);
    server.at(
        5 * SECOND,
        () -> {
          assertThat(flood.refused).isZero();
          assertThat(news).isEmpty();
          mode = Mode.ON;
        });
    server.run();
    assertThat(flood.refused).isPositive();
    assertThat(news).isNotEmpty();
  }

  @Test
  void callsThatNeverBeginDoNotCountAsWaiting() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(shedding.admits(Criticality.DEFAULT, 0, Mode.ON, i * MILLI)).isTrue();
      Objects.requireNonNull(shedding).gone();
    }
    assertThat(shedding.isShedding()).isFalse();
  }
}
