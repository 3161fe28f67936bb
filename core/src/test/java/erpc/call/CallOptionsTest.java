package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallOptionsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final TraceContext TRACE = TraceContext.of(1, 2, 3, TraceContext.SAMPLED);
  private static final CallOptions ALL =
      CallOptions.NONE
          .withTimeout(SECOND)
          .withTryTimeout(Duration.ofMillis(200))
          .withMetadata("a", "1")
          .withCodec("json")
          .withCompression("gzip")
          .withCriticality(Criticality.SHEDDABLE)
          .withAffinityKey("user 7")
          .withTag("team", "red")
          .withTrace(TRACE);

  @Test
  void sayWhatTheyWereTold() {
    assertThat(ALL.timeout()).isEqualTo(SECOND);
    assertThat(ALL.tryTimeout()).isEqualTo(Duration.ofMillis(200));
    assertThat(ALL.metadata().text("a")).isEqualTo("1");
    assertThat(ALL.codec()).isEqualTo("json");
    assertThat(ALL.compression()).isEqualTo("gzip");
    assertThat(ALL.criticality()).isEqualTo(Criticality.SHEDDABLE);
    assertThat(ALL.affinityKey()).isEqualTo("user 7");
    assertThat(ALL.tags()).isEqualTo(Map.of("team", "red"));
    assertThat(ALL.trace()).isEqualTo(TRACE);
    assertThat(CallOptions.NONE.timeout()).isNull();
  }

  @Test
  void whatTheyDoNotSayTheWeakerOnesSay() {
    assertThat(CallOptions.NONE.over(ALL)).isSameAs(ALL);
    assertThat(ALL.over(CallOptions.NONE)).isSameAs(ALL);
    CallOptions some =
        CallOptions.NONE
            .withTimeout(Duration.ofMillis(5))
            .withMetadata("b", "2")
            .withTag("team", "blue")
            .withTag("shift", "night");
    CallOptions both = some.over(ALL);
    assertThat(both.timeout()).isEqualTo(Duration.ofMillis(5));
    assertThat(both.codec()).isEqualTo("json");
    assertThat(both.trace()).isEqualTo(TRACE);
    assertThat(both.criticality()).isEqualTo(Criticality.SHEDDABLE);
    assertThat(both.metadata().text("a")).isEqualTo("1");
    assertThat(both.metadata().text("b")).isEqualTo("2");
    assertThat(both.tags()).isEqualTo(Map.of("team", "blue", "shift", "night"));
    assertThat(ALL.over(some).over(some)).isEqualTo(ALL.over(some));
    assertThat(ALL.withoutTimeout().over(some).timeout()).isEqualTo(Duration.ofMillis(5));
  }

  @Test
  void anEntryOfWeakerMetadataCountsIfItsKeyIsNotSaid() {
    Metadata weaker = Metadata.of("a", "1").with("a", "2").with("b", "3");
    Metadata both = Metadata.of("a", "own").over(weaker);
    assertThat(both).isEqualTo(Metadata.of("a", "own").with("b", "3"));
    assertThat(Metadata.EMPTY.over(weaker)).isSameAs(weaker);
    assertThat(weaker.over(Metadata.EMPTY)).isSameAs(weaker);
  }

  @Test
  void refuseATryTimeoutThatLeavesNoTime() {
    assertThatThrownBy(() -> CallOptions.NONE.withTryTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tryTimeout must be positive");
  }

  @Test
  void whatTheySayOfTriesCountsPieceByPiece() {
    CallOptions weaker =
        CallOptions.NONE
            .withTryTimeout(SECOND)
            .withTryTimeoutPercentile(0.99)
            .withForks(3)
            .withRetryOn(Set.of(Status.Code.INTERNAL))
            .withHedging(0.05);
    assertThat(CallOptions.NONE.withHedging(0).over(weaker).hedging()).isZero();
    CallOptions both = CallOptions.NONE.withFailureMode(FailureMode.FAILFAST).over(weaker);
    assertThat(both.failureMode()).isEqualTo(FailureMode.FAILFAST);
    assertThat(both.forks()).isEqualTo(3);
    assertThat(both.retryOn()).containsExactly(Status.Code.INTERNAL);
    assertThat(both.tryTimeout()).isEqualTo(SECOND);
    assertThat(both.tryTimeoutPercentile()).isEqualTo(0.99);
    assertThat(CallOptions.NONE.withRetryOn(Set.of()).over(weaker).retryOn()).isEmpty();
    assertThat(weaker.toString())
        .contains("tryTimeout=PT1S", "tryTimeoutPercentile=0.99", "failureMode=FORK", "forks=3")
        .contains("retryOn=[INTERNAL]", "hedging=0.05");
    assertThat(CallOptions.NONE.forks()).isEqualTo(2);
    assertThat(weaker).isNotEqualTo(weaker.withHedging(0.1)).isEqualTo(weaker.withHedging(0.05));
  }

  @Test
  void refuseWhatWouldMeanNothingForTries() {
    assertThatThrownBy(() -> CallOptions.NONE.withHedging(0.6)).hasMessageContaining("0.6");
    assertThatThrownBy(() -> CallOptions.NONE.withHedging(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> CallOptions.NONE.withForks(1)).hasMessageContaining("not 1");
    assertThatThrownBy(() -> CallOptions.NONE.withForks(9)).hasMessageContaining("not 9");
    assertThatThrownBy(() -> CallOptions.NONE.withTryTimeoutPercentile(1))
        .hasMessageContaining("0.9999");
    assertThatThrownBy(() -> CallOptions.NONE.withRetryOn(Set.of(Status.Code.UNAVAILABLE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not UNAVAILABLE");
    assertThatThrownBy(() -> CallOptions.NONE.withFailureMode(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void ofTwoTracesTheirOwnCounts() {
    TraceContext own = TraceContext.of(4, 5, 6, 0);
    assertThat(CallOptions.NONE.withTrace(own).over(ALL).trace()).isEqualTo(own);
    assertThat(ALL.withTrace(own)).isNotEqualTo(ALL);
    assertThatThrownBy(() -> CallOptions.NONE.withTrace(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("trace");
  }

  @Test
  void showNoValuesThatMayBeSecrets() {
    String shown = ALL.withMetadata("authorization", "Bearer secret").toString();
    assertThat(shown).contains("authorization", "team").doesNotContain("secret", "user 7", "red");
  }

  @Test
  void aRequestBeginsWithWhatItsMethodSays() {
    Method<String, String> method =
        Method.unary("demo.a", String.class, String.class).timeout(SECOND).idempotent();
    assertThat(method.timeout()).isEqualTo(SECOND);
    assertThat(Request.of(method, "x").timeout()).isEqualTo(SECOND);
    assertThat(Request.of(method, "x").withTimeout(Duration.ZERO).timeout()).isZero();
    Method<String, String> plain = Method.unary("demo.a", String.class, String.class);
    assertThat(Request.of(plain, "x").withMethod(method).timeout()).isEqualTo(SECOND);
    assertThat(Request.of(plain, "x").withOptions(ALL).withCodec("pb").options())
        .isEqualTo(ALL.withCodec("pb"));
  }

  @Test
  void criticalitiesHaveNumbers() {
    for (Criticality each : Criticality.values()) {
      assertThat(Criticality.of(each.number())).isSameAs(each);
    }
    assertThat(Criticality.CRITICAL.number()).isZero();
    assertThat(Criticality.of(200)).isSameAs(Criticality.SHEDDABLE_LATER);
  }

  @Test
  void aStatusSaysHowLongToWait() {
    Status busy = Status.of(Status.Code.RESOURCE_EXHAUSTED, "busy");
    assertThat(busy.retryAfter()).isNull();
    assertThat(busy.withRetryAfter(SECOND).withStarted(Status.Started.NO).retryAfter())
        .isEqualTo(SECOND);
    assertThat(busy.withRetryAfter(Duration.ofDays(99)).retryAfter()).isEqualTo(Status.NEVER_AGAIN);
    assertThat(busy.withRetryAfter(SECOND).withRetryAfter(null)).isEqualTo(busy);
    assertThat(busy.asPassedOn()).isNotEqualTo(busy);
    assertThatThrownBy(() -> busy.withRetryAfter(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
