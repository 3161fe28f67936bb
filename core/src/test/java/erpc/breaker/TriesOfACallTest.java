package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.Tries.Action;
import erpc.breaker.Tries.Kind;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What is decided about tries, told by all short sequences of what may happen to them. */
class TriesOfACallTest {
  private static final long MILLI = 1_000_000L;
  // No constant of the compiler's, which would object that the sums below overflow, as clocks may.
  private static final long START_NANOS =
      Math.addExact(Long.MAX_VALUE - 5 * MILLI, 0); // The clock wraps around.
  private static final Status FULL = Status.of(Code.RESOURCE_EXHAUSTED, "full");
  private static final Status REFUSED = Status.of(Code.UNAVAILABLE, "refused");

  private static final String GONE = "gone";

  /** What one step tells the tries. */
  private record Event(String name, Status status, Told told) {
    @Override
    public String toString() {
      return name;
    }
  }

  @FunctionalInterface
  private interface Told {
    Action to(Tries tries, long nowNanos);
  }

  /** All that may happen to a try. */
  private static final List<Event> EVENTS = events();

  private static List<Event> events() {
    List<Event> all = new ArrayList<>();
    List<Status> statuses = new ArrayList<>();
    for (Code code :
        List.of(Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.DEADLINE_EXCEEDED, Code.ABORTED)) {
      for (Started started : Started.values()) {
        statuses.add(Status.of(code, "").withStarted(started));
        statuses.add(Status.of(code, "").withStarted(started).asRemote());
      }
    }
    for (int flags = 0; flags < 8; flags++) {
      boolean repeatable = (flags & 1) != 0;
      boolean elsewhere = (flags & 2) != 0;
      boolean mayFree = (flags & 4) != 0;
      all.add(
          new Event(
              "noRoom(" + repeatable + ", " + elsewhere + ", " + mayFree + ")",
              FULL,
              (tries, now) -> tries.noRoom(FULL, repeatable, elsewhere, mayFree, now)));
      if (!mayFree) {
        for (Status status : statuses) {
          all.add(
              new Event(
                  "failed(" + status + ", " + repeatable + ", " + elsewhere + ")",
                  status,
                  (tries, now) -> tries.failed(status, TryEnd.PLAIN, repeatable, elsewhere, now)));
        }
      }
    }
    all.add(new Event("nowhere", REFUSED, (tries, now) -> tries.nowhere(REFUSED, false)));
    all.add(new Event(GONE, REFUSED, (tries, now) -> tries.nowhere(REFUSED, true)));
    return all;
  }

  /** Chance that always takes the least, or the most. */
  private record Extreme(boolean most) implements RandomGenerator {
    @Override
    public long nextLong() {
      return 0;
    }

    @Override
    public long nextLong(long bound) {
      return most ? bound - 1 : 0;
    }
  }

  /** A call whose tries come to this, as its driver would run it. */
  private static final class Run {
    final int maxAttempts;
    final boolean idempotent;
    final long deadlineNanos;
    final List<Event> happened;
    final List<Action> answers = new ArrayList<>();
    final Tries tries;
    long nowNanos = START_NANOS;
    boolean over;

    Run(
        int maxAttempts,
        boolean idempotent,
        long timeoutNanos,
        boolean mostWait,
        List<Event> events) {
      this.maxAttempts = maxAttempts;
      this.idempotent = idempotent;
      this.deadlineNanos = START_NANOS + timeoutNanos;
      this.happened = events;
      tries =
          new Tries(
              Tries.Plan.of(maxAttempts, idempotent), new Extreme(mostWait), deadlineNanos, 0);
      tell(tries.ready(nowNanos));
      for (Event each : events) {
        if (!over) {
          tell(each.told.to(tries, nowNanos));
          if (!over) {
            tell(tries.ready(nowNanos));
          }
        }
      }
    }

    private void tell(Action action) {
      answers.add(action);
      nowNanos += action.waitNanos();
      over = action.kind() == Kind.END;
    }

    Action last() {
      return answers.getLast();
    }

    @Override
    public String toString() {
      return "maxAttempts %d, %s, %d ms: %s -> %s"
          .formatted(
              maxAttempts,
              idempotent ? "idempotent" : "not idempotent",
              (deadlineNanos - START_NANOS) / MILLI,
              happened,
              answers);
    }
  }

  /** Checks every call to which at most so many things happen. */
  private static void all(int most, Consumer<Run> check) {
    for (int flags = 0; flags < 8; flags++) {
      boolean idempotent = (flags & 1) != 0;
      boolean mostWait = (flags & 2) != 0;
      long timeoutNanos = (flags & 4) != 0 ? 60 * MILLI : 3_600_000 * MILLI;
      for (int attempts = 1; attempts <= 3; attempts++) {
        longer(attempts, idempotent, timeoutNanos, mostWait, List.of(), most, check);
      }
    }
  }

  private static void longer(
      int attempts,
      boolean idempotent,
      long timeoutNanos,
      boolean mostWait,
      List<Event> before,
      int more,
      Consumer<Run> check) {
    for (Event each : EVENTS) {
      List<Event> events = new ArrayList<>(before);
      events.add(each);
      Run run = new Run(attempts, idempotent, timeoutNanos, mostWait, events);
      check.accept(run);
      if (!run.over && more > 1) {
        longer(attempts, idempotent, timeoutNanos, mostWait, events, more - 1, check);
      }
    }
  }

  private static void hold(boolean holds, String what, Run run) {
    if (!holds) {
      assertThat(run).as(what).isNull();
    }
  }

  @Test
  void callThatIsNotIdempotentIsTriedAgainOnlyWhileNothingHasStarted() {
    all(
        3,
        run -> {
          if (!run.over && !run.idempotent) {
            hold(
                run.happened.stream().allMatch(each -> each.status.started() == Started.NO),
                "a try may have run and there is another",
                run);
          }
        });
  }

  @Test
  void onlyFailuresThatMayPassAreTriedAgain() {
    all(
        3,
        run -> {
          if (!run.over) {
            hold(
                run.happened.stream()
                    .allMatch(each ->
                        each.status.code() == Code.UNAVAILABLE
                            || (each.status.started() == Started.NO
                                && (each.status.isRemote() || each.status == FULL)
                                && each.status.code() != Code.ABORTED)),
                "a failure is not final",
                run);
          }
        });
  }

  private static boolean isTry(Event event) {
    return event.status != FULL && !event.name.equals(GONE);
  }

  @Test
  void thereAreNeverMoreTriesThanAllowed() {
    all(
        3,
        run -> {
          long sent = run.happened.stream().filter(TriesOfACallTest::isTry).count();
          hold(run.tries.made() <= run.maxAttempts, "too many tries", run);
          hold(run.over || sent < run.maxAttempts, "a failed try too many", run);
        });
  }

  @Test
  void theEndSaysHowFarAnyTryMayHaveGot() {
    all(
        3,
        run -> {
          if (run.over) {
            Started furthest = Started.NO;
            for (Event each : run.happened) {
              Started its = each.status.started();
              furthest = its.compareTo(furthest) > 0 ? its : furthest;
            }
            hold(run.last().status().started() == furthest, "the start is told wrongly", run);
          }
        });
  }

  @Test
  void noWaitReachesTheDeadline() {
    all(3, run -> hold(run.nowNanos - run.deadlineNanos < 0, "waits past the deadline", run));
  }

  @Test
  void whatIsNotRepeatableAndWhatHasNoEndpointIsOver() {
    all(
        2,
        run -> {
          for (int i = 0; i < run.happened.size() - 1; i++) {
            String name = run.happened.get(i).name;
            hold(!name.equals("nowhere") && !name.contains("(false"), "it goes on", run);
          }
        });
  }

  private static Tries tries(int maxAttempts, boolean mostWait) {
    return new Tries(
        Tries.Plan.of(maxAttempts, false),
        new Extreme(mostWait),
        START_NANOS + 3_600_000 * MILLI,
        1);
  }

  @Test
  void failedConnectionGoesElsewhereAtOnceAndElseWaitsTwiceAsLongEachTime() {
    assertThat(tries(3, true).failed(REFUSED, TryEnd.PLAIN, true, true, START_NANOS).kind())
        .isEqualTo(Kind.TRY);
    Tries alone = tries(100, true);
    long now = START_NANOS;
    for (long most : new long[] {50, 100, 200, 400, 800, 1_600, 2_000, 2_000}) {
      Action action = alone.failed(REFUSED, TryEnd.PLAIN, true, false, now);
      assertThat(action.waitNanos()).isEqualTo(most * MILLI);
      assertThat(action.kind()).isEqualTo(Kind.WAIT);
      now += action.waitNanos();
      assertThat(alone.ready(now).kind()).isEqualTo(Kind.TRY);
    }
  }

  @Test
  void refusalForLoadWaitsEvenIfThereAreOtherEndpoints() {
    Status refusal = Status.of(Code.RESOURCE_EXHAUSTED, "too much").asRemote();
    Action action = tries(3, false).failed(refusal, TryEnd.PLAIN, true, true, START_NANOS);
    assertThat(action.kind()).isEqualTo(Kind.WAIT);
    assertThat(action.waitNanos()).isEqualTo(1);
  }

  @Test
  void deadlineThatOnlyTheServerSawIsTriedAgainOnceItKnowsTheClocks() {
    Status mistaken = Status.of(Code.DEADLINE_EXCEEDED, "late").asRemote();
    assertThat(tries(3, false).failed(mistaken, TryEnd.PLAIN, true, true, START_NANOS).waitNanos())
        .isEqualTo(20 * MILLI);
    assertThat(tries(3, true).failed(mistaken, TryEnd.PLAIN, true, true, START_NANOS).waitNanos())
        .isEqualTo(40 * MILLI - 1);
  }

  @Test
  void fullEndpointsAreLeftForOthersFourTimesAtMostAndThatIsNoTry() {
    Tries tries = tries(1, true);
    for (int i = 0; i < Tries.MOST_DETOURS; i++) {
      assertThat(tries.noRoom(FULL, true, true, false, START_NANOS).kind()).isEqualTo(Kind.TRY);
      assertThat(tries.ready(START_NANOS).kind()).isEqualTo(Kind.TRY);
      assertThat(tries.made()).isEqualTo(1);
    }
    Action last = tries.noRoom(FULL, true, true, false, START_NANOS);
    assertThat(last).isEqualTo(new Action(Kind.END, 0, FULL));
  }

  @Test
  void placeThatWasLetGoIsFoundAnewFourTimesAtMostAndThatIsNoTry() {
    Tries tries = tries(1, true);
    for (int i = 0; i < Tries.MOST_DETOURS; i++) {
      assertThat(tries.nowhere(REFUSED, true).kind()).isEqualTo(Kind.TRY);
      assertThat(tries.ready(START_NANOS).kind()).isEqualTo(Kind.TRY);
      assertThat(tries.made()).isEqualTo(1);
    }
    assertThat(tries.nowhere(REFUSED, true)).isEqualTo(new Action(Kind.END, 0, REFUSED));
  }

  @Test
  void connectionThatAnotherCallHasIsWaitedFor() {
    Tries tries = tries(2, true);
    Action action = tries.noRoom(FULL, true, false, true, START_NANOS);
    assertThat(action.kind()).isEqualTo(Kind.WAIT);
    assertThat(tries.ready(START_NANOS + action.waitNanos()).kind()).isEqualTo(Kind.TRY);
    assertThat(tries.noRoom(FULL, true, false, true, START_NANOS).kind()).isEqualTo(Kind.END);
  }

  @Test
  void endpointsAreWaitedForUntilPatienceOrTheDeadlineEnds() {
    Tries tries =
        new Tries(Tries.Plan.of(3, false), new Extreme(true), START_NANOS + 60 * MILLI, 0);
    assertThat(tries.unresolved(Long.MAX_VALUE, REFUSED, START_NANOS).waitNanos())
        .isEqualTo(60 * MILLI);
    assertThat(tries.unresolved(10 * MILLI, REFUSED, START_NANOS).waitNanos())
        .isEqualTo(10 * MILLI);
    assertThat(tries.unresolved(0, REFUSED, START_NANOS))
        .isEqualTo(new Action(Kind.END, 0, REFUSED));
    assertThat(tries.made()).isZero();
    assertThat(tries.ready(START_NANOS).kind()).isEqualTo(Kind.TRY);
  }

  @Test
  void nothingIsTriedAgainOnceTheDeadlineHasPassed() {
    Tries tries =
        new Tries(Tries.Plan.of(3, false), new Extreme(true), START_NANOS + 60 * MILLI, 1);
    Action action = tries.failed(REFUSED, TryEnd.PLAIN, true, true, START_NANOS + 59 * MILLI);
    assertThat(action.kind()).isEqualTo(Kind.TRY);
    action = tries.ready(START_NANOS + 60 * MILLI);
    assertThat(action.kind()).isEqualTo(Kind.END);
    assertThat(action.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
  }
}
